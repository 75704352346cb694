"""The sandbox: what an agency tries is judged and merged as in production, and stays where it is."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from cli.demo.log_reader import read
from cli.stack.local import Stack
from schemas.contract import Contract
from tests.conftest import one_database
from tests.eventually import eventually
from tests.hub import Hub, make_hub
from tests.hub_db.documents import person_row, place_row


@pytest.fixture(scope="module")
def tried(stack: Stack, template: str) -> Iterator[tuple[Hub, Contract, Contract]]:
    """A hub whose agency has sent to its sandbox and to production, with what both have in common."""
    with one_database(stack, template) as database, make_hub(database) as hub:
        places, people = replace(hub.places, sandbox=True), replace(hub.people, sandbox=True)
        admin = KafkaAdminClient(**hub.stack.kafka().kafka_python())
        admin.create_topics([NewTopic(each.topic, 1, 1) for each in (places, people)])
        admin.close()
        for here, there in ((places, hub.places), (people, hub.people)):
            hub.schema_ids[here.topic] = hub.schema_ids[there.topic]
        with hub.worker(), hub.publisher():
            hub.send(hub.places, [hub.event(hub.places, "open", 1, place_row("open"))])
            hub.settled(1)
            rows = [("waits", "later"), ("lives", "open"), ("lost", "nowhere")]
            bad = (b"bad", b"\x07broken", hub.event(people, "bad", 1, None)[2])
            hub.send(people, [bad, *(hub.event(people, key, 1, person_row(key, place)) for key, place in rows)])
            hub.settled(5, parked=2)
            hub.send(places, [hub.event(places, "later", 1, place_row("later"))])
            hub.send(hub.people, [hub.event(hub.people, "real", 1, person_row("real", "later"))])
            hub.settled(7, parked=2)  # "lost", and the one of production, which knows nothing of the sandbox
            eventually(lambda: hub.ask("select count(*) from hub.batch where round is null and accepted > 0"),
                       until=lambda found: found == [(0,)])  # fmt: skip
            yield hub, places, people


def rows(hub: Hub, columns: str, document: str) -> list[tuple[object, ...]]:
    """Of one document's table in the sandbox."""
    return hub.ask(f"select {columns} from uji.{hub.opd}_{document} order by 1")  # noqa: S608


def test_sandbox_rows_are_merged_where_they_refer_to_either_side(tried: tuple[Hub, Contract, Contract]) -> None:
    hub, _, _ = tried

    assert rows(hub, "nomor, tempat", "orang") == [
        ("lives", "open"),
        ("waits", "later"),
    ]
    assert rows(hub, "kode", "tempat") == [("later",)]


def test_production_knows_nothing_of_the_sandbox(tried: tuple[Hub, Contract, Contract]) -> None:
    hub, _, people = tried
    parked = hub.ask("select topic, key, missing_key from hub.parked order by topic")

    assert parked == [(hub.people.topic, "real", "later"), (people.topic, "lost", "nowhere")]
    assert hub.ask("select kode from reference.tempat") == [("open",)]
    assert hub.ask("select count(*) from reference.orang") == [(0,)]


def test_nothing_of_the_sandbox_is_published(tried: tuple[Hub, Contract, Contract]) -> None:
    hub, places, people = tried
    topics = [hub.places.reference_topic, hub.people.reference_topic, hub.people.dead_letter_topic]
    source = hub.opd.encode()
    sources = [(each.key, dict(each.headers)["simpul_source"] or b"") for each in read(hub.stack.kafka(), topics)]
    ours = [key for key, told in sources if told.startswith(source)]

    assert ours == [b"open"]
    assert hub.ask(
        "select distinct t.name, b.round from hub.batch b join hub.topic t using (topic_id)"
        " where b.kind = 'batch' and starts_with(t.name, 'uji.') order by 1"
    ) == [(people.topic, 0), (places.topic, 0)]
    assert hub.ask("select t.name, l.code, l.round from hub.dead_letter l join hub.topic t using (topic_no)") == [
        (people.topic, "magic", 0)
    ]


def test_each_topic_adds_up(tried: tuple[Hub, Contract, Contract]) -> None:
    hub, places, people = tried
    found = hub.ask(
        "select t.name, o.records, o.accepted, o.known, o.parked, o.dead from hub.consumer_offset o"
        " join hub.topic t using (topic_id) where o.records > 0 order by 1"
    )

    assert [row for row in found if row[0].startswith("uji.")] == [
        (people.topic, 4, 2, 0, 1, 1),
        (places.topic, 1, 1, 0, 0, 0),
    ]


def test_merged_events_are_a_fact_once_unless_something_is_returned(tried: tuple[Hub, Contract, Contract]) -> None:
    hub, places, _ = tried

    assert hub.ask("select key, data from hub.fact where kind = 'sandbox.merged' order by key") == [
        (places.name, {"topic": places.topic, "events": 1}),
    ]

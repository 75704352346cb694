"""A document that comes into production is read by the worker that runs; the others go on, nothing of them is lost."""

import signal
import threading
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from hub_db.sources import SourceState
from identity.actors import Actor
from registry.provisioning.state_changes import change_state
from schemas.contract import Contract, Value
from schemas.loader import read
from schemas.names import TopicName
from tests.approval import approve
from tests.eventually import eventually
from tests.hub import Hub
from tests.hub_db.documents import contract, place_row, text
from tests.schemas.contracts import schema_of

BY = Actor.command("budi")
ROWS = 400


def roads(hub: Hub) -> Contract:
    """One more document of the hub's agency."""
    schema = schema_of(contract("jalan", "kode", text("kode", maxLength=20), text("nama", maxLength=40)))
    schema["contract"]["opd"] = hub.opd
    schema["namespace"] = f"id.example.{hub.opd}"
    return read(schema, file="jalan.avsc")


def road_row(kode: str) -> dict[str, Value]:
    return {key: value for key, value in place_row(kode).items() if key != "induk"}


def of_topic(hub: Hub, topic: TopicName) -> tuple[int, int]:
    """Records and accepted of one topic."""
    query = (
        "select coalesce(sum(records), 0), coalesce(sum(accepted), 0) from hub.consumer_offset"
        " join hub.topic using (topic_id) where name = %s"
    )
    records, accepted = hub.ask(query, topic)[0]
    return int(records), int(accepted)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_new_document_is_read_while_another_flows(hub: Hub, workers: int) -> None:
    new = roads(hub)
    sent = threading.Event()

    def flow() -> None:
        """Places, a few at a time, before, while and after the group is joined anew."""
        for start in range(0, ROWS, 4):
            rows = [(f"k{n}", place_row(f"k{n}")) for n in range(start, start + 4)]
            hub.send(hub.places, [hub.event(hub.places, key, 1, row) for key, row in rows])
            sent.wait(0.05)

    with ExitStack() as stack:
        processes = [stack.enter_context(hub.worker()) for _ in range(workers)]
        hub.send(hub.places, [hub.event(hub.places, "first", 1, place_row("first"))])
        hub.settled(1)
        flowing = threading.Thread(target=flow)
        flowing.start()
        hub.open_documents(new, partitions=2)
        hub.send(new, [hub.event(new, f"j{n}", 1, road_row(f"j{n}")) for n in range(50)])
        came = eventually(lambda: of_topic(hub, new.topic), until=lambda found: found[0] >= 50, within_s=30)
        still_flowing = flowing.is_alive()
        flowing.join()
        totals = hub.settled(ROWS + 51)
        ended = [each.poll() for each in processes if each.poll() is not None]

    assert (came, totals, still_flowing, ended) == ((50, 50), (ROWS + 51, ROWS + 51, 0, 0, 0), True, [])
    assert hub.ask("select count(*) from reference.tempat where not _deleted") == [(ROWS + 1,)]
    assert hub.ask("select count(*) from reference.jalan where not _deleted") == [(50,)]


def test_a_document_leaves_its_sandbox_without_a_restart(hub: Hub) -> None:
    new = roads(hub)
    with hub.owner.transaction():
        hub.owner.execute(
            "insert into hub.source_state (opd, document, number, state, by, by_kind, role, reason, at) values"
            " (%s, %s, 1, 'uji', 'budi', 'system', null, 'Untuk pengujian.', now())",
            (new.opd, new.document),
        )
    with hub.worker() as worker:
        hub.open_documents(new, partitions=1)
        hub.send(new, [hub.event(new, "j1", 1, road_row("j1"))])
        hub.send(hub.places, [hub.event(hub.places, "k1", 1, place_row("k1"))])
        hub.settled(1)
        before = of_topic(hub, new.topic)
        with hub.owner.transaction():
            change_state(
                hub.owner, new.opd, new.document, SourceState.PRATINJAU,
                reason="Lulus uji integrasi.", by=BY, now=datetime.now(UTC),
            )  # fmt: skip
        after = eventually(lambda: of_topic(hub, new.topic), until=lambda found: found[0] >= 1, within_s=30)
        same_process = worker.poll() is None

    assert (before, after, same_process) == ((0, 0), (1, 1), True)


def test_a_topic_that_is_made_later_is_read_then(hub: Hub) -> None:
    """The state says so first, the keeper makes the topic after; an orderly stop ends the worker as before."""
    new = roads(hub)
    with hub.worker() as worker:
        hub.schema_ids[new.topic] = approve(hub.owner, new)
        hub.send(hub.places, [hub.event(hub.places, "k1", 1, place_row("k1"))])
        hub.settled(1)
        admin = KafkaAdminClient(**hub.stack.kafka().kafka_python())
        admin.create_topics([NewTopic(new.topic, 1, 1)])
        admin.close()
        hub.send(new, [hub.event(new, "j1", 1, road_row("j1"))])
        came = eventually(lambda: of_topic(hub, new.topic), until=lambda found: found[0] >= 1, within_s=40)
        worker.send_signal(signal.SIGTERM)
        code = worker.wait(15)

    assert (came, code) == ((1, 1), 0)

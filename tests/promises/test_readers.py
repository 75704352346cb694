"""Promise 6 for readers: the topic of a grant, read plainly, is the table with the key and the granted fields."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from cli.demo.log_reader import LogRecord, read
from cli.stack.local import Stack
from identity.actors import Actor
from identity.grants import Grant, WantedGrant, add_grant, revoke_grant
from identity.topic_copies import send_again
from registry.provisioning.reader_schemas import keep
from registry.provisioning.readers import reader_topic
from schemas.contract import Contract
from schemas.loader import read as read_contract
from schemas.names import SchemaId
from schemas.rejection import Rejection
from schemas.wire.avro import Reader
from schemas.wire.framing import unframe
from schemas.wire.registry_client import RegistryClient
from tests.approval import approve
from tests.conftest import one_database
from tests.eventually import eventually
from tests.hub import Hub, make_hub
from tests.hub_db.documents import person_row, place_row
from tests.promises.test_publication import left, round_of
from tests.schemas.contracts import schema_of

BY = Actor.command("budi")
ZONE = ZoneInfo("Asia/Jakarta")
Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A hub with one grant, and what stood in its topic and in the table at four moments."""

    hub: Hub
    topic: str
    first: tuple[list[LogRecord], Rows]  # the first copy, from a publisher that was killed and one that was not
    then: tuple[list[LogRecord], Rows]  # after creates, updates and deletes
    again: tuple[list[LogRecord], Rows]  # after a whole copy that was asked for once more
    wider: tuple[list[LogRecord], Rows]  # after the next version of the contract
    ended: tuple[list[LogRecord], Rows]  # after the grant was revoked and the table has gone on


def given(hub: Hub) -> Grant:
    """A grant on people's names, under a number that no other test on this broker has."""
    hub.owner.execute(f'alter table identity."grant" alter column id restart with {secrets.randbelow(10**9) + 1000}')
    hub.owner.execute("insert into identity.opd (code, name, short_name) values ('dinsos', 'Dinsos', 'Dinsos')")
    wanted = WantedGrant("dinsos", ("nama",), "Memadankan penerima bantuan.", "Perbup 1/2026", date(2099, 12, 31))
    with hub.owner.transaction():
        return add_grant(hub.owner, hub.people, wanted, by=BY, zone=ZONE, now=datetime.now(UTC))


def moment(hub: Hub, topic: str) -> tuple[list[LogRecord], Rows]:
    """Wait for the publisher, then read the topic to its end and the table."""
    eventually(lambda: left(hub), until=lambda count: count == 0)
    table = hub.ask("select nomor, nama from reference.orang where not _deleted")
    return list(read(hub.stack.kafka(), [topic])), {nomor: {"nomor": nomor, "nama": nama} for nomor, nama in table}


def copied(hub: Hub, topic: str) -> tuple[list[LogRecord], Rows]:
    """The same when the whole copy that is due is there."""
    eventually(lambda: hub.ask("select round from hub.reader_topic"), until=lambda found: bool(found[0][0]))
    return moment(hub, topic)


def rebuilt(hub: Hub, records: list[LogRecord]) -> Rows:
    """The table as a reader has it who knows the topic and the registry, and nothing else."""
    found: Rows = {}
    readers: dict[SchemaId, Reader] = {}
    with RegistryClient(hub.registry) as registry:
        for record in records:
            key = (record.key or b"").decode()
            found.pop(key, None)
            if record.value is None:
                continue
            framed = unframe(record.value)
            assert not isinstance(framed, Rejection)
            if framed[0] not in readers:
                readers[framed[0]] = Reader(registry.schema(framed[0]) or {})
            row = readers[framed[0]].read(framed[1])
            assert not isinstance(row, Rejection)
            found[key] = row
    return found


def schema_ids(records: list[LogRecord]) -> list[SchemaId]:
    """By which schemas the records are written, the first one first."""
    found: dict[SchemaId, None] = {}
    for record in records:
        framed = unframe(record.value) if record.value is not None else None
        if isinstance(framed, tuple):
            found[framed[0]] = None
    return list(found)


def longer_names(hub: Hub) -> Contract:
    schema = json.loads(json.dumps(schema_of(hub.people)).replace('"maxLength": 40', '"maxLength": 60'))
    return read_contract(schema, file="orang.avsc")


def send(hub: Hub, version: int, *keys: int, name: str | None) -> None:
    rows = [(f"p{n}", None if name is None else person_row(f"p{n}", "x0", name)) for n in keys]
    hub.send(hub.people, [hub.event(hub.people, key, version, row) for key, row in rows])


@pytest.fixture(scope="module")
def reading(stack: Stack, template: str) -> Iterator[Reading]:
    with one_database(stack, template) as database, make_hub(database) as hub, hub.worker():
        hub.send(hub.places, [hub.event(hub.places, "x0", 1, place_row("x0"))])
        send(hub, 1, *range(30), name="A")
        send(hub, 2, 28, 29, name=None)
        hub.settled(33)
        grant = given(hub)
        topic = reader_topic(hub.people.entity, grant.id)
        keep(hub.owner, now=datetime.now(UTC))
        admin = KafkaAdminClient(**hub.stack.kafka().kafka_python())
        admin.create_topics([NewTopic(topic, 2, 1, topic_configs={"cleanup.policy": "compact"})])
        admin.close()
        with hub.publisher(faults="outbox.produced:1:kill") as killed:
            killed.wait(60)
        with hub.publisher():
            eventually(
                lambda: hub.ask("select count(*) from hub.round where published_at is not null and records > 30"),
                until=lambda found: found[0][0] >= 1,
            )
            first = moment(hub, topic)
            send(hub, 3, 0, 1, 2, name="BARU")
            send(hub, 3, 3, 4, name=None)
            send(hub, 3, 28, name="KEMBALI")
            send(hub, 1, 50, name="LAHIR")
            hub.settled(40)
            then = moment(hub, topic)
            with hub.database.connect("simpul_web", autocommit=True) as web, web.transaction():
                send_again(web, grant.id, by=BY, now=datetime.now(UTC))
            send(hub, 4, 5, name="SEMENTARA")
            hub.settled(41)
            again = copied(hub, topic)
            approve(hub.owner, longer_names(hub))
            keep(hub.owner, now=datetime.now(UTC))
            wider = copied(hub, topic)
            with hub.owner.transaction():
                revoke_grant(hub.owner, grant.id, by=BY, reason="Tidak diperlukan lagi.", now=datetime.now(UTC))
            keep(hub.owner, now=datetime.now(UTC))
            send(hub, 5, 0, name="RAHASIA")
            hub.settled(42)
            yield Reading(hub, topic, first, then, again, wider, moment(hub, topic))


@pytest.mark.parametrize("when", ["first", "then", "again", "wider"])
def test_a_plain_reader_has_the_table_that_the_grant_shows(reading: Reading, when: str) -> None:
    records, table = getattr(reading, when)

    assert rebuilt(reading.hub, records) == table
    assert {"first": 28, "then": 28, "again": 28, "wider": 28}[when] == len(table)


def test_a_copy_whose_end_nobody_saw_comes_again_in_a_later_round(reading: Reading) -> None:
    rounds = sorted({round_of(record) for record in reading.first[0]})
    keys = [{record.key for record in reading.first[0] if round_of(record) == number} for number in rounds]

    assert len(rounds) == 2
    assert keys[0] == keys[1]
    assert len(keys[0]) == 30  # tombstones too: a reader who was away forgets what is gone


def test_rounds_only_grow_and_the_next_ones_carry_changes_alone(reading: Reading) -> None:
    newest = max(round_of(record) for record in reading.first[0])
    changed = {record.key for record in reading.then[0] if round_of(record) > newest}

    assert changed == {b"p0", b"p1", b"p2", b"p3", b"p4", b"p28", b"p50"}
    for partition in (0, 1):
        numbers = [round_of(record) for record in reading.then[0] if record.partition == partition]
        assert numbers == sorted(numbers)


def test_a_whole_copy_comes_again_for_whoever_asks_while_changes_go_on(reading: Reading) -> None:
    newest = max(round_of(record) for record in reading.then[0])
    since = [record for record in reading.again[0] if round_of(record) > newest]
    whole = {round_of(record) for record in since if record.key == b"p50"}

    assert {record.key for record in since if round_of(record) in whole} == {record.key for record in reading.then[0]}
    assert reading.again[1]["p5"]["nama"] == "SEMENTARA"
    assert reading.hub.ask("select act, details ->> 'topic' from audit.entry where act = 'grant.copy'") == [
        ("grant.copy", reading.topic)
    ]


def test_another_schema_brings_a_whole_copy_written_by_it(reading: Reading) -> None:
    newest = max(round_of(record) for record in reading.wider[0])
    copied = [record for record in reading.wider[0] if round_of(record) == newest]

    assert len(schema_ids(reading.then[0])) == 1
    assert len(schema_ids(reading.wider[0])) == 2
    assert schema_ids(copied) == schema_ids(reading.wider[0])[1:]
    assert len({record.key for record in copied}) == 31


def test_a_revoked_grant_is_fed_no_longer(reading: Reading) -> None:
    records, table = reading.ended

    assert len(records) == len(reading.wider[0])
    assert table["p0"]["nama"] == "RAHASIA"
    assert "RAHASIA" not in {row["nama"] for row in rebuilt(reading.hub, records).values()}

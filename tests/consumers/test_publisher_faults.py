"""Rows 24 and 26 of the fault matrix: two publishers, one of them back from the dead; a topic of returned events that
takes none. What readers see only grows, and ends as the table."""

import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    NewTopic,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from cli.demo.log_reader import read
from cli.stack.postgres import SUPERUSER
from tests.eventually import eventually
from tests.hub import Hub
from tests.hub_db.documents import place_row
from tests.promises.test_publication import left, of_this_hub, round_of

END_SESSION = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where application_name = 'simpul-publication' and datname = current_database()"
)
UNSENT = "select count(*) from hub.dead_letter where round is null"


def places(hub: Hub, version: int, *numbers: int) -> None:
    rows = [hub.event(hub.places, f"x{n}", version, place_row(f"x{n}", nama=f"N{version}")) for n in numbers]
    hub.send(hub.places, rows, partition=0)


def end_session(hub: Hub) -> bool:
    """What the server does with a transaction that rests too long, and an operator with a session that only rests."""
    with hub.database.connect(SUPERUSER, autocommit=True) as conn:
        return bool(conn.execute(END_SESSION).fetchall())


@pytest.mark.full
@pytest.mark.parametrize("point", ["round.opened:2", "outbox.produced:2"])
def test_24_a_publisher_that_was_frozen_sends_nothing_more_when_it_wakes(hub: Hub, point: str) -> None:
    with hub.worker(), hub.publisher(faults=f"{point}:stop") as frozen:
        places(hub, 1, *range(10))
        hub.settled(10)
        eventually(lambda: left(hub), until=lambda count: count == 0)
        places(hub, 2, *range(5))
        eventually(psutil.Process(frozen.pid).status, until=lambda status: status == psutil.STATUS_STOPPED)
        with hub.publisher():
            eventually(lambda: end_session(hub), until=bool)
            places(hub, 3, *range(3))
            hub.settled(18)
            eventually(lambda: left(hub), until=lambda count: count == 0, within_s=60)
            os.kill(frozen.pid, signal.SIGCONT)
            places(hub, 4, 0)
            hub.settled(19)
            eventually(lambda: left(hub), until=lambda count: count == 0, within_s=60)
            eventually(
                lambda: hub.log.read_text("utf-8").count('"waiting"'), until=bool, within_s=30
            )  # the one that woke has given up its session

    records = of_this_hub(hub, hub.places.reference_topic)
    by_key: dict[bytes | None, list[int]] = {}
    for record in records:
        by_key.setdefault(record.key, []).append(round_of(record))
    last = {(record.key or b"").decode(): record.value for record in records}
    names = {key: hub.ask("select nama from reference.tempat where kode = %s", key)[0][0] for key in last}
    assert all(rounds == sorted(set(rounds)) for rounds in by_key.values())
    assert set(last) == {f"x{n}" for n in range(10)}
    assert all(names[key].encode() in (value or b"") for key, value in last.items())


class Rights:
    """A publisher of its own name, with rights that a test takes and gives."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.name, self.password = hub, f"penerbit-{hub.opd}", secrets.token_urlsafe(24)
        self.admin = KafkaAdminClient(**hub.stack.kafka().kafka_python())
        self.admin.alter_user_scram_credentials(
            [UserScramCredentialUpsertion(self.name, ScramMechanism.SCRAM_SHA_512, self.password, iterations=8192)]
        )
        every = (ACLOperation.READ, ACLOperation.WRITE, ACLOperation.DESCRIBE)
        self.letters = [self.acl(ResourceType.TOPIC, hub.places.dead_letter_topic, each) for each in every]
        others = [
            (ResourceType.TOPIC, hub.places.reference_topic),
            (ResourceType.TOPIC, hub.people.reference_topic),
            (ResourceType.TOPIC, hub.people.dead_letter_topic),
            (ResourceType.TRANSACTIONAL_ID, hub.opd),
        ]
        self.admin.create_acls([*self.letters, *(self.acl(*place, each) for place in others for each in every)])

    def acl(self, kind: ResourceType, name: str, operation: ACLOperation) -> ACL:
        pattern = ResourcePattern(kind, name, ACLResourcePatternType.LITERAL)
        return ACL(f"User:{self.name}", "*", operation, ACLPermissionType.ALLOW, pattern)

    def take(self) -> None:
        self.admin.delete_acls(self.letters)

    def give(self) -> None:
        self.admin.create_acls(self.letters)

    def told(self) -> dict[str, Any]:
        kafka = self.hub.stack.kafka().model_dump()
        return {"kafka": {**kafka, "username": self.name, "password": self.password}}


@contextmanager
def without_rights(hub: Hub) -> Iterator[dict[str, Any]]:
    """The publisher may not write to the topic of returned places, until the end of the block."""
    rights = Rights(hub)
    rights.take()
    yield rights.told()
    rights.give()


@contextmanager
def without_topic(hub: Hub) -> Iterator[dict[str, Any]]:
    """The topic of returned places is not there."""
    topic = hub.places.dead_letter_topic
    with KafkaAdminClient(**hub.stack.kafka().kafka_python()) as admin:
        admin.delete_topics([topic])
        eventually(admin.list_topics, until=lambda names: topic not in names)
        yield {}
        admin.create_topics([NewTopic(topic, 1, 1)])


@pytest.mark.full
@pytest.mark.timeout(400)
@pytest.mark.parametrize("fault", [without_rights, without_topic])
def test_26_returned_events_that_cannot_be_sent_wait_and_the_rest_is_published(hub: Hub, fault: Any) -> None:
    good = hub.event(hub.places, "x0", 1, place_row("x0"))
    with hub.worker():
        with fault(hub) as told, hub.publisher(**told) as publisher:
            hub.send(hub.places, [(b"bad", b"\x07broken", good[2])], partition=0)
            hub.send(hub.people, [(b"bad", b"\x07broken", good[2])], partition=0)
            places(hub, 1, *range(5))
            hub.settled(7)
            eventually(lambda: len(of_this_hub(hub, hub.places.reference_topic)), until=lambda n: n >= 5, within_s=90)
            places(hub, 2, *range(5))
            hub.settled(12)
            eventually(lambda: len(of_this_hub(hub, hub.places.reference_topic)), until=lambda n: n >= 10, within_s=30)
            waiting = hub.ask(UNSENT)
            others = list(read(hub.stack.kafka(), [hub.people.dead_letter_topic]))
            assert publisher.poll() is None
        with hub.publisher():
            eventually(lambda: left(hub), until=lambda count: count == 0, within_s=60)

    assert waiting == [(1,)]
    assert [each.value for each in others] == [b"\x07broken"]
    sent = list(read(hub.stack.kafka(), [hub.places.dead_letter_topic]))
    assert [(each.key, each.value) for each in sent] == [(b"bad", b"\x07broken")]

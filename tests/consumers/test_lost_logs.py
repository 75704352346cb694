"""Rows 8, 9 and 10 of the fault matrix, with a real broker and workers that run meanwhile: a topic that is made anew, a
log whose beginning or end is gone. Nothing is skipped silently, nothing is read in the place of what was lost."""

import signal
import struct
from collections.abc import Callable
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from confluent_kafka import KafkaException
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError

from hub_db.connection import connect, transaction
from identity.actors import Actor
from jobs import stop_ends
from jobs.watch import Blind
from jobs.watch_log_ends import log_ends
from jobs.watch_rules import logs
from schemas.contract import Contract
from tests import outages
from tests.eventually import eventually
from tests.hub import Hub
from tests.hub_db.documents import place_row
from tests.jobs.watched import Watched

# kafka-python leaves sockets to a broker that went away to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ANSWERED_S = 1.0  # the broker answers at once when it has a record
HEAD = struct.Struct(">qi")  # of a record batch: base offset, bytes behind this head
STOPPED = "select partition, next_offset, log_end from hub.stopped_partition"
LEDGER = (
    "select b.kind, b.partition, b.first_offset, b.next_offset, b.records from hub.batch b join hub.topic t"
    " using (topic_id) where t.name = %s and b.kind <> 'genesis' order by t.incarnation, b.partition, b.next_offset"
)


def places(hub: Hub, *numbers: int, version: int = 1) -> list[Any]:
    return [hub.event(hub.places, f"x{number}", version, place_row(f"x{number}")) for number in numbers]


def keys(hub: Hub) -> set[str]:
    return {key for (key,) in hub.ask("select kode from reference.tempat")}


def told(hub: Hub, rule: Any = logs.LOST) -> list[str]:
    """What the watch says of it, by the contract's name."""
    watched = Watched(hub.database)
    try:
        return [title.replace(hub.opd, "OPD") for title in watched.look(rule)]
    finally:
        watched.close()


def make_anew(hub: Hub, contract: Contract) -> None:
    with KafkaAdminClient(**hub.stack.kafka().kafka_python()) as admin:
        admin.delete_topics([contract.topic])
        log_time = {"message.timestamp.type": "LogAppendTime"}

        def made() -> bool:
            try:
                admin.create_topics([NewTopic(contract.topic, 2, 1, topic_configs=log_time)])
            except TopicAlreadyExistsError:  # it is still being deleted
                return False
            return True

        eventually(made, until=bool, within_s=30)
        admin.wait_for_topics([contract.topic])


@pytest.mark.full
@pytest.mark.parametrize("runs", [True, False], ids=["while a worker runs", "while none runs"])
@pytest.mark.parametrize("records", [3, 60], ids=["fewer than before", "more than before"])
def test_8_a_topic_that_is_made_anew_is_read_from_its_beginning(hub: Hub, runs: bool, records: int) -> None:  # noqa: FBT001
    before, after = range(20), range(100, 100 + records)

    with hub.worker() as first:
        hub.send(hub.places, places(hub, *before), partition=0)
        hub.settled(len(before))
        if not runs:
            first.kill()
            first.wait(timeout=10)
        make_anew(hub, hub.places)
        hub.send(hub.places, places(hub, *after), partition=0)  # as much as lies behind the old position, or less
        if runs:
            hub.settled(len(before) + records, within_s=60)
            assert first.poll() is None
        else:
            with hub.worker():
                hub.settled(len(before) + records, within_s=60)

    assert keys(hub) == {f"x{number}" for number in (*before, *after)}
    incarnations = hub.ask(
        "select t.incarnation, o.next_offset, o.records from hub.topic t join hub.consumer_offset o using (topic_id)"
        " where t.name = %s and o.partition = 0 order by 1",
        hub.places.topic,
    )
    assert incarnations == [(0, 20, 20), (1, records, records)]
    assert told(hub) == ["Topik OPD.tempat dibuat ulang; hub membacanya dari awal."]


@pytest.mark.full
@pytest.mark.parametrize("runs", [True, False], ids=["while a worker runs", "while none runs"])
def test_9_what_retention_took_before_it_was_read_is_a_gap_in_the_ledger(hub: Hub, runs: bool) -> None:  # noqa: FBT001
    with hub.worker() as first:
        hub.send(hub.places, places(hub, *range(10)), partition=0)
        hub.settled(10)
        if runs:
            first.send_signal(signal.SIGSTOP)  # it lags
        else:
            first.kill()
            first.wait(timeout=10)
        hub.send(hub.places, places(hub, 10), partition=0)
        Event().wait(ANSWERED_S)  # a request that was under way is answered with that one
        hub.send(hub.places, places(hub, *range(11, 30)), partition=0)
        with KafkaAdminClient(**hub.stack.kafka().kafka_python()) as admin:
            admin.delete_records({TopicPartition(hub.places.topic, 0): 25})
        if runs:
            first.send_signal(signal.SIGCONT)
            hub.settled(15, within_s=90)
        else:
            with hub.worker():
                hub.settled(15)
        eventually(lambda: hub.next_offset(hub.places), until=lambda offset: offset == 30)

    (gap,) = [row for row in hub.ask(LEDGER, hub.places.topic) if row[0] == "gap"]
    first_lost = gap[2]
    assert first_lost in ((10, 11) if runs else (10,))
    assert gap == ("gap", 0, first_lost, 25, 0)
    assert keys(hub) == {f"x{number}" for number in (*range(first_lost), *range(25, 30))}
    assert told(hub) == [f"Data OPD.tempat: {25 - first_lost} tempat pesan terhapus dari Kafka sebelum diolah."]


def rewrite(hub: Hub, contract: Contract, change: Callable[[bytes], bytes]) -> bytes:
    """Stop the broker, change the log of partition 0, start it again; the log as it was."""
    outages.stop(hub.stack, "kafka")
    folder = Path(hub.stack.layout.kafka) / "data" / f"{contract.topic}-0"
    (file,) = folder.glob("*.log")
    before = file.read_bytes()
    after = change(before)
    with file.open("r+b") as log:  # it stays the broker's own file
        log.write(after)
        log.truncate()
    for path in folder.glob("*.*index"):  # made anew from the log
        path.unlink()
    outages.start_again(hub.stack, "kafka")
    hub.producer.close(timeout=1)
    hub.producer = hub.make_producer()  # one whose numbers do not go on from what is gone
    return before


def lose_the_end(hub: Hub, contract: Contract, batches: int) -> bytes:
    """Cut the last batches of partition 0 off its log; the log as it was."""

    def cut(data: bytes) -> bytes:
        starts, at = [], 0
        while at + HEAD.size <= len(data) and (size := HEAD.unpack_from(data, at)[1]):
            starts.append(at)
            at += HEAD.size + size
        return data[: starts[-batches]]

    return rewrite(hub, contract, cut)


def end_of(hub: Hub, contract: Contract) -> int | None:
    """Where the log of partition 0 ends; None while the broker does not say."""
    try:
        found = {(each.topic, each.partition): each.end for each in log_ends(hub.stack.kafka())}
    except (Blind, KafkaException):
        return None
    return found.get((contract.topic, 0))


@pytest.mark.full
@pytest.mark.timeout(400)
@pytest.mark.parametrize("runs", [True, False], ids=["while a worker runs", "while none runs"])
def test_10_a_partition_whose_log_lost_its_end_is_stopped_and_the_others_go_on(hub: Hub, runs: bool) -> None:  # noqa: FBT001
    with hub.worker() as first:
        for number in range(10):  # a batch each
            hub.send(hub.places, places(hub, number), partition=0)
        hub.settled(10)
        if not runs:
            first.kill()
            first.wait(timeout=10)
        lose_the_end(hub, hub.places, batches=4)
        assert eventually(lambda: end_of(hub, hub.places), until=lambda end: end is not None) == 6
        with nullcontext(first) if runs else hub.worker() as other:
            eventually(lambda: hub.ask(STOPPED), until=bool, within_s=60)
            hub.send(hub.places, places(hub, *range(20, 40)), partition=0)  # in the places of what was lost
            hub.send(hub.places, places(hub, *range(50, 60)), partition=1)
            hub.settled(20, within_s=90)
            assert other.poll() is None

    assert keys(hub) == {f"x{number}" for number in (*range(10), *range(50, 60))}
    assert hub.ask(STOPPED) == [(0, 10, 6)]
    assert told(hub) == ["Data OPD.tempat (partisi 0) dihentikan: log Kafka kehilangan ujungnya."]


@pytest.mark.full
@pytest.mark.timeout(400)
def test_10_a_partition_whose_records_are_back_goes_on_when_somebody_says_so(hub: Hub) -> None:
    with hub.worker():
        for number in range(10):
            hub.send(hub.places, places(hub, number), partition=0)
        hub.settled(10)
        whole = lose_the_end(hub, hub.places, batches=4)
        eventually(lambda: hub.ask(STOPPED), until=bool, within_s=60)
        reopen(hub)
        eventually(lambda: hub.ask(STOPPED), until=bool, within_s=60)  # again: nothing is back
        rewrite(hub, hub.places, lambda _: whole)
        reopen(hub)
        hub.send(hub.places, places(hub, *range(20, 30)), partition=0)
        hub.settled(20, within_s=90)

    assert keys(hub) == {f"x{number}" for number in (*range(10), *range(20, 30))}
    assert hub.ask(STOPPED) == []


def reopen(hub: Hub) -> None:
    with closing(connect(hub.database.dsn("simpul_web"), process="test")) as web, transaction(web):
        reason, now = "Disk Kafka dipulihkan.", datetime.now(UTC)
        stop_ends.end(web, hub.places.topic, 0, reason=reason, by=Actor.command("uji"), now=now)


@pytest.mark.full
@pytest.mark.timeout(400)
def test_10_the_topic_made_anew_is_read_again(hub: Hub) -> None:
    with hub.worker():
        for number in range(5):
            hub.send(hub.places, places(hub, number), partition=0)
        hub.settled(5)
        lose_the_end(hub, hub.places, batches=2)
        eventually(lambda: hub.ask(STOPPED), until=bool, within_s=60)
        make_anew(hub, hub.places)
        hub.send(hub.places, places(hub, *range(3, 9)), partition=0)
        hub.settled(11, within_s=60)

    assert keys(hub) == {f"x{number}" for number in range(9)}
    assert "dihentikan" not in "".join(told(hub))

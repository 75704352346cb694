"""Opens partitions: which incarnation of a topic this is, where its log begins and ends, where the hub stands in it."""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from consumers.partition import Partition
from hub_db import offsets
from hub_db.connection import connect, transaction
from hub_db.errors import Fenced, LogTruncated, Unreachable
from schemas.wire.kafka import KafkaSettings

log = logging.getLogger("simpul.intake")

ANSWER_WITHIN_MS = 10_000  # a broker's first answer


@dataclass(frozen=True, slots=True)
class PartitionPlace:
    """A partition of one incarnation of a topic, and the position to read from."""

    topic_id: UUID
    topic_no: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class _Log:
    """The log of a partition as the broker has it: of which incarnation, [start, end)."""

    topic_id: UUID
    start: int
    end: int


def open_partitions(
    kafka: KafkaSettings, dsn: SecretStr, worker: str, partitions: Iterable[Partition]
) -> dict[Partition, PartitionPlace]:
    """Where to read each partition from. Left out is what the broker does not have, and a partition whose log has lost
    its end: that one is stopped. Raises Unreachable."""
    wanted = sorted(partitions)
    if not wanted:
        return {}
    logs = _ask(kafka, wanted)
    with connect(dsn, process="simpul-intake-positions") as conn:
        with transaction(conn):
            stopped = offsets.stopped(conn, {each.topic_id for each in logs.values()})
        places = {}
        for partition, found in logs.items():
            if (found.topic_id, partition.number) not in stopped:
                place = _open(conn, partition, found, worker)
                places.update({} if place is None else {partition: place})
            else:
                log.error("stopped", extra={"action": "stop-partition", **_names(partition)})
    return places


class Standing:
    """Whether what a worker stands on is still there. Asked at intervals, from one thread at a time: one statement, and
    two requests to the broker."""

    def __init__(self, kafka: KafkaSettings, dsn: SecretStr) -> None:
        self.kafka, self.dsn = kafka, dsn
        self.conn: Connection[TupleRow] | None = None
        self.admin: Any = None

    def has_moved(self, assigned: Collection[Partition], reached: Mapping[Partition, tuple[UUID, int]]) -> bool:
        """Whether partitions must be opened anew: a topic was made anew or came back, or a log has lost its end.

        `reached`: how far the open ones of the assigned partitions are settled. Raises Unreachable, and Fenced for a
        database that stands before that: it was restored, or another server took its place.
        """
        if self.conn is None or self.conn.closed or self.conn.broken:
            self.conn = connect(self.dsn, process="simpul-intake-standing")
        topic_ids = {topic_id for topic_id, _ in reached.values()}
        with transaction(self.conn):
            stored = offsets.reached(self.conn, topic_ids)
        for partition, (topic_id, ours) in reached.items():
            if stored.get((topic_id, partition.number), -1) < ours:
                raise Fenced(f"{partition.topic}[{partition.number}]: the database has forgotten what was settled")
        logs = self._logs(assigned)
        with transaction(self.conn):
            stopped = offsets.stopped(self.conn, {each.topic_id for each in logs.values()})
        return any(
            (each.topic_id, each.end < reached[partition][1]) != (reached[partition][0], False)
            if partition in reached
            else (each.topic_id, partition.number) not in stopped
            for partition, each in logs.items()
        )

    def _logs(self, assigned: Collection[Partition]) -> dict[Partition, _Log]:
        try:
            self.admin = self.admin or admin_client(self.kafka)
            return _logs_of(self.admin, sorted(assigned))
        except KafkaError as error:
            self.close()
            raise Unreachable(f"Kafka did not say what its logs are: {type(error).__name__}") from error

    def close(self) -> None:
        if self.admin is not None:
            self.admin.close()
        if self.conn is not None:
            self.conn.close()
        self.conn = self.admin = None


def _open(conn: Connection[TupleRow], partition: Partition, found: _Log, worker: str) -> PartitionPlace | None:
    try:
        with transaction(conn):
            position = offsets.open_partition(
                conn,
                partition.topic,
                found.topic_id,
                partition.number,
                log_start=found.start,
                log_end=found.end,
                worker=worker,
            )
    except LogTruncated as error:
        with transaction(conn):
            offsets.stop(conn, found.topic_id, error)
        log.error("stopped", extra={"action": "stop-partition", **_names(partition), "why": str(error)})
        return None
    return PartitionPlace(found.topic_id, position.topic_no, position.next_offset)


def admin_client(kafka: KafkaSettings) -> KafkaAdminClient:
    """For questions about topics and logs. Raises KafkaError where no broker answers: said soon, and asked again by
    whoever waits; the client itself would try for half a minute, ever more seldom."""
    return KafkaAdminClient(**kafka.kafka_python(), bootstrap_timeout_ms=ANSWER_WITHIN_MS)


def _ask(kafka: KafkaSettings, partitions: Collection[Partition]) -> dict[Partition, _Log]:
    try:
        admin = admin_client(kafka)
        try:
            return _logs_of(admin, partitions)
        finally:
            admin.close()
    except KafkaError as error:
        raise Unreachable(f"Kafka did not say where the logs begin and end: {type(error).__name__}") from error


def _logs_of(admin: KafkaAdminClient, partitions: Collection[Partition]) -> dict[Partition, _Log]:
    """The logs of those of the partitions that the broker has."""
    if not partitions:
        return {}
    told = admin.describe_topics(sorted({partition.topic for partition in partitions}))
    ids = {each["name"]: UUID(str(each["topic_id"])) for each in told if not each["error_code"]}
    there = [TopicPartition(each.topic, each.number) for each in partitions if each.topic in ids]
    if not there:
        return {}
    starts, ends = (
        admin.list_partition_offsets(dict.fromkeys(there, spec)) for spec in (OffsetSpec.EARLIEST, OffsetSpec.LATEST)
    )
    return {
        each: _Log(ids[each.topic], starts[place].offset, ends[place].offset)
        for each in partitions
        if (place := TopicPartition(each.topic, each.number)) in starts
    }


def _names(partition: Partition) -> dict[str, object]:
    return {"topic": partition.topic, "partition": partition.number}

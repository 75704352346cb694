"""Opens partitions: which incarnation of a topic this is, where its log begins and ends, where the hub stands in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from pydantic import SecretStr

from consumers.backlog import Partition
from hub_db.connection import connect, transaction
from hub_db.errors import Unreachable
from hub_db.offsets import open_partition
from schemas.wire.kafka import KafkaSettings


@dataclass(frozen=True, slots=True)
class PartitionPlace:
    """A partition of one incarnation of a topic, and the position to read from."""

    topic_id: UUID
    topic_no: int
    next_offset: int


def open_partitions(
    kafka: KafkaSettings, dsn: SecretStr, worker: str, partitions: Iterable[Partition]
) -> dict[Partition, PartitionPlace]:
    """Where to read each partition from. Raises Unreachable, and LogTruncated for a log that lost its end."""
    wanted = sorted(partitions)
    if not wanted:
        return {}
    try:
        ids = _topic_ids(kafka, {partition.topic for partition in wanted})
        starts, ends = _log_ends(kafka, wanted)
    except KafkaError as error:
        raise Unreachable(f"Kafka did not say where the logs begin and end: {type(error).__name__}") from error
    with connect(dsn, process="simpul-intake-positions") as conn:
        places = {}
        for partition in wanted:
            with transaction(conn):
                position = open_partition(
                    conn,
                    partition.topic,
                    ids[partition.topic],
                    partition.number,
                    log_start=starts[partition],
                    log_end=ends[partition],
                    worker=worker,
                )
            places[partition] = PartitionPlace(ids[partition.topic], position.topic_no, position.next_offset)
    return places


def _topic_ids(kafka: KafkaSettings, topics: Iterable[str]) -> dict[str, UUID]:
    admin = KafkaAdminClient(**kafka.kafka_python())
    try:
        return {topic["name"]: UUID(str(topic["topic_id"])) for topic in admin.describe_topics(sorted(topics))}
    finally:
        admin.close()


def _log_ends(
    kafka: KafkaSettings, partitions: Iterable[Partition]
) -> tuple[dict[Partition, int], dict[Partition, int]]:
    consumer = KafkaConsumer(**kafka.kafka_python(), group_id=None)
    try:
        names = {TopicPartition(partition.topic, partition.number): partition for partition in partitions}
        starts, ends = consumer.beginning_offsets(list(names)), consumer.end_offsets(list(names))
        return {names[tp]: start for tp, start in starts.items()}, {names[tp]: end for tp, end in ends.items()}
    finally:
        consumer.close()

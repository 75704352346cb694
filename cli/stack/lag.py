"""How many records of the interchange topics the hub has not settled yet."""

import psycopg
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from psycopg import OperationalError
from pydantic import SecretStr

from cli.stack.errors import StackUnreachable
from schemas.wire.kafka import KafkaSettings

PREFIX = "opd."
ANSWER_WITHIN_MS = 5_000
# The stored position of each partition; a topic that was deleted and made again has another id.
POSITIONS = "SELECT topic_id::text, partition, next_offset FROM hub.consumer_offset"


def lag(kafka: KafkaSettings, dsn: SecretStr) -> int:
    """Σ (end of the log − the hub's stored offset) over all partitions; what retention took away is not waited for."""
    try:
        ends, starts, ids = log(kafka)
    except KafkaError as error:
        raise StackUnreachable(f"Kafka tidak menjawab di {kafka.bootstrap}: {error}.") from error
    try:
        with psycopg.connect(dsn.get_secret_value(), connect_timeout=5) as connection:
            positions = {(topic_id, part): offset for topic_id, part, offset in connection.execute(POSITIONS)}
    except OperationalError as error:
        raise StackUnreachable("PostgreSQL tidak menjawab. Lihat './simpul status'.") from error
    return sum(
        end - max(positions.get((ids[place.topic], place.partition), 0), starts[place]) for place, end in ends.items()
    )


def log(
    kafka: KafkaSettings,
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int], dict[str, str]]:
    """End and start of every partition of the interchange topics, and the topics' ids."""
    admin = KafkaAdminClient(**kafka.kafka_python(), client_id="simpul-status", bootstrap_timeout_ms=ANSWER_WITHIN_MS)
    try:
        names = [name for name in admin.list_topics() if name.startswith(PREFIX)]
        topics = admin.describe_topics(names) if names else []
    finally:
        admin.close()
    places = [
        TopicPartition(topic["name"], part["partition_index"]) for topic in topics for part in topic["partitions"]
    ]
    consumer = KafkaConsumer(
        **kafka.kafka_python(),
        client_id="simpul-status",
        isolation_level="read_committed",
        bootstrap_timeout_ms=ANSWER_WITHIN_MS,
    )
    try:
        ends, starts = consumer.end_offsets(places), consumer.beginning_offsets(places)
    finally:
        consumer.close()
    return ends, starts, {topic["name"]: str(topic["topic_id"]) for topic in topics}

"""Where the logs of the interchange topics end, asked of Kafka with the right to describe them, and no other."""

import logging
from uuid import UUID

from confluent_kafka import IsolationLevel, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from jobs.watch import Blind, LogEnd
from schemas.wire.kafka import KafkaSettings

PREFIX = "opd."
ANSWER_WITHIN_S = 5.0

# The client says so at every attempt when a broker is away; the watch says it once, as a notice.
_SILENT = logging.Logger("simpul.watch.kafka", level=logging.CRITICAL)


def log_ends(kafka: KafkaSettings) -> list[LogEnd]:
    """Every partition of the topics that begin with `opd.`. Raises Blind when Kafka does not answer."""
    try:
        return _ask(AdminClient(kafka.librdkafka() | {"client.id": "simpul-watch"}, logger=_SILENT))
    except KafkaException as error:
        raise Blind(f"Kafka tidak menjawab ({error.args[0].name()}).") from error


def _ask(admin: AdminClient) -> list[LogEnd]:
    names = [name for name in admin.list_topics(timeout=ANSWER_WITHIN_S).topics if name.startswith(PREFIX)]
    if not names:
        return []
    asked = admin.describe_topics(TopicCollection(names), request_timeout=ANSWER_WITHIN_S)
    described = [each.result() for each in asked.values()]
    ids = {each.name: _uuid(each.topic_id) for each in described}
    places = [TopicPartition(each.name, part.id) for each in described for part in each.partitions]
    first, end = (_offsets(admin, places, spec) for spec in (OffsetSpec.earliest(), OffsetSpec.latest()))  # type: ignore[no-untyped-call]
    return [
        LogEnd(place.topic, ids[place.topic], place.partition, first[place], end[place])
        for place in sorted(places, key=lambda place: (place.topic, place.partition))
    ]


def _offsets(admin: AdminClient, places: list[TopicPartition], spec: OffsetSpec) -> dict[TopicPartition, int]:
    asked = admin.list_offsets(
        dict.fromkeys(places, spec),
        isolation_level=IsolationLevel.READ_COMMITTED,
        request_timeout=ANSWER_WITHIN_S,
    )
    return {place: each.result().offset for place, each in asked.items()}


def _uuid(topic_id: object) -> UUID:
    """Kafka's id of a topic, 128 bits, as two signed halves."""
    high, low = (half & 0xFFFF_FFFF_FFFF_FFFF for half in _halves(topic_id))
    return UUID(int=high << 64 | low)


def _halves(topic_id: object) -> tuple[int, int]:
    return (
        int(topic_id.get_most_significant_bits()),  # type: ignore[attr-defined]
        int(topic_id.get_least_significant_bits()),  # type: ignore[attr-defined]
    )

"""The topics of a document and their settings. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from registry.provisioning.readers import Reader
from registry.provisioning.sources import Opening, Source
from schemas.contract import Contract
from schemas.names import EntityName, TopicName
from schemas.sandbox import SANDBOX
from schemas.sop_topics import SOP_TOPICS

DEFAULT_PARTITIONS = 4
DEFAULT_RETENTION = timedelta(days=90)  # of raw events and dead letters, where the contract names none
# A tombstone stays this long after compaction, so that a reader that was away for less sees the delete.
TOMBSTONES_STAY = timedelta(days=30)
# An erased person is gone from the topic's own files after this time at the latest.
COMPACTED_WITHIN = timedelta(days=7)
FOR_EVER = "-1"
KEPT_IN_SANDBOX = timedelta(days=7)  # invented data, for a run and its report
LARGEST_RECORD = 1_048_588  # bytes: Kafka's own limit, so that a broker with another one changes no verdict
SAFE_COPIES = 2  # of an acknowledged record, where the topic has more
_DURATION = re.compile(r"P(?P<time>T)?(?P<count>[0-9]+)(?P<unit>[YMWDH])")
_DATE_UNITS = {
    "Y": timedelta(days=365),
    "M": timedelta(days=30),
    "W": timedelta(weeks=1),
    "D": timedelta(days=1),
}
_TIME_UNITS = {"H": timedelta(hours=1), "M": timedelta(minutes=1)}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it should be. More partitions only where keys may move: every event carries its version."""

    name: TopicName
    partitions: int
    configs: Mapping[str, str]
    may_grow: bool = False

    def settings(self, replication: int) -> dict[str, str]:
        """Its settings when each record is on so many brokers: one of them may be away without a stop."""
        return {**self.configs, "min.insync.replicas": str(max(1, min(SAFE_COPIES, replication - 1)))}


def topics_of_sources(sources: Iterable[Source], partitions: int | Mapping[TopicName, int]) -> list[Topic]:
    """The topics that sources have in their states, by name; two documents of one entity share its reference topic.

    `partitions` is a number for all topics of production, or by topic with 4 for the rest.
    """
    found: dict[TopicName, Topic] = {}
    for source in sources:
        made = _of_production(source.contract, partitions) if source.has(Opening.TOPICS) else []
        made += _of_sandbox(source.contract) if source.has(Opening.SANDBOX) else []
        found |= {topic.name: topic for topic in made}
    return [found[name] for name in sorted(found)]


def topics_of_readers(readers: Iterable[Reader], open_entities: frozenset[EntityName]) -> list[Topic]:
    """A topic for each grant that holds on an entity that is published to readers."""
    named = {reader.topic for reader in readers if reader.holds and reader.entity in open_entities}
    return [Topic(name, DEFAULT_PARTITIONS, _COMPACTED) for name in sorted(named)]


def all_topics_of(contract: Contract) -> set[TopicName]:
    """Every topic that the document may have in some state: what is left of an ended source is kept."""
    return {topic.name for topic in [*_of_production(contract, 1), *_of_sandbox(contract)]}


def own_topics() -> list[Topic]:
    """The hub's own topics, kept for ever. One partition: whoever reads one has the order in which it was written."""
    configs = {"cleanup.policy": "delete", "retention.ms": FOR_EVER, "retention.bytes": FOR_EVER, **_CLOCK}
    return [Topic(name, 1, configs) for name in SOP_TOPICS]


def retention(contract: Contract) -> timedelta:
    """How long the raw events of a document stay: its contract's `retention.events`, an ISO 8601 duration."""
    if contract.retention is None:
        return DEFAULT_RETENTION
    match = _DURATION.fullmatch(contract.retention["events"])
    if match is None:
        raise ValueError(f"{contract.name}: retention.events is no ISO 8601 duration of one unit")
    units = _TIME_UNITS if match["time"] else _DATE_UNITS
    return int(match["count"]) * units[match["unit"]]


def _of_production(contract: Contract, partitions: int | Mapping[TopicName, int]) -> list[Topic]:
    def count(name: TopicName) -> int:
        return partitions if isinstance(partitions, int) else partitions.get(name, DEFAULT_PARTITIONS)

    kept = {"cleanup.policy": "delete", "retention.ms": _ms(retention(contract)), **_CLOCK}
    sent = {**kept, "max.message.bytes": str(LARGEST_RECORD)}
    document, letters, entity = contract.topic, contract.dead_letter_topic, contract.reference_topic
    return [
        Topic(document, count(document), sent, may_grow=contract.sequence_required),
        Topic(letters, count(letters), kept),
        Topic(entity, count(entity), _COMPACTED),
    ]


def _of_sandbox(contract: Contract) -> list[Topic]:
    kept = {"cleanup.policy": "delete", "retention.ms": _ms(min(KEPT_IN_SANDBOX, retention(contract))), **_CLOCK}
    document = TopicName(f"{SANDBOX}{contract.opd}.{contract.document}")
    return [
        Topic(document, 1, {**kept, "max.message.bytes": str(LARGEST_RECORD)}),
        Topic(TopicName(f"{SANDBOX}{contract.reference_topic}"), 1, _COMPACTED),
    ]


def _ms(time: timedelta) -> str:
    return str(time // timedelta(milliseconds=1))


_CLOCK = {"message.timestamp.type": "LogAppendTime"}
_COMPACTED = {
    "cleanup.policy": "compact",
    "delete.retention.ms": _ms(TOMBSTONES_STAY),
    "max.compaction.lag.ms": _ms(COMPACTED_WITHIN),
    **_CLOCK,
}

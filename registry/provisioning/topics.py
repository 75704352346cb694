"""The topics of a document and their settings. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from schemas.contract import Contract
from schemas.names import TopicName
from schemas.sop_topics import SOP_TOPICS

DEFAULT_PARTITIONS = 4
DEFAULT_RETENTION = timedelta(days=90)  # of raw events and dead letters, where the contract names none
# A tombstone stays this long after compaction, so that a reader that was away for less sees the delete.
TOMBSTONES_STAY = timedelta(days=30)
# An erased person is gone from the topic's own files after this time at the latest.
COMPACTED_WITHIN = timedelta(days=7)
FOR_EVER = "-1"
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
    """A topic as it should be."""

    name: TopicName
    partitions: int
    configs: Mapping[str, str]


def wanted_topics(contracts: Iterable[Contract], partitions: int | Mapping[TopicName, int]) -> list[Topic]:
    """The topics of these documents, by name; two documents of one entity share its reference topic.

    `partitions` is a number for all, or by topic with 4 for the rest.
    """
    configs: dict[TopicName, dict[str, str]] = {}
    for contract in contracts:
        kept = {"cleanup.policy": "delete", "retention.ms": _ms(retention(contract))}
        configs[contract.topic] = kept
        configs[contract.dead_letter_topic] = kept
        configs[contract.reference_topic] = {
            "cleanup.policy": "compact",
            "delete.retention.ms": _ms(TOMBSTONES_STAY),
            "max.compaction.lag.ms": _ms(COMPACTED_WITHIN),
        }
    clock = {"message.timestamp.type": "LogAppendTime"}
    return [Topic(name, _partitions(name, partitions), clock | configs[name]) for name in sorted(configs)]


def own_topics() -> list[Topic]:
    """The hub's own topics, kept for ever. One partition: whoever reads one has the order in which it was written."""
    configs = {
        "cleanup.policy": "delete",
        "retention.ms": FOR_EVER,
        "retention.bytes": FOR_EVER,
        "message.timestamp.type": "LogAppendTime",
    }
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


def _partitions(name: TopicName, partitions: int | Mapping[TopicName, int]) -> int:
    return partitions if isinstance(partitions, int) else partitions.get(name, DEFAULT_PARTITIONS)


def _ms(time: timedelta) -> str:
    return str(time // timedelta(milliseconds=1))

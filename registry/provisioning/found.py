"""What Kafka has. Pure data; `registry/provisioning/look.py` asks the broker for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.provisioning.acls import Acl
from schemas.names import TopicName


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as it is."""

    partitions: int
    replication: int
    configs: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """The broker's own view of one moment."""

    topics: Mapping[TopicName, FoundTopic]  # of our prefixes; settings only of those that are wanted
    acls: frozenset[Acl]
    users: frozenset[str]  # everybody who has a password there
    open: frozenset[str]  # those whom the password that we hold lets in, by enough iterations
    rates: Mapping[str, float]  # bytes a second
    replication: int  # of a topic that is made now

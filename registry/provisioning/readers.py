"""Readers of reference data by topic: each grant has `reference.<entity>.<grant>`, which its agency's systems may read.

A grant that is given, ends or is revoked is nothing more than another list of readers: the next plan gives or takes the
rights (`registry/provisioning/keeper.py` makes one within seconds).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from identity.grants import all_grants
from identity.opds import EVERYWHERE
from registry.provisioning.rights import Operation, Pattern, Resource, Right
from schemas.names import EntityName, OpdCode, TopicName


@dataclass(frozen=True, slots=True, order=True)
class Reader:
    """An agency that reads an entity under a grant."""

    grant: int
    opd: OpdCode
    entity: EntityName
    holds: bool = True  # not revoked, not over, its PKS neither

    @property
    def topic(self) -> TopicName:
        return reader_topic(self.entity, self.grant)


def reader_topic(entity: EntityName, grant: int) -> TopicName:
    """The topic that carries one grant's fields of an entity."""
    return TopicName(f"reference.{entity}.{grant}")


def readers_of_grants(conn: Connection[TupleRow], *, now: datetime) -> list[Reader]:
    """Every grant that ever was; `holds` says which may read now."""
    return [
        Reader(each.id, OpdCode(each.reader), each.entity, each.holds(now)) for each in all_grants(conn, EVERYWHERE)
    ]


def wanted_rights_of_readers(
    readers: Iterable[Reader], members: Mapping[OpdCode, Iterable[str]], open_entities: frozenset[EntityName]
) -> frozenset[Right]:
    """What the readers whose grant holds may read, of the entities that are published to readers.

    `members`: who signs in for each agency. To read as a group, they get the groups of their agency, too.
    """
    rights: set[Right] = set()
    for reader in readers:
        if not reader.holds or reader.entity not in open_entities:
            continue
        for principal in members.get(reader.opd, ()):
            rights |= {
                Right(principal, Resource.TOPIC, Pattern.LITERAL, reader.topic, operation)
                for operation in (Operation.READ, Operation.DESCRIBE)
            }
            rights.add(Right(principal, Resource.GROUP, Pattern.PREFIXED, f"{reader.opd}.", Operation.READ))
    return frozenset(rights)

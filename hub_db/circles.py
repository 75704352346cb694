"""Parked events that wait for each other: they go in together.

A region that names another as its parent, and that one the first; a person and the person who replaced him, each the
other's. What each waits for would come if it went in itself. So of all that is parked the largest set is looked for of
which every event misses nothing but what others of the set bring in; all of it may go in.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import parking
from hub_db.connection import transaction
from hub_db.events import Missing, Place, Version
from hub_db.merge import Waiting, gaps
from hub_db.parking import SQL, ParkedPartition, Reread
from hub_db.settle import LetIn, present, release
from schemas.contract import Contract
from schemas.names import EntityName, EventKey, TopicName

MOST_EDGES = 50_000  # of parked events that wait for parked events; more are looked at when some of them have gone

# Contract of a topic and what reads its stored events again; None for a topic that has no document any more.
DocumentOf = Callable[[TopicName], tuple[Contract, Reread] | None]


@dataclass(frozen=True, slots=True)
class _Parked:
    contract: Contract
    waiting: Waiting


def resolve(conn: Connection[TupleRow], partitions: Sequence[ParkedPartition], document_of: DocumentOf) -> int:
    """Let in what waits for each other; returns how many events went in. Outside of a transaction.

    Where nothing waits in a circle of entities (nearly always) no statement is made.
    """
    documents = {topic: known for topic in {each.topic for each in partitions} if (known := document_of(topic))}
    entities = in_circles(
        (documents[each.topic][0].entity, entity)
        for each in partitions
        for entity in each.entities
        if each.topic in documents
    )
    if not entities:
        return 0
    with transaction(conn):
        found = _candidates(conn, entities, documents)
        left = _without_gaps(conn, found)
        moved = [each for place, each in found.items() if place not in left]
        parking.wait_on(conn, [each.waiting for each in moved])
    went_in = 0
    for partition in partitions:
        mine = {
            place: found[place].waiting.event.key
            for place in left
            if place[:2] == (partition.topic_no, partition.partition)
        }
        if mine:
            contract, reread = documents[partition.topic]
            with transaction(conn):
                went_in += release(
                    conn, contract, partition, sorted(set(mine.values())), reread, LetIn(frozenset(mine))
                )
    return went_in


def in_circles(edges: Iterable[tuple[EntityName, EntityName]]) -> list[EntityName]:
    """Of entities that wait for entities, those from which one comes back to one that was passed, sorted."""
    waits: dict[EntityName, set[EntityName]] = {}
    for entity, other in edges:
        waits.setdefault(entity, set()).add(other)
    while ends := [entity for entity, others in waits.items() if not others & waits.keys()]:
        for entity in ends:
            del waits[entity]
    return sorted(waits)


def _candidates(
    conn: Connection[TupleRow],
    entities: Sequence[EntityName],
    documents: Mapping[TopicName, tuple[Contract, Reread]],
) -> dict[Place, _Parked]:
    """Parked events whose first gap another one of them would fill."""
    waits: dict[Place, set[Place]] = {}
    keys: dict[TopicName, set[EventKey]] = {}
    named: dict[Place, tuple[TopicName, EventKey]] = {}
    for *place, topic, key, topic_no, partition, offset in conn.execute(
        SQL["waiting_for_waiting"], {"entities": list(entities), "limit": MOST_EDGES}
    ):
        waits.setdefault(Place(*place), set()).add(Place(topic_no, partition, offset))
        named[Place(*place)] = (TopicName(topic), EventKey(key))
    while ends := [each for each, others in waits.items() if not others & waits.keys()]:
        for end in ends:
            del waits[end]
    for topic, key in (named[each] for each in waits):
        keys.setdefault(topic, set()).add(key)
    found: dict[Place, _Parked] = {}
    for topic in keys.keys() & documents.keys():
        contract, reread = documents[topic]
        highest: dict[EventKey, Version] = {}
        for each in parking.of_keys(conn, contract, sorted(keys[topic]), reread):
            version = highest.get(each.event.key)
            highest[each.event.key] = max(each.event.version, version or each.event.version)
            is_behind = version is not None and each.event.version <= version  # it goes in with nobody
            if each.event.place in waits and not is_behind:
                found[each.event.place] = _Parked(contract, each)
    return found


def _without_gaps(conn: Connection[TupleRow], found: dict[Place, _Parked]) -> set[Place]:
    """The largest set of these events that miss nothing but what the set brings in. The others are noted, in `found`,
    as waiting for what they miss beyond it."""
    left = set(found)
    there = {
        contract.topic: present(
            conn, contract, [each.waiting.event for each in found.values() if each.contract is contract]
        )
        for contract in {each.contract.topic: each.contract for each in found.values()}.values()
    }
    while True:
        brought: dict[tuple[bool, EntityName], set[EventKey]] = {}
        for place in left:
            contract, event = found[place].contract, found[place].waiting.event
            if contract.may_create and event.row is not None:
                brought.setdefault((contract.sandbox, contract.entity), set()).add(event.key)
        out: list[tuple[Place, Missing]] = []
        for place in left:
            contract, event = found[place].contract, found[place].waiting.event
            known = {
                name: keys | brought.get((contract.sandbox, name), set())
                for name, keys in there[contract.topic].items()
            }
            gap = gaps(contract, event, known)
            if gap is not None:
                out.append((place, gap))
        if not out:
            return left
        for place, gap in out:
            left.discard(place)
            found[place] = _Parked(found[place].contract, Waiting(found[place].waiting.event, gap))

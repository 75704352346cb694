"""Reads what changed, round by round, and finds the conflicts among it: beside the intake, never in its transactions.

Each piece is found and entered in one transaction with the place behind it: whoever is killed goes on, and a piece that
is done twice changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import entities, layouts
from hub_db.conflicts import agreement, checking, persons, store, versions
from hub_db.conflicts.causes import Found, Kind
from hub_db.conflicts.checking import Checked
from hub_db.conflicts.store import ConflictId, Shown
from hub_db.golden import Entity
from schemas.contract import Contract
from schemas.entities import columns_by_entity
from schemas.names import EntityName, EventKey, TopicName

KEYS_AT_ONCE: Final = 2_000
OF_RECORDS: Final = (Kind.AGREE, Kind.TWO_PERSONS)
Show = Callable[[Mapping[str, Contract], Found], Shown]  # by the documents' names


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be looked for, as the contracts are now."""

    contracts: Mapping[str, Contract]  # by <opd>.<document>
    agreeing: Mapping[EntityName, Entity]
    checked: tuple[Checked, ...]
    of_persons: Mapping[EntityName, Entity]  # entities with a document that names persons
    contested: Mapping[EntityName, Entity]  # entities with a document of which one version said two things

    def entities(self) -> list[EntityName]:
        """The entities whose changes are read."""
        referred = {entity for each in self.checked for entity in each.references().values()}
        by_source = {*self.agreeing, *self.of_persons, *self.contested}
        return sorted({*by_source, *(each.contract.entity for each in self.checked), *referred})


@dataclass(frozen=True, slots=True)
class Piece:
    """What one step did. `more`: whether there may be changes that are not read yet."""

    keys: int = 0
    opened: tuple[ConflictId, ...] = ()
    ended: tuple[ConflictId, ...] = ()
    more: bool = False


def plan(conn: Connection[TupleRow]) -> Plan:
    """What the contracts ask to be looked for. A document that does not count is left out."""
    contracts, resting = layouts.contracts(conn), layouts.resting(conn)
    names = sorted({contract.entity for contract in contracts})
    built = {name: found for name in names if (found := entities.build(name, contracts, resting)) is not None}
    columns = columns_by_entity(contracts)
    owners = {name: entity.contracts[0].name for name, entity in built.items()}
    tables = {source.name: source.table for entity in built.values() for source in entity.speakers if not source.feeds}
    checked = tuple(
        Checked.of(contract, tables[contract.name], columns, owners)
        for contract in contracts
        if contract.checks and contract.name in tables
    )
    there = tuple(each for each in checked if set(each.references().values()) <= built.keys())
    agreeing = {name: entity for name, entity in built.items() if entity.agreed()}
    of_persons = {name: entity for name, entity in built.items() if any(map(persons.names_persons, entity.compared()))}
    topics = store.contested_topics(conn)
    contested = {
        name: entity for name, entity in built.items() if any(each.topic in topics for each in entity.compared())
    }
    return Plan({contract.name: contract for contract in contracts}, agreeing, there, of_persons, contested)


def anything_new(conn: Connection[TupleRow], wanted: Plan) -> bool:
    """Whether changes wait to be read."""
    last = store.last_round(conn)
    return store.anything_contested(conn) or any(
        store.changed(conn, name, _place(conn, name), last, 1)[0] for name in wanted.entities()
    )


def step(conn: Connection[TupleRow], wanted: Plan, show: Show, *, now: datetime, zone: ZoneInfo) -> Piece:
    """Read the next changes of the first entity that has some, in the caller's transaction, as the owner."""
    if contested := store.take_contested(conn, KEYS_AT_ONCE, now=now):
        return _look_at_contested(conn, wanted, contested, show, now=now)
    last = store.last_round(conn)
    for name in wanted.entities():
        keys, behind = store.changed(conn, name, _place(conn, name), last, KEYS_AT_ONCE)
        if not keys:
            continue
        found = _look(conn, wanted, name, keys, show, now=now, zone=zone)
        store.set_place(conn, name, behind)
        return _piece(len(keys), found)
    return Piece()


def _piece(keys: int, found: Sequence[store.Outcome]) -> Piece:
    opened = tuple(number for each in found for number in each.opened)
    return Piece(keys, opened, tuple(number for each in found for number in each.ended), more=True)


def _look_at_contested(
    conn: Connection[TupleRow], wanted: Plan, keys: Mapping[TopicName, Sequence[EventKey]], show: Show, *, now: datetime
) -> Piece:
    """Versions that said two things change no record, so that no round tells of them."""
    outcomes: list[store.Outcome] = []
    for name, entity in wanted.contested.items():
        for source in entity.compared():
            if of := keys.get(source.topic):
                told = [(each, show(wanted.contracts, each)) for each in versions.find(conn, entity, source, of)]
                outcomes.append(store.apply(conn, name, of, (Kind.VERSION,), told, now=now, source=source.name))
    return _piece(sum(map(len, keys.values())), outcomes)


def _place(conn: Connection[TupleRow], name: EntityName) -> store.Place:
    row = conn.execute(layouts.SQL["generation"], {"entity": name}).fetchone()
    return store.place(conn, name, int(row[0]) if row else 0)


def _look(
    conn: Connection[TupleRow],
    wanted: Plan,
    name: EntityName,
    keys: Sequence[EventKey],
    show: Show,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> list[store.Outcome]:
    """Among changed records of an entity, and among the rows that refer to them."""
    outcomes: list[store.Outcome] = []

    def enter(
        entity: EntityName, of: Sequence[EventKey], kinds: Sequence[Kind], found: Sequence[Found], source: str | None
    ) -> None:
        told = [(each, show(wanted.contracts, each)) for each in found]
        outcomes.append(store.apply(conn, entity, of, kinds, told, now=now, source=source))

    if (entity := wanted.agreeing.get(name)) is not None:
        enter(name, keys, OF_RECORDS, agreement.find(conn, entity, keys), None)
    if (entity := wanted.of_persons.get(name)) is not None:
        for source in filter(persons.names_persons, entity.compared()):
            enter(name, keys, (Kind.NEW_PERSON,), persons.find(conn, entity, source, keys), source.name)
    if (entity := wanted.contested.get(name)) is not None:
        for source in entity.compared():
            enter(name, keys, (Kind.VERSION,), versions.find(conn, entity, source, keys), source.name)
    today = now.astimezone(zone).date()
    for each in wanted.checked:
        of = list(keys) if each.contract.entity == name else []
        for field, entity_name in each.references().items():
            if entity_name == name:
                of += checking.keys_referring(conn, each, field, keys)
        if of:
            asked = sorted(set(of))
            found = checking.find(conn, each, asked, today)
            enter(each.contract.entity, asked, (Kind.CHECK,), found, each.contract.name)
    return outcomes

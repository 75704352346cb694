"""Probable duplicates night by night: records that have changed since the last search against all others.

Two kinds of steps, each in a transaction of its own, as the owner. *Entering* reads the next changed records and keeps
their blocks (`matching/blocks.py`); *comparing* takes the next of them with the records that share a block, and enters
what is found. A step that is done twice changes nothing, so whoever drives them may be killed anywhere.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.conflicts import duplicates, store
from hub_db.conflicts.causes import Found
from hub_db.conflicts.finder import Show
from hub_db.golden import Entity
from hub_db.matching import blocks
from hub_db.matching.names import spelled
from hub_db.matching.pairs import LARGEST_BLOCK, USUAL_LEAST, USUAL_SHARE, duplicates_among
from hub_db.statements import load
from schemas.names import EventKey

SQL = load("hub_db", "sql/persons.sql")
ENTERED_AT_ONCE: Final = 2_000
COMPARED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Stage:
    """What one step did. `more`: whether there is more to do."""

    entered: int = 0
    compared: int = 0
    opened: tuple[store.ConflictId, ...] = ()
    ended: tuple[store.ConflictId, ...] = ()
    more: bool = False


def step(conn: Connection[TupleRow], entity: Entity, show: Show, *, now: datetime) -> Stage:
    """The next piece of an entity of persons, in the caller's transaction."""
    read, gone = enter(conn, entity)
    if read:
        return Stage(entered=read, ended=_end(conn, entity, gone, (), now=now), more=True)
    keys = [EventKey(key) for (key,) in conn.execute(SQL["due"], _of(entity) | {"limit": COMPARED_AT_ONCE})]
    if not keys:
        return Stage()
    found = compare(conn, entity, keys)
    ended = _end(conn, entity, keys, found, now=now)
    contracts = {contract.name: contract for contract in entity.contracts}
    told = [(each, show(contracts, each)) for each in found]
    outcome = store.apply(conn, entity.name, (), (), told, now=now)
    conn.execute(SQL["compared"], _of(entity) | {"keys": keys})
    return Stage(0, len(keys), outcome.opened, ended, more=True)


def _end(
    conn: Connection[TupleRow], entity: Entity, keys: Sequence[EventKey], found: Sequence[Found], *, now: datetime
) -> tuple[store.ConflictId, ...]:
    """End the pairs of these records that were not found again."""
    pairs = {"found": [each.key for each in found], "found_b": [each.key_b for each in found]}
    values = _of(entity) | pairs | {"keys": list(keys), "by": store.FINDER, "now": now}
    return tuple(store.ConflictId(row[0]) for row in conn.execute(SQL["end_pairs"], values))


def enter(conn: Connection[TupleRow], entity: Entity) -> tuple[int, list[EventKey]]:
    """Keep the blocks of the next records that changed; how many were read, and which of them are there no more."""
    row = conn.execute(SQL["place"], _of(entity)).fetchone()
    place = store.Place(0, *row) if row else store.Place(0)
    keys, behind = store.changed(conn, entity.name, place, store.last_round(conn), ENTERED_AT_ONCE)
    if not keys:
        return 0, []
    terms: Counter[int] = Counter()
    gone = conn.execute(SQL["take_out"], _of(entity) | {"keys": keys})
    terms.subtract(term for (term,) in gone)
    people = duplicates.people(conn, entity, keys)
    put: list[tuple[str, list[int], list[int]]] = []
    for key, name, born_on, mother in people.select("key", "name", "born_on", "mother").iter_rows():
        of_name = blocks.terms(entity.name, name)
        put.append((key, blocks.blocks(entity.name, name, born_on, mother), of_name))
        terms.update((blocks.ALL, *of_name))
    values = {
        "keys": [key for key, _, _ in put],
        "blocks": [_array(each) for _, each, _ in put],
        "terms": [_array(each) for _, _, each in put],
    }
    conn.execute(SQL["put_in"], _of(entity) | values)
    changed = {term: count for term, count in terms.items() if count}
    conn.execute(SQL["count_terms"], _of(entity) | {"terms": list(changed), "persons": list(changed.values())})
    where = {"round": behind.round, "kind": behind.kind, "part": behind.part, "offset": behind.offset}
    conn.execute(SQL["set_place"], _of(entity) | where | {"key": behind.key})
    there = {key for key, _, _ in put}
    return len(keys), [key for key in keys if key not in there]


def compare(conn: Connection[TupleRow], entity: Entity, keys: Sequence[EventKey]) -> list[Found]:
    """Probable duplicates with one of these records, the surest first. Changes nothing."""
    met = conn.execute(SQL["met"], _of(entity) | {"keys": list(keys), "largest": LARGEST_BLOCK}).fetchall()
    if not met:
        return []
    pairs = pl.DataFrame(met, schema={"key": pl.String, "key_b": pl.String}, orient="row")
    all_keys = pl.concat([pairs["key"], pairs["key_b"]]).unique().to_list()
    people = duplicates.people(conn, entity, all_keys)
    names = dict(people.select("key", "name").iter_rows())
    words = {key: spelled(name) for key, name in names.items()}
    whole = {key: blocks.whole_term(entity.name, each) for key, each in words.items()}
    by_word = {word: blocks.word_term(entity.name, word) for each in words.values() for word in each}
    borne = _persons(conn, entity, {blocks.ALL, *whole.values(), *by_word.values()})
    least = max(USUAL_LEAST, borne.get(blocks.ALL, 0) * USUAL_SHARE)
    usual = frozenset(word for word, term in by_word.items() if borne.get(term, 0) >= least)
    namesakes = {key: borne.get(term, 1) for key, term in whole.items()}
    return duplicates.told(entity, people, duplicates_among(people, pairs, namesakes, usual))


def _persons(conn: Connection[TupleRow], entity: Entity, terms: set[int]) -> dict[int, int]:
    return dict(conn.execute(SQL["persons"], _of(entity) | {"terms": list(terms)}).fetchall())


def _of(entity: Entity) -> dict[str, object]:
    return {"entity": entity.name}


def _array(numbers: Sequence[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"

"""Where a document's rows go, and whose golden records must be reckoned anew after that.

An entity with one source has one table, and that source writes into it. Where several speak, each document has a
table of its own (`source.<opd>_<document>`), and the entity's table is their fold.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import entities, fold_statements, reference_tables, row_updates
from hub_db.fold_statements import Feed, Folds
from hub_db.golden import Entity
from hub_db.reference_tables import TableStatements
from hub_db.row_updates import UpdateStatements
from hub_db.statements import load
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import EntityName

SQL, LOADS = load("hub_db", "sql/entities.sql"), load("hub_db", "sql/loads.sql")
Generations = tuple[tuple[str, int, bool], ...]  # entity, generation, whether a steward has ruled of its records


@dataclass(frozen=True, slots=True)
class Layout:
    """Of one document, as the hub's contracts have it together."""

    rows: TableStatements  # the table with the document's newest rows
    own: Folds | None  # of its entity, if others speak, too
    fed: tuple[Feed, ...]  # the entities that it feeds
    withdrawn: frozenset[str] = frozenset()  # its loads by which no event may go in
    updates: UpdateStatements | None = (
        None  # of the same table, where its rows may be written before they are asked for
    )

    @property
    def plain(self) -> bool:
        """Whether nothing but the document's own table changes."""
        return self.own is None and not self.fed


@dataclass(frozen=True, slots=True)
class _Known:
    contract: Contract
    generations: Generations
    layout: Layout


_known: "WeakKeyDictionary[Connection[Any], dict[str, _Known]]" = WeakKeyDictionary()


def hold(conn: Connection[TupleRow], contract: Contract) -> Layout:
    """The document's layout, which stays as it is until the transaction ends.

    One small statement; the contracts are read anew only when one of them has come or changed. In the sandbox each
    document is alone with its table.
    """
    if contract.sandbox:
        return Layout(reference_tables.statements(contract, reference_tables.sandbox_table(contract)), None, ())
    names = sorted({contract.entity, *(feed.entity for feed in contract.feeds)})
    found: Generations = tuple(conn.execute(SQL["hold"], {"entities": names}))
    layouts = _known.setdefault(conn, {})
    known = layouts.get(contract.topic)
    if known is None or known.contract is not contract or known.generations != found:
        withdrawn = frozenset(name for (name,) in conn.execute(LOADS["withdrawn"], {"topic": contract.topic}))
        ruled = frozenset(name for name, _, is_ruled in found if is_ruled)
        layout = replace(_layout(contract, contracts(conn), resting(conn), ruled), withdrawn=withdrawn)
        known = layouts[contract.topic] = _Known(contract, found, layout)
    return known.layout


def contracts(conn: Connection[TupleRow]) -> list[Contract]:
    """All contracts of the hub, by topic."""
    return [_read(topic, text) for topic, text in conn.execute(SQL["contracts"])]


@lru_cache(maxsize=256)
def _read(topic: str, text: str) -> Contract:
    return read(json.loads(text), file=f"hub.document {topic}")


def resting(conn: Connection[TupleRow]) -> frozenset[str]:
    """The documents that do not count, as the tables are made for it."""
    return frozenset(name for (name,) in conn.execute(SQL["resting"]))


def entity_now(conn: Connection[TupleRow], name: EntityName) -> Entity | None:
    """The entity as its tables are made; None when no document is of it."""
    return entities.build(name, contracts(conn), resting(conn))


def _layout(contract: Contract, others: Sequence[Contract], quiet: frozenset[str], ruled: frozenset[str]) -> Layout:
    entity = entities.build(contract.entity, others, quiet)
    if entity is None:  # the document was not provisioned
        return Layout(reference_tables.statements(contract), None, ())
    table = next((each.table for each in entity.sources if each.topic == contract.topic), None)
    fed = []
    for feed in contract.feeds:
        target = entities.build(feed.entity, others, quiet)
        source = next((each for each in target.sources if each.topic == contract.topic), None) if target else None
        if target is not None and source is not None:
            fed.append(fold_statements.feed(target, source, ruled=target.name in ruled))
    own = fold_statements.folds(entity, ruled=entity.name in ruled) if entity.merged else None
    rows = reference_tables.statements(contract, table)
    return Layout(rows, own, tuple(fed), updates=None if fed else row_updates.for_document(contract, table))


def table_of(conn: Connection[TupleRow], contract: Contract) -> tuple[str, str] | None:
    """Schema and name of the table with the document's newest rows; None when it has none here."""
    entity = entities.build(contract.entity, contracts(conn), resting(conn))
    sources = entity.sources if entity is not None else ()
    return next((each.table for each in sources if each.topic == contract.topic and not each.feeds), None)


def folds_of(conn: Connection[TupleRow], name: EntityName) -> Folds | None:
    """The fold of an entity, None when it has one source or no document."""
    entity = entity_now(conn, name)
    return fold_statements.folds(entity) if entity is not None and entity.merged else None


class KnownEntities:
    """Entities as the contracts have them, kept until one of their documents has come or changed."""

    def __init__(self) -> None:
        self._known: dict[EntityName, tuple[int, Entity]] = {}

    def of(self, conn: Connection[TupleRow], name: EntityName) -> Entity | None:
        """The entity as it is now; None when no document is of it. One small statement where nothing has changed."""
        row = conn.execute(SQL["generation"], {"entity": name}).fetchone()
        if row is None:
            return None
        known = self._known.get(name)
        if known is None or known[0] != row[0]:
            entity = entity_now(conn, name)
            if entity is None:
                return None
            known = self._known[name] = (int(row[0]), entity)
        return known[1]

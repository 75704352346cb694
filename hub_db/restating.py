"""When the state of a source changes: its tables follow, and all records of its entities are reckoned anew, in steps.

A step that is done twice changes nothing, so whoever drives them may be killed anywhere and goes on.
"""

from collections.abc import Collection
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier, Literal

from hub_db import entities, fold_statements, layouts, refold
from hub_db.connection import translated
from hub_db.golden import Entity
from hub_db.provisioning import Register, refit, register_golden
from schemas.names import EntityName, EventKey, TopicName

KEYS_AT_ONCE = 2_000  # a step holds off whoever brings in records of the entity for so long
BEFORE_ALL = ""  # no key is empty


@dataclass(frozen=True, slots=True)
class Piece:
    """What one step did: which keys come next, and how many records changed. `table` None: all are done."""

    table: int | None
    after: str
    seen: int
    changed: int


def out_of_step(conn: Connection[TupleRow]) -> dict[TopicName, bool]:
    """The documents whose source has come to count, or no longer does, and whose tables are not made for it."""
    return {TopicName(topic): counts for topic, counts in conn.execute(layouts.SQL["out_of_step"])}


def concerned(conn: Connection[TupleRow], topics: Collection[TopicName]) -> list[EntityName]:
    """The entities whose records these documents may have a say in, sorted."""
    contracts = layouts.contracts(conn)
    named = (entities.concerned(each, contracts) for each in contracts if each.topic in topics)
    return sorted({name for names in named for name in names})


def restate(conn: Connection[TupleRow], counts: dict[TopicName, bool], register: Register | None = None) -> None:
    """Make tables and folds for what counts from now on, and ask for the records to be reckoned anew; as the owner, in
    the caller's transaction. Views of the entities (`concerned`) must be gone."""
    with translated():
        conn.execute(layouts.SQL["provision_alone"])
        contracts, before = layouts.contracts(conn), layouts.resting(conn)
        names = concerned(conn, counts)
        for topic, each in counts.items():
            conn.execute(layouts.SQL["set_counts"], {"topic": topic, "counts": each})
        after = layouts.resting(conn)
        changes = [
            (entities.build(name, contracts, before), now)
            for name in names
            if (now := entities.build(name, contracts, after)) is not None
        ]
        if register is not None:
            register_golden(conn, [now for _, now in changes if now.merged], register)
        for name in names:
            conn.execute(layouts.SQL["take"], {"entity": name})
        refit(conn, changes)
        for name in names:
            conn.execute(layouts.SQL["ask_recount"], {"entity": name})


def recounts(conn: Connection[TupleRow]) -> list[EntityName]:
    """The entities whose records wait for being reckoned anew."""
    return [EntityName(name) for (name,) in conn.execute(layouts.SQL["open_recounts"])]


def asked(conn: Connection[TupleRow], name: EntityName) -> int:
    """Up to which asking the records of an entity are reckoned, when that begins now."""
    row = conn.execute(layouts.SQL["recount"], {"entity": name}).fetchone()
    return int(row[0]) if row else 0


def done(conn: Connection[TupleRow], name: EntityName, number: int) -> None:
    """All records were reckoned by what was asked for up to `number`."""
    conn.execute(layouts.SQL["recounted"], {"entity": name, "asked": number})


def recount(conn: Connection[TupleRow], name: EntityName, table: int, after: str) -> Piece:
    """Reckon the next records: those of the keys after `after` in one of the entity's tables. In the caller's
    transaction, as the owner."""
    conn.execute(layouts.SQL["hold"], {"entities": [name]}).fetchall()
    entity = layouts.entity_now(conn, name)
    tables = [] if entity is None else _tables(entity)
    if entity is None or table >= len(tables):
        return Piece(None, BEFORE_ALL, 0, 0)
    found = conn.execute(_next_keys(entity, tables[table]), {"after": after, "limit": KEYS_AT_ONCE}).fetchall()
    if not found:
        return Piece(table + 1, BEFORE_ALL, 0, 0) if table + 1 < len(tables) else Piece(None, BEFORE_ALL, 0, 0)
    keys = [EventKey(key) for (key,) in found]
    if entity.merged:
        changed = refold.reckon(conn, fold_statements.folds(entity), keys)
    else:
        refold.publish_anew(conn, entity, keys)
        changed = len(keys)
    return Piece(table, keys[-1], len(keys), changed)


def _tables(entity: Entity) -> list[tuple[str, str]]:
    """Where the keys of all records stand that there are, or should be: a feed makes none."""
    own = [source.table for source in entity.sources if not source.feeds] if entity.merged else []
    return [("reference", entity.name), *own]


def _next_keys(entity: Entity, table: tuple[str, str]) -> Composed:
    """The keys after one, as texts, in their order. Index: the table's primary key."""
    columns = SQL(", ").join(Identifier(name) for name in entity.key)
    parts = [SQL("split_part(%(after)s, '|', {})").format(Literal(place)) for place in range(1, len(entity.key) + 1)]
    text = SQL(" || '|' || ").join(Identifier(name) for name in entity.key)
    return SQL("select {} from {} where ({}) > ({}) order by {} limit %(limit)s").format(
        text, Identifier(*table), columns, SQL(", ").join(parts), columns
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """How many records of an entity would come, change and go."""

    entity: EntityName
    come: int
    change: int
    go: int


def effect(conn: Connection[TupleRow], topic: TopicName, *, counts: bool) -> list[Effect]:
    """What it would do to the records if a document counted, or no longer did. Changes nothing; reads all of them.
    Nothing for a document that is not provisioned."""
    contracts, before = layouts.contracts(conn), layouts.resting(conn)
    names = {each.topic: each.name for each in contracts}
    if topic not in names:
        return []
    after = before - {names[topic]} if counts else before | {names[topic]}
    found = []
    for name in concerned(conn, [topic]):
        was, now = (entities.build(name, contracts, quiet) for quiet in (before, after))
        if was is not None and now is not None:
            row = conn.execute(_difference(was, now)).fetchone() or (0, 0, 0)
            found.append(Effect(name, *map(int, row)))
    return found


def _difference(was: Entity, now: Entity) -> Composed:
    """Counts of the live records that come, change and go, over the tables as they are made for `was`."""
    tables = {source.name: source.table for source in was.sources}
    then = now.on_tables(tables)
    golden = Identifier("reference", was.name)
    key = SQL(", ").join(Identifier(name) for name in was.key)
    keys = SQL(" union ").join(SQL("select {} from {}").format(key, Identifier(*table)) for table in _tables(was))
    others = [field.name for field in was.columns if field.name not in was.key]
    same = SQL(" and ").join(SQL("t.{0} = f.{0}").format(Identifier(name)) for name in was.key)
    columns = SQL(", ").join(map(Identifier, [*was.key, *others, "_deleted"]))
    old = SQL(", ").join(SQL("t.{}").format(Identifier(name)) for name in others)
    new = SQL(", ").join(SQL("f.{}").format(Identifier(name)) for name in others)
    return SQL(
        "select count(*) filter (where t._deleted is null), count(*) filter (where f._deleted is not null and"
        " t._deleted is not null and ({old}) is distinct from ({new})), count(*) filter (where f._deleted is null)"
        " from (select {columns} from {golden} where not _deleted) t"
        " full join (select {columns} from ({fold}) x where not _deleted) f on {same}"
    ).format(columns=columns, old=old, new=new, golden=golden, fold=fold_statements.fold(then, keys), same=same)

"""Makes and changes the tables of an entity when a document of it, or one that feeds it, is provisioned.

As long as one source speaks, its table is the entity's. With the second one each document gets a table of its own,
the first one's filled from what is there, and the entity's table becomes their fold. Nothing is published for that, as
no record changes; batches of the entity wait meanwhile (`hub.take_entity`), those of other entities do not.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier, Literal
from psycopg.types.json import Jsonb

from hub_db import entities, facts, layouts, sandbox, sources
from hub_db.connection import translated
from hub_db.golden import Entity
from hub_db.reference_tables import (
    INTAKE,
    MARKS,
    PUBLISHER,
    WARNINGS,
    WEB,
    column,
    create_table,
    table_name,
)
from hub_db.sources import SourceState
from schemas.contract import Contract, Field
from schemas.names import SchemaId, SubjectName

MARKS_CHECK = "marks_are_whole"  # the one check of a merged table: what stands in it has passed its sources' checks

Register = Callable[[SubjectName, Mapping[str, Any]], SchemaId]


def provision(
    conn: Connection[TupleRow], contract: Contract, schema_id: SchemaId, register: Register | None = None
) -> None:
    """Make the document's tables, give each role its rights, and enter the document; as the owner.

    `register` has the registry number the schema of an entity's golden record, where several sources speak; without
    it nothing of such an entity can be published. Doing it twice changes nothing.
    """
    with translated(), conn.transaction():
        conn.execute(layouts.SQL["provision_alone"])
        before, quiet = layouts.contracts(conn), layouts.resting(conn)
        after = [each for each in before if each.topic != contract.topic] + [contract]
        is_new = len(after) > len(before)
        if is_new and _rests(conn, contract):
            quiet |= {contract.name}
        names = sorted({*entities.concerned(contract, before), *entities.concerned(contract, after)})
        changes = [
            (entities.build(name, before, quiet), now)
            for name in names
            if (now := entities.build(name, after, quiet)) is not None
        ]
        if register is not None:
            register_golden(conn, [now for _, now in changes if now.merged], register)
        for name in names:
            conn.execute(layouts.SQL["take"], {"entity": name})
        _enter(conn, contract, schema_id, counts=contract.name not in quiet)
        refit(conn, changes)
        sandbox.provision(conn, contract)
        for was, now in changes:
            known = now.without(contract.name) if is_new else now
            if was is not None and not entities.folds_alike(was, known):
                conn.execute(layouts.SQL["ask_recount"], {"entity": now.name})


def _rests(conn: Connection[TupleRow], contract: Contract) -> bool:
    """Whether the source has a state in which it does not count. One without a state is from before there were any."""
    state = sources.current(conn).get(contract.name)
    return state is not None and state.state is not SourceState.AKTIF


def refit(conn: Connection[TupleRow], changes: Sequence[tuple[Entity | None, Entity]]) -> None:
    """Make the tables of entities, which nobody else holds, what they must be now."""
    for was, now in changes:
        _make(conn, was, now)
    for was, now in changes:
        _index_feeds(conn, now)
        _enter_speakers(conn, now)
        if was != now:
            conn.execute(layouts.SQL["next_generation"], {"entity": now.name})


def register_golden(conn: Connection[TupleRow], merged: Sequence[Entity], register: Register) -> None:
    """The schemas of golden records, numbered by the registry."""
    for entity in merged:
        schema = entities.golden_schema(entity)
        facts.enter_topic(conn, entities.topic(entity.name), register(entities.subject(entity.name), schema), schema)


def _enter(conn: Connection[TupleRow], contract: Contract, schema_id: SchemaId, *, counts: bool) -> None:
    conn.execute(
        layouts.SQL["enter_document"],
        {
            "topic": contract.topic,
            "opd": contract.opd,
            "document": contract.document,
            "entity": contract.entity,
            "subject": contract.subject,
            "schema_id": schema_id,
            "contract": Jsonb(dict(contract.schema)),
            "counts": counts,
        },
    )


def _make(conn: Connection[TupleRow], was: Entity | None, entity: Entity) -> None:
    """The entity's tables as they must be; what is there already stays."""
    table = table_name(entity.name)
    if entity.merged:
        _make_merged(conn, was, entity, table)
    else:
        if was is not None and was.merged:
            _make_plain(conn, was, table)
        conn.execute(create_table(entity.contracts[0]))
        _hold_warnings(conn, table, entity.name)
    conn.execute(SQL("comment on table {} is {}").format(table, Literal(entity.contracts[0].doc)))
    conn.execute(SQL("grant select, insert, update on {} to {}").format(table, INTAKE))
    conn.execute(SQL("grant select on {} to {}").format(table, PUBLISHER))
    conn.execute(SQL("grant select (_deleted) on {} to {}").format(table, WEB))


def _make_merged(conn: Connection[TupleRow], was: Entity | None, entity: Entity, table: Identifier) -> None:
    by_topic = {contract.topic: contract for contract in entity.contracts}
    conn.execute(SQL("grant usage on schema source to {}").format(PUBLISHER))  # the effect of a contract on its rows
    for source in entity.sources:
        if source.feeds:
            continue
        contract, name = by_topic[source.topic], Identifier(*source.table)
        conn.execute(create_table(contract, name))
        _hold_warnings(conn, name, source.table[1])
        _add_columns(conn, name, [field for field in contract.fields if field.name not in contract.key], checked=True)
        conn.execute(SQL("comment on table {} is {}").format(name, Literal(contract.doc)))
        conn.execute(SQL("grant select, insert, update on {} to {}").format(name, INTAKE))
        conn.execute(SQL("grant select on {} to {}").format(name, PUBLISHER))
        if was is not None and not was.merged and was.contracts[0].topic == contract.topic:
            _fill(conn, was.contracts[0], table, name)
    conn.execute(_create_merged(entity, table))
    _add_columns(conn, table, [field for field in entity.columns if field.name not in entity.key], checked=False)
    checks = [name for (name,) in conn.execute(layouts.SQL["checks_of_table"], {"table": table.as_string()})]
    if gone := [name for name in checks if name != MARKS_CHECK]:
        drops = SQL(", ").join(SQL("drop constraint {}").format(Identifier(name)) for name in gone)
        conn.execute(SQL("alter table {} {}").format(table, drops))


def _hold_warnings(conn: Connection[TupleRow], table: Identifier, name: str) -> None:
    """Rows keep what is told of them, also in a table that was a fold before; and the few of which something is told
    are found without reading the others. The index holds no codes: those of a row may be longer than it takes."""
    there = {found for (found,) in conn.execute(layouts.SQL["columns_of_table"], {"table": table.as_string()})}
    if WARNINGS not in there:
        conn.execute(SQL("alter table {} add column {} text").format(table, Identifier(WARNINGS)))
    conn.execute(
        SQL("create index if not exists {} on {} (_deleted) where {} is not null").format(
            Identifier(f"{name}_warned"), table, Identifier(WARNINGS)
        )
    )


def _make_plain(conn: Connection[TupleRow], was: Entity, table: Identifier) -> None:
    """The only source counts from now on: its table becomes the entity's. What stood in that is in it, too."""
    schema, name = was.sources[0].table
    conn.execute(SQL("drop table {}").format(table))
    conn.execute(SQL("alter table {} rename to {}").format(Identifier(schema, name), Identifier(was.name)))
    conn.execute(SQL("alter table {} set schema reference").format(Identifier(schema, was.name)))


def _fill(conn: Connection[TupleRow], contract: Contract, golden: Identifier, source: Identifier) -> None:
    """What the only source has said so far is what the entity's table holds."""
    columns = SQL(", ").join(map(Identifier, [*(field.name for field in contract.fields), *MARKS, WARNINGS]))
    conn.execute(SQL("insert into {} ({}) select {} from {}").format(source, columns, columns, golden))
    conn.execute(SQL("alter table {} drop column {}").format(golden, Identifier(WARNINGS)))


def _create_merged(entity: Entity, table: Identifier) -> Composed:
    columns = [column(field, is_key=field.name in entity.key, checked=False) for field in entity.columns]
    marks = [SQL("{} {}").format(Identifier(name), SQL(kind)) for name, kind in MARKS.items()]
    return SQL(
        "create table if not exists {} ({}, primary key ({}), constraint {} check (num_nulls({}) = 0))"
        " with (fillfactor = 70)"
    ).format(
        table,
        SQL(", ").join([*columns, *marks]),
        SQL(", ").join(map(Identifier, entity.key)),
        Identifier(MARKS_CHECK),
        SQL(", ").join(Identifier(name) for name in MARKS if name != "_event_time"),
    )


def _add_columns(conn: Connection[TupleRow], table: Identifier, fields: Sequence[Field], *, checked: bool) -> None:
    there = {name for (name,) in conn.execute(layouts.SQL["columns_of_table"], {"table": table.as_string()})}
    new = [column(field, is_key=False, checked=checked) for field in fields if field.name not in there]
    if new:
        adds = SQL(", ").join(SQL("add column {}").format(each) for each in new)
        conn.execute(SQL("alter table {} {}").format(table, adds))


def _index_feeds(conn: Connection[TupleRow], entity: Entity) -> None:
    """The newest row with which a feed speaks about a record is found by the record's key."""
    for source in entity.sources:
        if source.feeds:
            schema, name = source.table
            conn.execute(
                SQL("create index if not exists {} on {} ({}, {} desc nulls last) where not _deleted").format(
                    Identifier(f"{name}_feeds_{entity.name}"),
                    Identifier(schema, name),
                    Identifier(source.key[0]),
                    Identifier(entities.SOURCE_CHANGED),
                )
            )


def _enter_speakers(conn: Connection[TupleRow], entity: Entity) -> None:
    """Who speaks about the entity, and where: so that a record's past is found from its rows."""
    conn.execute(layouts.SQL["no_speakers"], {"entity": entity.name})
    for place, source in enumerate(entity.sources):
        conn.execute(
            layouts.SQL["add_speaker"],
            {
                "entity": entity.name,
                "topic": source.topic,
                "place": place,
                "feeds": source.feeds,
                "table_schema": source.table[0],
                "table_name": source.table[1],
                "row_key": list(source.row_key),
                "key": list(source.key),
            },
        )

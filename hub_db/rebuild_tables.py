"""The tables of a rebuild, in the schema `rebuild`, and the statements that fill them.

For a document: `heads` (by key the newest event), `ties` (others of the same version), `rows` (the table that follows),
`apart` (keys for which no row follows, and why), `diff` (where the live table says otherwise), `done` (what was changed
in it), `mark` (whose copy it is). They are not logged: a server that fell has emptied them all, `mark` among them.
"""

from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Final
from zlib import crc32

from psycopg.sql import SQL, Composable, Composed, Identifier

from hub_db.reference_tables import MARKS, WARNINGS, Statement, Table, is_key, source_table
from schemas.contract import Contract

SCHEMA: Final = "rebuild"
TABLES: Final = ("rows", "heads", "ties", "apart", "diff", "done", "mark")
LONGEST: Final = 50  # characters of a document's name that leave room behind it (PostgreSQL: 63 for a table)
_MARK_LENGTH: Final = 9
Named = tuple[tuple[str, Table], ...]  # by use
Tables = dict[str, Identifier]

_EVENT: Final = SQL('h.key, h.epoch, h.sequence, h.topic_no, h.partition, h."offset"')
_COUNTS: Final = SQL("(h.load is null or h.load <> all(%(withdrawn)s::text[]))")


class Source(Enum):
    """Where events are looked for. Those of withdrawn loads are left out."""

    STRETCH = auto()  # of a partition
    PLACES = auto()


_STRETCH: Final = SQL(
    "select {event} from hub.history h where h.topic_no = %(topic_no)s and h.partition = %(partition)s"
    ' and h."offset" >= %(first)s and h."offset" < %(next)s and {counts}'
).format(event=_EVENT, counts=_COUNTS)
_PLACES: Final = SQL(
    "select {event} from unnest(%(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[])"
    ' as p (topic_no, partition, "offset") join hub.history h using (topic_no, partition, "offset") where {counts}'
).format(event=_EVENT, counts=_COUNTS)
_SOURCES: Final = {Source.STRETCH: _STRETCH, Source.PLACES: _PLACES}


@dataclass(frozen=True, slots=True)
class CopyStatements:
    """The statements that make a document's copy, fill and drop it."""

    mark: Table
    make: tuple[Composed, ...]
    drop: tuple[Composed, ...]
    set_mark: Composed
    marked: Composed  # number of the copy, and from where it goes on
    take: dict[Source, Composed]  # makes events the newest of their keys; the keys of which that changed
    tie: dict[Source, Composed]  # keeps events that have the version of their key's newest; their keys
    next_heads: Composed  # the newest events of the next keys, as `stored_sets.Stored`, and whether they are there
    heads_of_keys: Composed  # the same of some keys
    any_ties: Composed
    ties_of_keys: Composed  # the other events of those keys' newest version
    forget: Composed  # what was read of keys
    copy_rows: Statement  # binary COPY, columns as `reference_tables.column_types`
    set_apart: Composed


def tables_of(contract: Contract, live: Table) -> Named:
    """The tables of a document by their use, `live` among them."""
    name = source_table(contract)[1]
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - _MARK_LENGTH]}_{crc32(name.encode()):08x}"
    return (*((use, (SCHEMA, f"{name}_{use}")) for use in TABLES), ("live", live))


def identifiers(named: Named) -> Tables:
    """The tables for statements."""
    return {use: Identifier(*names) for use, names in named}


def statements(contract: Contract, live: Table) -> CopyStatements:
    """Those of a document whose rows are in the table `live` (its schema and name)."""
    columns = tuple(str(field.name) for field in contract.fields)
    return _statements(tables_of(contract, live), columns, tuple(map(str, contract.key)))


@lru_cache(maxsize=256)
def _statements(named: Named, columns: tuple[str, ...], key: tuple[str, ...]) -> CopyStatements:
    t = identifiers(named)
    said = SQL(", ").join(map(Identifier, (*columns, *MARKS, WARNINGS)))
    next_heads = SQL("select h.* from {} h where h.key > %(after)s order by h.key limit %(limit)s").format(t["heads"])
    heads_of_keys = SQL("select h.* from {} h where h.key = any(%(keys)s)").format(t["heads"])
    ties_of_keys = SQL(
        "select s.* from {ties} s join {heads} d using (key, epoch, sequence) where s.key = any(%(keys)s)"
        ' and (s.topic_no, s.partition, s."offset") <> (d.topic_no, d.partition, d."offset")'
    ).format(ties=t["ties"], heads=t["heads"])
    return CopyStatements(
        mark=dict(named)["mark"],
        make=_make(t, key),
        drop=tuple(SQL("drop table if exists {}").format(t[use]) for use in TABLES),
        set_mark=SQL(
            "insert into {} (only_one, copy, state) values (true, %(copy)s, %(state)s)"
            " on conflict (only_one) do update set state = excluded.state"
        ).format(t["mark"]),
        marked=SQL("select copy, state from {}").format(t["mark"]),
        take={source: _take(t, events) for source, events in _SOURCES.items()},
        tie={source: _tie(t, events) for source, events in _SOURCES.items()},
        next_heads=_events(t, next_heads, key),
        heads_of_keys=_events(t, heads_of_keys, key),
        any_ties=SQL("select exists (select from {})").format(t["ties"]),
        ties_of_keys=_events(t, ties_of_keys, key),
        forget=SQL(
            "with gone as (delete from {rows} t using unnest(%(keys)s::text[]) as k (key) where {is_key})"
            " delete from {apart} where key = any(%(keys)s)"
        ).format(rows=t["rows"], apart=t["apart"], is_key=is_key(key, SQL("k.key"))),
        copy_rows=SQL("copy {} ({}) from stdin (format binary)").format(t["rows"], said).as_bytes(),
        set_apart=SQL("insert into {} (key, code) select unnest(%(keys)s::text[]), unnest(%(codes)s::text[])").format(
            t["apart"]
        ),
    )


def _make(t: Tables, key: tuple[str, ...]) -> tuple[Composed, ...]:
    """The tables, empty. `rows` is as the live one, but for what that refuses: it does so when it is written."""
    by_key = SQL('key text collate "C" primary key')
    event = SQL(
        'key text collate "C" not null, epoch integer not null, sequence bigint not null, topic_no integer not null,'
        ' partition integer not null, "offset" bigint not null'
    )
    return (
        SQL("create schema if not exists {}").format(Identifier(SCHEMA)),
        SQL("create unlogged table {} (like {})").format(t["rows"], t["live"]),
        SQL("alter table {} add primary key ({})").format(t["rows"], SQL(", ").join(map(Identifier, key))),
        SQL("create unlogged table {} ({}, primary key (key)) with (fillfactor = 70)").format(t["heads"], event),
        SQL('create unlogged table {} ({}, primary key (key, topic_no, partition, "offset"))').format(t["ties"], event),
        SQL("create unlogged table {} ({}, code text not null)").format(t["apart"], by_key),
        SQL("create unlogged table {} ({}, kind text, fields text[])").format(t["diff"], by_key),
        SQL("create unlogged table {} (kind text primary key, keys bigint not null)").format(t["done"]),
        SQL(
            "create unlogged table {} (only_one boolean primary key check (only_one), copy bigint not null,"
            " state jsonb not null)"
        ).format(t["mark"]),
    )


def _take(t: Tables, source: Composable) -> Composed:
    return SQL(
        'insert into {heads} as t (key, epoch, sequence, topic_no, partition, "offset")'
        " select distinct on (h.key) {event} from ({source}) h"
        ' order by h.key, h.epoch desc, h.sequence desc, h.topic_no, h.partition, h."offset"'
        " on conflict (key) do update set epoch = excluded.epoch, sequence = excluded.sequence,"
        ' topic_no = excluded.topic_no, partition = excluded.partition, "offset" = excluded."offset"'
        " where (t.epoch, t.sequence) < (excluded.epoch, excluded.sequence) returning t.key"
    ).format(heads=t["heads"], event=_EVENT, source=source)


def _tie(t: Tables, source: Composable) -> Composed:
    """Each event's key is looked up, however large the table has grown (as `reference_tables._row_by_key`)."""
    return SQL(
        "insert into {ties} select {event} from ({source}) h"
        " cross join lateral (select d.* from {heads} d where d.key = h.key limit 1) d"
        " where (d.epoch, d.sequence) = (h.epoch, h.sequence)"
        ' and (d.topic_no, d.partition, d."offset") <> (h.topic_no, h.partition, h."offset")'
        " on conflict do nothing returning key"
    ).format(ties=t["ties"], heads=t["heads"], event=_EVENT, source=source)


def _events(t: Tables, heads: Composable, key: tuple[str, ...]) -> Composed:
    """Events as `stored_sets.Stored`, then whether the history has them, in the order of keys.

    Indexes: history_pkey, batch_ends_once, release_event_pkey, the live table's primary key.
    """
    return SQL(
        'select d.key, d.epoch, d.sequence, d.topic_no, d.partition, d."offset", h.event_time, h.schema_id, h.value,'
        " coalesce((b.tx_at at time zone %(zone)s::text)::date, current_date),"
        " (select t._warnings from {live} t where {is_key}"
        ' and (t._topic_no, t._partition, t._offset) = (d.topic_no, d.partition, d."offset")'
        " and exists (select from hub.release_event e"
        ' where (e.topic_no, e.partition, e."offset") = (d.topic_no, d.partition, d."offset"))),'
        " h.there is not null"
        " from ({heads}) d"
        " left join lateral (select true as there, h.event_time, h.schema_id, h.value from hub.history h"
        ' where (h.topic_no, h.partition, h."offset") = (d.topic_no, d.partition, d."offset") limit 1) h on true'
        " left join lateral (select b.tx_at from hub.topic n join hub.batch b using (topic_id)"
        ' where n.topic_no = d.topic_no and b.partition = d.partition and b.next_offset > d."offset"'
        " order by b.next_offset limit 1) b on true"
        ' order by d.key, d.topic_no, d.partition, d."offset"'
    ).format(live=t["live"], is_key=is_key(key, SQL("d.key")), heads=heads)

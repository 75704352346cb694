"""`golden.fold` in SQL, for many keys at a time: what each statement does is said once, in Python, there.

Keys come as `key_lines` has them. Only the tables of the entity's sources are read, each through its key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from hub_db import ruling_statements
from hub_db.entities import SOURCE_CHANGED
from hub_db.golden import Entity, Source, survivorship
from hub_db.reference_tables import MARKS, collated, column_type, table_name
from schemas.contract import Field


@dataclass(frozen=True, slots=True)
class Folds:
    """The statements that keep one entity's golden table; each takes the keys' lines."""

    entity: Entity
    count: Composed  # → how many records there are, tombstones included
    lock: Composed  # the same, each locked, in the order of keys
    update: Composed  # reckons records that are there anew; → how many changed
    update_listed: Composed  # the same, → how many look otherwise; lists their keys for the next round; cause first
    insert: (
        Composed  # makes those that are not there; → how many were not there, how many should be, how many were made
    )
    insert_listed: Composed  # the same, → how many live records were made; lists their keys; cause first
    bury_listed: Composed  # makes tombstones of those that nobody makes any more and lists them; takes the cause first


@dataclass(frozen=True, slots=True)
class Feed:
    """A document's feed of another entity."""

    folds: Folds
    source: Source
    fed_keys: Composed  # lines of the document's keys → the entity's keys that their rows name
    note: Composed  # lines of the document's keys: remembers which records their rows name


def folds(entity: Entity, *, ruled: bool = True) -> Folds:
    """The statements of an entity. `ruled`: whether a steward may have ruled of its records; where none ever did,
    nothing is asked for."""
    table, key = table_name(entity.name), entity.key
    names = [*(field.name for field in entity.columns), *MARKS]
    keys = _keys(key)
    join = _same("t", "k", key)
    updated = _update(entity, table, names, ruled=ruled)
    made = _made(entity, table, names, ruled=ruled)
    counts = SQL("(select count(*) from absent), (select count(*) from folded), (select count(*) from changed)")
    listing, listed = _listing(entity), SQL("select count(*) from changed where is_seen")
    return Folds(
        entity,
        count=SQL("select count(*) from ({keys}) k join {table} t on {join}").format(keys=keys, table=table, join=join),
        lock=SQL(
            "select count(*) from"
            " (select 1 from {table} t join ({keys}) k on {join} order by {order} for update of t) l"
        ).format(table=table, keys=keys, join=join, order=_list(key, "t")),
        update=SQL("with changed as ({}) select count(*) from changed").format(updated),
        update_listed=SQL("with told as (select %s::text as cause), changed as ({}), {} {}").format(
            updated, listing, listed
        ),
        insert=SQL("with {} select {}").format(made, counts),
        insert_listed=SQL("with told as (select %s::text as cause), {}, {} {}").format(made, listing, listed),
        bury_listed=SQL("with told as (select %s::text as cause), changed as ({}), {} {}").format(
            _burial(entity, table), listing, listed
        ),
    )


def _made(entity: Entity, table: Identifier, names: Sequence[str], *, ruled: bool) -> Composed:
    """Makes the records that are not there: `absent` keys, what is `folded` of them, and the keys that `changed`."""
    key_columns = _list(entity.key)
    return SQL(
        "absent as materialized (select {k_key} from ({keys}) k"
        " where not exists (select from {table} t where {join})),"
        " folded as materialized ({fold}),"
        " changed as (insert into {table} as t ({columns}) select {columns} from folded order by {key}"
        " on conflict ({key}) do nothing returning {key_text} as key, not t._deleted as is_seen)"
    ).format(
        k_key=_list(entity.key, "k"),
        keys=_keys(entity.key),
        table=table,
        join=_same("t", "k", entity.key),
        fold=fold(entity, SQL("select {} from absent").format(key_columns), ruled=ruled),
        columns=_list(names),
        key=key_columns,
        key_text=_key_text("t", entity.key),
    )


def _burial(entity: Entity, table: Identifier) -> Composed:
    """Tombstones for records that were made by sources that no longer count; returns their keys."""
    nothing = [
        SQL("{} = null").format(Identifier(field.name)) for field in entity.columns if field.name not in entity.key
    ]
    return SQL(
        "update {table} t set {changes} from ({keys}) k where {join} and not t._deleted"
        " and not exists (select from ({fold}) f where {same}) returning {key_text} as key, true as is_seen"
    ).format(
        table=table,
        changes=SQL(", ").join([*nothing, SQL("_deleted = true")]),
        keys=_keys(entity.key),
        join=_same("t", "k", entity.key),
        fold=fold(entity, SQL("select {}").format(_list(entity.key, "t"))),
        same=_same("t", "f", entity.key),
        key_text=_key_text("t", entity.key),
    )


def _listing(entity: Entity) -> Composed:
    """Lists the keys of `changed` for the next round, if the change is seen: a tombstone of another source is none."""
    return SQL(
        "entered as (insert into hub.change (entity, cause) select {}, cause from told"
        " where exists (select from changed where is_seen) returning id),"
        " listed as (insert into hub.change_key (change_id, key)"
        " select entered.id, changed.key from entered, changed where is_seen)"
    ).format(Literal(entity.name))


def feed(entity: Entity, source: Source, *, ruled: bool = True) -> Feed:
    """The statements of a feed."""
    return Feed(
        folds(entity, ruled=ruled),
        source,
        SQL(
            "select distinct t.{fed} from ({keys}) k join {table} t on {join}"
            " where not t._deleted and t.{fed} is not null"
        ).format(
            fed=Identifier(source.key[0]),
            keys=_keys(source.row_key),
            table=Identifier(*source.table),
            join=_same("t", "k", source.row_key),
        ),
        SQL(
            "insert into hub.fed (entity, key, topic, row_key)"
            " select {entity}, t.{fed}, {topic}, {row_key} from ({keys}) k join {table} t on {join}"
            " where not t._deleted and t.{fed} is not null on conflict do nothing"
        ).format(
            entity=Literal(entity.name),
            fed=Identifier(source.key[0]),
            topic=Literal(source.topic),
            row_key=_key_text("t", source.row_key),
            keys=_keys(source.row_key),
            table=Identifier(*source.table),
            join=_same("t", "k", source.row_key),
        ),
    )


def _update(entity: Entity, table: Identifier, names: Sequence[str], *, ruled: bool) -> Composed:
    """Reckons records anew; returns the keys of those that changed, whose rows as they were before are still read."""
    others = [name for name in names if name not in entity.key]
    return SQL(
        "update {table} t set {changes} from ({fold}) f where {join} and ({old}) is distinct from ({new})"
        " returning {key_text} as key,"
        " not t._deleted or (select not b._deleted from {table} b where {before}) as is_seen"
    ).format(
        table=table,
        changes=SQL(", ").join(SQL("{0} = f.{0}").format(Identifier(name)) for name in others),
        fold=fold(entity, _keys(entity.key), ruled=ruled),
        join=_same("t", "f", entity.key),
        before=_same("b", "t", entity.key),
        old=_list(others, "t"),
        new=_list(others, "f"),
        key_text=_key_text("t", entity.key),
    )


def fold(entity: Entity, keys: Composed, *, ruled: bool = True) -> Composed:
    """The records of some keys, as rows of the entity's table; none for a key that no creator knows."""
    aliases = {source.name: f"s{place}" for place, source in enumerate(entity.speakers)}
    rulings = ruling_statements.of(entity, aliases) if ruled else None
    makers = [Identifier(aliases[source.name]) for source in entity.creators()]
    if not makers:  # nobody may create such records
        makers = [Identifier("nobody")]
    lives = SQL(" or ").join(SQL("{}._deleted is false").format(each) for each in makers)
    columns: list[Composable] = []
    for field in entity.columns:
        if field.name in entity.key:
            columns.append(SQL("k.{}").format(Identifier(field.name)))
        else:
            value = _value(field, entity, aliases)
            if rulings is not None:
                value = rulings.value(field, value)
            columns.append(SQL("case when {} then {} end as {}").format(lives, value, Identifier(field.name)))
    for mark in MARKS:
        cases = [SQL("when {0}._deleted is false then {0}.{1}").format(each, Identifier(mark)) for each in makers]
        cases += [SQL("when {0}._deleted then {0}.{1}").format(each, Identifier(mark)) for each in makers]
        columns.append(SQL("case {} end as {}").format(SQL(" ").join(cases), Identifier(mark)))
    joins = [_join(entity, source, Identifier(aliases[source.name])) for source in entity.speakers]
    if not entity.creators():
        joins.append(_nobody())
    if rulings is not None:
        joins.append(rulings.join)
    known = SQL(" or ").join(SQL("{}._deleted is not null").format(each) for each in makers)
    return SQL("select {columns} from ({keys}) k {joins} where {known}").format(
        columns=SQL(", ").join(columns), keys=keys, joins=SQL(" ").join(joins), known=known
    )


def _nobody() -> Composed:
    """A source without rows."""
    marks = SQL(", ").join(SQL("null::{} as {}").format(SQL(kind), Identifier(name)) for name, kind in MARKS.items())
    return SQL("left join (select {}) as nobody on false").format(marks)


def _join(entity: Entity, source: Source, alias: Identifier) -> Composed:
    """The one row with which a source speaks about a key; of a feed's rows, the newest."""
    table = Identifier(*source.table)
    pairs = zip(source.key, entity.key, strict=True)
    if not source.feeds:
        same = [SQL("{}.{} = k.{}").format(alias, Identifier(own), Identifier(key)) for own, key in pairs]
        return SQL("left join {} {} on {}").format(table, alias, SQL(" and ").join(same))
    wanted = dict.fromkeys([*source.fields.values(), SOURCE_CHANGED])
    return SQL(
        "left join lateral (select {columns} from {table} t where {same} and not t._deleted"
        " order by t.{changed} desc nulls last, {row_key} limit 1) {alias} on true"
    ).format(
        columns=_list([*wanted, *MARKS], "t"),
        table=table,
        same=SQL(" and ").join(SQL("t.{} = k.{}").format(Identifier(own), Identifier(key)) for own, key in pairs),
        changed=Identifier(SOURCE_CHANGED),
        row_key=_key_text("t", source.row_key),
        alias=alias,
    )


def _value(field: Field, entity: Entity, aliases: dict[str, str]) -> Composed:
    """The value that wins a field. A tombstone has nulls in its fields, so it says nothing."""
    speakers = [source for source in entity.speakers if field.name in source.fields]
    said = [
        SQL("{}.{}").format(Identifier(aliases[source.name]), Identifier(source.fields[field.name]))
        for source in speakers
    ]
    order = survivorship(field)
    if not said:  # those who say anything of it do not count
        value = SQL("null::{}").format(SQL(column_type(field)))
    elif len(said) == 1:
        value = said[0]
    elif order == "priority":
        value = SQL("coalesce({})").format(SQL(", ").join(said))
    else:
        rows = [
            SQL("({}, {}, {})").format(each, _strength(order, each, aliases[source.name]), Literal(place))
            for place, (source, each) in enumerate(zip(speakers, said, strict=True))
        ]
        value = SQL(
            "(select v.said from (values {}) as v (said, strength, place) where v.said is not null"
            " order by v.strength desc nulls last, v.place limit 1)"
        ).format(SQL(", ").join(rows))
    return collated(field, value)


def _strength(order: str, said: Composed, alias: str) -> Composed:
    if order == "longest":
        return SQL("char_length({})").format(said)
    return SQL("least({}.{}, {})").format(Identifier(alias), Identifier(SOURCE_CHANGED), _accepted_at(alias))


def _accepted_at(alias: str) -> Composed:
    """When the hub took the event that made a row; null before its batch is in the ledger. Index: batch_ends_once."""
    return SQL(
        "(select b.tx_at from hub.topic n join hub.batch b using (topic_id) where n.topic_no = {0}._topic_no"
        ' and b.partition = {0}._partition and b.next_offset > {0}."_offset" order by b.next_offset limit 1)'
    ).format(Identifier(alias))


def _key_text(alias: str, key: Sequence[str]) -> Composed:
    """A key as one text."""
    return SQL(" || '|' || ").join(SQL("{}.{}").format(Identifier(alias), Identifier(name)) for name in key)


def _keys(key: Sequence[str]) -> Composed:
    """Lines, one parameter per key column, as rows."""
    lines = SQL(", ").join(SQL("string_to_table(%s, E'\\n')") * len(key))
    return SQL("select {columns} from rows from ({lines}) as l ({columns})").format(columns=_list(key), lines=lines)


def _list(names: Sequence[str], alias: str | None = None) -> Composed:
    prefix = SQL("{}.").format(Identifier(alias)) if alias else SQL("")
    return SQL(", ").join(SQL("{}{}").format(prefix, Identifier(name)) for name in names)


def _same(one: str, other: str, columns: Sequence[str]) -> Composed:
    return SQL(" and ").join(
        SQL("{}.{} = {}.{}").format(Identifier(one), Identifier(name), Identifier(other), Identifier(name))
        for name in columns
    )

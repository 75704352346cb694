"""The statements that hold the live table of a document against its copy, and write into it what differs."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from psycopg.sql import SQL, Composed, Identifier, Literal, Placeholder

from hub_db.rebuild_tables import Named, Tables, identifiers, tables_of
from hub_db.reference_tables import MARKS, WARNINGS, is_key
from schemas.contract import Contract

# What the hub notes on a row, as people are told of it; a field of the document has its own name.
NOTED: Final = {
    "_epoch": "versi",
    "_sequence": "versi",
    "_deleted": "penghapusan",
    "_topic_no": "letak kejadian",
    "_partition": "letak kejadian",
    "_offset": "letak kejadian",
    "_event_time": "waktu kejadian",
    WARNINGS: "peringatan",
}
LOST, EXTRA, DIFFERENT = "lost", "extra", "different"  # only in the copy, only in the live table, in both
PRUNED: Final = "pruned"  # why keys stand apart whose newest event the history no longer has


@dataclass(frozen=True, slots=True)
class DifferenceStatements:
    """Pieces are those of keys after %(after)s, in the order of the primary key; `until` is the last of a piece."""

    bound: Composed  # the last key of the next piece of both tables; none where fewer are left
    compare: Composed  # a piece
    compare_rest: Composed  # everything behind
    compare_again: Composed  # the keys in which they differed
    forget_equal: Composed  # of those, the keys in which they do so no more, and those that stand apart
    weigh: Composed  # sets keys apart of which the history has lost the newest event
    kinds: Composed
    fields: Composed
    some_keys: Composed
    reasons: Composed
    rows: Composed  # of the copy: how many, how many of them are no tombstones
    keys: Composed  # in which they differ
    write: Composed
    bury: Composed
    note: Composed
    noted: Composed


def differences(contract: Contract, live: tuple[str, str]) -> DifferenceStatements:
    """The statements for a document whose rows are in the table `live` (its schema and name)."""
    columns = tuple(str(field.name) for field in contract.fields)
    return _statements(tables_of(contract, live), columns, tuple(map(str, contract.key)))


@lru_cache(maxsize=256)
def _statements(named: Named, columns: tuple[str, ...], key: tuple[str, ...]) -> DifferenceStatements:
    t = identifiers(named)
    names = [*columns, *MARKS, WARNINGS]
    keys = SQL(", ").join(map(Identifier, key))
    behind = SQL("({}) > ({})").format(keys, _parts("after", key))
    piece = SQL("{} and ({}) <= ({})").format(behind, keys, _parts("until", key))
    one_bound = "(select {keys} from {table} where {behind} order by {keys} offset %(count)s limit 1)"
    bounds = [SQL(one_bound).format(keys=keys, table=t[use], behind=behind) for use in ("live", "rows")]
    return DifferenceStatements(
        bound=SQL("select {} from ({}) x order by {} limit 1").format(
            SQL(" || '|' || ").join(map(Identifier, key)), SQL(" union all ").join(bounds), keys
        ),
        compare=_compare(t, names, key, piece),
        compare_rest=_compare(t, names, key, behind),
        compare_again=_compare_again(t, names, key),
        forget_equal=SQL(
            "delete from {} d where d.kind is null or exists (select from {} a where a.key = d.key)"
        ).format(t["diff"], t["apart"]),
        weigh=_weigh(t, key),
        kinds=SQL("select kind, count(*) from {} group by kind").format(t["diff"]),
        fields=SQL("select f.name, count(*) from {} d, unnest(d.fields) as f (name) group by 1 order by 1").format(
            t["diff"]
        ),
        some_keys=SQL("select kind, (array_agg(key order by key))[1:%(most)s::int] from {} group by kind").format(
            t["diff"]
        ),
        reasons=SQL("select code, count(*) from {} group by code order by code").format(t["apart"]),
        rows=SQL("select count(*), count(*) filter (where not _deleted) from {}").format(t["rows"]),
        keys=SQL("select key from {} order by key").format(t["diff"]),
        write=_write(t, names, key),
        bury=_bury(t, columns, key),
        note=SQL("insert into {} (kind, keys) select kind, count(*) from {} group by kind").format(
            t["done"], t["diff"]
        ),
        noted=SQL("select kind, keys from {}").format(t["done"]),
    )


def _parts(name: str, key: tuple[str, ...]) -> Composed:
    """The parts of a key that is given as one text."""
    given = Placeholder(name)
    parts = [SQL("split_part({}, '|', {})").format(given, Literal(place)) for place in range(1, len(key) + 1)]
    return SQL(", ").join(parts)


def _found(names: list[str], key: tuple[str, ...]) -> Composed:
    """Of a live row `t` and one of the copy `s`: how they differ and in which fields; null where they do not.

    A live tombstone that anything follows (`unloading.NOBODY_YET`) is as good as no row.
    """
    others = [name for name in names if name not in key]
    fields = SQL(", ").join(
        SQL("case when t.{0} is distinct from s.{0} then {1} end").format(
            Identifier(name), Literal(NOTED.get(name, name))
        )
        for name in others
    )
    return SQL(
        "case when t._epoch is null then case when s._epoch is not null then 'lost' end"
        " when s._epoch is null then case when not (t._deleted and (t._epoch, t._sequence) = (0, -1)) then 'extra' end"
        " when ({live}) is distinct from ({copy}) then 'different' end as kind,"
        " case when t._epoch is null or s._epoch is null then '{{}}'::text[] else"
        " (select array_agg(distinct f.name) from unnest(array[{fields}]::text[]) as f (name) where f.name is not null)"
        " end as fields"
    ).format(
        live=SQL(", ").join(SQL("t.{}").format(Identifier(name)) for name in others),
        copy=SQL(", ").join(SQL("s.{}").format(Identifier(name)) for name in others),
        fields=fields,
    )


def _compare(t: Tables, names: list[str], key: tuple[str, ...], where: Composed) -> Composed:
    said = SQL(", ").join(map(Identifier, names))
    return SQL(
        "insert into {diff} (key, kind, fields) select x.key, x.kind, x.fields from (select {key_of} as key, {found}"
        " from (select {said} from {live} where {where}) t"
        " full join (select {said} from {rows} where {where}) s on {same}) x"
        " where x.kind is not null and not exists (select from {apart} a where a.key = x.key) on conflict do nothing"
    ).format(
        diff=t["diff"],
        key_of=SQL(" || '|' || ").join(SQL("coalesce(t.{0}, s.{0})").format(Identifier(name)) for name in key),
        found=_found(names, key),
        said=said,
        live=t["live"],
        rows=t["rows"],
        where=where,
        same=SQL(" and ").join(SQL("t.{0} = s.{0}").format(Identifier(name)) for name in key),
        apart=t["apart"],
    )


def _compare_again(t: Tables, names: list[str], key: tuple[str, ...]) -> Composed:
    return SQL(
        "update {diff} d set kind = x.kind, fields = x.fields from (select k.key, {found} from {diff} k"
        " left join lateral (select t.* from {live} t where {is_key} limit 1) t on true"
        " left join lateral (select t.* from {rows} t where {is_key} limit 1) s on true) x where x.key = d.key"
    ).format(diff=t["diff"], live=t["live"], rows=t["rows"], found=_found(names, key), is_key=is_key(key, SQL("k.key")))


def _weigh(t: Tables, key: tuple[str, ...]) -> Composed:
    """A live row's event may have been in the history that is not there now: the ledger says that its batch let more in
    than is there, or that the event waited and went in. A row of an event that never was is simply wrong."""
    return SQL(
        "with suspect as materialized ("
        ' select d.key, t._topic_no as topic_no, t._partition as partition, t._offset as "offset" from {diff} d'
        " cross join lateral (select t.* from {live} t where {is_key} limit 1) t"
        " left join lateral (select t._epoch, t._sequence from {rows} t where {is_key} limit 1) s on true"
        " where (s._epoch is null or (t._epoch, t._sequence) > (s._epoch, s._sequence))"
        " and not exists (select from hub.history h"
        ' where (h.topic_no, h.partition, h."offset") = (t._topic_no, t._partition, t._offset))),'
        " came as materialized ("
        " select x.key, x.topic_no, b.id, b.partition, b.first_offset, b.next_offset, b.accepted"
        " from suspect x join hub.topic n using (topic_no)"
        " cross join lateral (select b.* from hub.batch b where b.topic_id = n.topic_id and b.partition = x.partition"
        ' and b.next_offset > x."offset" order by b.next_offset limit 1) b where b.first_offset <= x."offset"),'
        " short as (select b.id from ("
        " select distinct id, topic_no, partition, first_offset, next_offset, accepted from came) b"
        " where b.accepted > (select count(*) from hub.history h where h.topic_no = b.topic_no"
        ' and h.partition = b.partition and h."offset" >= b.first_offset and h."offset" < b.next_offset'
        " and not exists (select from hub.release_event e"
        ' where (e.topic_no, e.partition, e."offset") = (h.topic_no, h.partition, h."offset"))))'
        " insert into {apart} select x.key, {pruned} from suspect x"
        " where exists (select from came c join short using (id) where c.key = x.key)"
        " or exists (select from hub.release_event e"
        ' where (e.topic_no, e.partition, e."offset") = (x.topic_no, x.partition, x."offset")) on conflict do nothing'
    ).format(
        diff=t["diff"],
        live=t["live"],
        rows=t["rows"],
        apart=t["apart"],
        pruned=Literal(PRUNED),
        is_key=is_key(key, SQL("d.key")),
    )


def _write(t: Tables, names: list[str], key: tuple[str, ...]) -> Composed:
    return SQL(
        "insert into {live} ({said}) select {values} from {diff} d join {rows} t on {is_key}"
        " where d.kind <> 'extra' order by d.key on conflict ({keys}) do update set {changes}"
    ).format(
        live=t["live"],
        said=SQL(", ").join(map(Identifier, names)),
        values=SQL(", ").join(SQL("t.{}").format(Identifier(name)) for name in names),
        diff=t["diff"],
        rows=t["rows"],
        is_key=is_key(key, SQL("d.key")),
        keys=SQL(", ").join(map(Identifier, key)),
        changes=SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in names if name not in key),
    )


def _bury(t: Tables, columns: tuple[str, ...], key: tuple[str, ...]) -> Composed:
    """A row that no event made becomes a tombstone that anything follows: readers must be told that it is gone."""
    others = [name for name in (*columns, "_event_time", WARNINGS) if name not in key]
    return SQL(
        "update {live} t set {nothing}, _deleted = true, _epoch = 0, _sequence = -1 from {diff} d"
        " where d.kind = 'extra' and {is_key}"
    ).format(
        live=t["live"],
        nothing=SQL(", ").join(SQL("{} = null").format(Identifier(name)) for name in others),
        diff=t["diff"],
        is_key=is_key(key, SQL("d.key")),
    )

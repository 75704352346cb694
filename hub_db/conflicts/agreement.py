"""Fields of which the sources of a record must say the same (`agree`): where they do not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from hub_db.conflicts.causes import Found, Kind, Side
from hub_db.golden import Entity, Source
from hub_db.key_lines import lines_of_keys, series
from hub_db.matching.likeness import likeness
from hub_db.matching.names import bare, spelled
from hub_db.rulings import both_seen
from schemas.contract import Field, Value
from schemas.names import EventKey, FieldName

ALIKE: Final = 0.8  # names that are less alike are two persons'
_FEMALE_DAY: Final = 40
Rows = Mapping[EventKey, Mapping[FieldName, Value]]


def find(conn: Connection[TupleRow], entity: Entity, keys: Sequence[EventKey]) -> list[Found]:
    """The causes among some records, by key. Reads the rows of the later sources first: most keys have one source."""
    fields, speakers = entity.agreed(), entity.compared()
    if not fields or not keys:
        return []
    said: dict[str, Rows] = {}
    wanted: set[EventKey] = set(keys)
    for source in reversed(speakers):
        if source is speakers[0]:
            wanted = {key for rows in said.values() for key in rows}
        said[source.name] = _rows(conn, source, sorted(wanted))
    found = []
    for key in sorted({key for rows in said.values() for key in rows}):
        there = [(source, said[source.name][key]) for source in speakers if key in said[source.name]]
        if any(source.creates for source, _ in there):
            found += _of_record(entity, key, there, fields)
    return found


def differ(field: Field, one: Value, other: Value) -> bool:
    """Whether two values disagree. Names are compared without titles, case, punctuation and repeated spaces."""
    if field.format == "nama-orang":
        return bare(str(one)) != bare(str(other))
    return one != other


def _of_record(
    entity: Entity, key: EventKey, there: Sequence[tuple[Source, Mapping[FieldName, Value]]], fields: Iterable[Field]
) -> list[Found]:
    """Against the first source that says anything of a field, each other one that says something else."""
    found: list[Found] = []
    for field in fields:
        said = [(source, row, row[field.name]) for source, row in there if row.get(field.name) is not None]
        for source, row, value in said[1:]:
            first, first_row, first_value = said[0]
            if differ(field, first_value, value):
                hints = hints_of(field, key, first_value, value)
                a, b = Side(first.name, first_row), Side(source.name, row)
                compared = (first_value, value)
                seen = {field.name: both_seen(field, first_value, value)}
                found.append(Found(Kind.AGREE, entity.name, key, field.name, a, b, compared, hints, seen_of=seen))
    return _as_persons(found)


def _as_persons(found: Sequence[Found]) -> list[Found]:
    """Where two sources differ in more than the name, and the names are not alike: one cause, two persons."""
    by_sides: dict[tuple[str, str], list[Found]] = {}
    for each in found:
        by_sides.setdefault((each.a.source, each.b.source), []).append(each)
    result: list[Found] = []
    for group in by_sides.values():
        if len(group) > 1 and any("nama.lain" in each.hints for each in group):
            first = group[0]
            compared = tuple(value for each in group for value in each.compared)
            hints = tuple(dict.fromkeys(hint for each in group for hint in each.hints))
            about = ",".join(sorted(each.about for each in group))
            seen = {name: each.seen_of[name] for each in group for name in each.seen_of}
            result.append(
                Found(Kind.TWO_PERSONS, first.entity, first.key, about, first.a, first.b, compared, hints, seen_of=seen)
            )
        else:
            result += group
    return result


def hints_of(field: Field, key: EventKey, one: Value, other: Value) -> tuple[str, ...]:
    """What a steward may know without seeing the values."""
    if field.format == "nama-orang":
        names = spelled(str(one)), spelled(str(other))
        if sorted(names[0]) == sorted(names[1]):
            return ("nama.ejaan",)
        return ("nama.mirip",) if likeness(*names, usual=()) >= ALIKE else ("nama.lain",)
    if isinstance(one, date) and isinstance(other, date):
        hints = []
        if (one.year, one.month, one.day) == (other.year, other.day, other.month):
            hints.append("tanggal.tertukar")
        elif sum(a == b for a, b in zip(one.timetuple()[:3], other.timetuple()[:3], strict=True)) == 2:
            hints.append("tanggal.satu-bagian")
        else:
            hints.append("tanggal.lain")
        hints += [f"nik.{side}" for side, value in (("a", one), ("b", other)) if _in_nik(key, value)]
        return tuple(hints)
    return ()


def _in_nik(key: EventKey, born_on: date) -> bool:
    """Whether digits 7 to 12 of a NIK are this date of birth; of a woman the day is 40 higher."""
    if len(key) != 16 or not key.isdigit():
        return False
    day = int(key[6:8])
    told = (day - _FEMALE_DAY if day > _FEMALE_DAY else day, int(key[8:10]), int(key[10:12]))
    return told == (born_on.day, born_on.month, born_on.year % 100)


def _rows(
    conn: Connection[TupleRow], source: Source, keys: Sequence[EventKey]
) -> dict[EventKey, dict[FieldName, Value]]:
    """The live rows of a source with these keys, by the entity's names of fields."""
    if not keys:
        return {}
    lines = lines_of_keys(len(source.key), series(keys))
    found = conn.execute(_rows_statement(source), lines)
    return {EventKey(key): dict(zip(source.fields, values, strict=True)) for key, *values in found}


def _rows_statement(source: Source) -> Composed:
    """Index: the primary key of the source's table."""
    key = [Identifier(name) for name in source.key]
    return SQL(
        "select {text}, {columns} from rows from ({lines}) as k ({key}) join {table} t on {same} where not t._deleted"
    ).format(
        text=SQL(" || '|' || ").join(SQL("t.{}").format(each) for each in key),
        columns=SQL(", ").join(SQL("t.{}").format(Identifier(name)) for name in source.fields.values()),
        lines=SQL(", ").join(SQL("string_to_table(%s, E'\\n')") * len(key)),
        key=SQL(", ").join(key),
        table=Identifier(*source.table),
        same=SQL(" and ").join(SQL("t.{0} = k.{0}").format(each) for each in key),
    )

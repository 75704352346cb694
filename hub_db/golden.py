"""The golden record: a pure fold over what the sources say of one key, and what a steward ruled of it (promise 4).

Null says nothing, so the next source speaks. A record exists while a source that may create it has a live row. Where a
steward's decision holds, the source that he chose speaks first (`hub_db/rulings.py`).
`hub_db/fold_statements.py` says the same in SQL, for many keys at a time; a test compares the two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub_db.events import Place, Version
from hub_db.rulings import Ruling, both_seen
from schemas.contract import Contract, Field, Kind, Value
from schemas.names import EntityName, EventKey, FieldName, TopicName


@dataclass(frozen=True, slots=True)
class Source:
    """A document that speaks about an entity: one of its own, or one that feeds some of its fields."""

    topic: TopicName
    name: str  # <opd>.<document>
    table: tuple[str, str]  # schema and name of the table with the document's newest rows
    priority: int
    creates: bool
    feeds: bool
    row_key: tuple[FieldName, ...]  # the document's own key
    key: tuple[FieldName, ...]  # its fields that hold the entity's key
    fields: Mapping[FieldName, FieldName]  # field of the entity, besides its key → field of the document
    counts: bool = True  # whether it is *aktif*; what another one says is kept, and is in no golden record

    @property
    def rank(self) -> tuple[int, str]:
        """Who speaks first; names part equal priorities."""
        return self.priority, self.name


@dataclass(frozen=True, slots=True)
class SourceRow:
    """The newest accepted row of one source, and the event that made it."""

    source: Source
    row_key: EventKey
    deleted: bool
    version: Version
    place: Place
    event_time: datetime | None
    changed_at: datetime | None  # when the source says that it changed the row
    accepted_at: datetime | None  # None = just now
    values: Mapping[FieldName, Value]  # by field of the entity; a deleted row has none

    def heard_at(self) -> float:
        """`changed_at` as far as it is believed: nobody changes a row after the hub has it. For `latest`."""
        moments = [each.timestamp() for each in (self.changed_at, self.accepted_at) if each is not None]
        return min(moments, default=float("-inf"))


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity with the columns of its golden record and its sources, first speaker first."""

    name: EntityName
    key: tuple[FieldName, ...]
    columns: tuple[Field, ...]
    sources: tuple[Source, ...]
    contracts: tuple[Contract, ...]  # of its own documents, by priority

    @property
    def merged(self) -> bool:
        """Whether its table is a fold. The one source of an entity writes into the table itself, if it counts."""
        return len(self.sources) > 1 or not all(source.counts for source in self.sources)

    @property
    def speakers(self) -> tuple[Source, ...]:
        """The sources that count."""
        return tuple(source for source in self.sources if source.counts)

    @property
    def fed(self) -> bool:
        """Whether documents of other entities speak, too."""
        return any(source.feeds for source in self.sources)

    def without(self, name: str) -> "Entity":
        """The entity as if a document did not speak."""
        return replace(self, sources=tuple(source for source in self.sources if source.name != name))

    def on_tables(self, tables: Mapping[str, tuple[str, str]]) -> "Entity":
        """The entity with its sources' rows in other tables, by the sources' names."""
        return replace(self, sources=tuple(replace(each, table=tables[each.name]) for each in self.sources))

    def creators(self) -> tuple[Source, ...]:
        """The sources that may bring a record into being."""
        return tuple(source for source in self.speakers if source.creates)

    def compared(self) -> tuple[Source, ...]:
        """The sources that are held against each other, first speaker first. A feed is not."""
        return tuple(source for source in self.speakers if not source.feeds)

    def agreed(self) -> tuple[Field, ...]:
        """The fields of which at least two of them speak and one document says that they must agree."""
        marked = {field.name for contract in self.contracts for field in contract.fields if field.agree}
        there = self.compared()
        return tuple(
            field
            for field in self.columns
            if field.name in marked and sum(field.name in source.fields for source in there) > 1
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value, whose it is, and what lost against it (in the order in which it would have spoken)."""

    value: Value
    row: SourceRow
    losers: tuple[tuple[Value, SourceRow], ...] = ()
    ruling: Ruling | None = None  # the steward's decision by which it is this one


@dataclass(frozen=True, slots=True)
class Golden:
    """A golden record or its tombstone. A field of which nobody says anything is not in `fields`."""

    maker: SourceRow  # the row by which it exists, or no longer does: its marks are the record's
    fields: Mapping[FieldName, Chosen]

    @property
    def deleted(self) -> bool:
        return self.maker.deleted


def fold(entity: Entity, rows: Iterable[SourceRow], rulings: Sequence[Ruling] = ()) -> Golden | None:
    """The record of one key out of its sources' rows and the rulings in force, whose order has no effect; None when
    nobody ever made one."""
    speakers = _speakers(row for row in rows if row.source.counts)
    makers = [row for row in speakers if row.source.creates]
    if not makers:
        return None
    maker = next((row for row in makers if not row.deleted), makers[0])
    if maker.deleted:
        return Golden(maker, {})
    said = {
        field.name: [
            (value, row) for row in speakers if not row.deleted and (value := row.values.get(field.name)) is not None
        ]
        for field in entity.columns
    }
    ruled = _ruled(entity, said, rulings) if rulings else {}
    chosen: dict[FieldName, Chosen] = {}
    for field in entity.columns:
        if told := said[field.name]:
            row, ruling = ruled.get(field.name, (None, None))
            first, *losers = sorted(_in_order(field, told), key=lambda each, row=row: each[1] is not row)  # type: ignore[misc]
            chosen[field.name] = Chosen(*first, tuple(losers), ruling)
    return Golden(maker, chosen)


Said = Mapping[FieldName, Sequence[tuple[Value, SourceRow]]]  # by field, who says what of it, first speaker first


def _ruled(entity: Entity, said: Said, rulings: Sequence[Ruling]) -> dict[FieldName, tuple[SourceRow, Ruling]]:
    """By field, whose value a steward's decisions choose. Where several were chosen over the first source, each against
    it alone, the first of them in the order of speaking."""
    fields = {field.name: field for field in entity.agreed()}
    compared = {
        name: {row.source.name: (value, row) for value, row in said[name] if not row.source.feeds} for name in fields
    }
    newest: dict[tuple[FieldName, str], Ruling] = {}
    for ruling in sorted(rulings, key=lambda each: each.number):
        if _holds(ruling, fields, compared):
            newest |= {(name, ruling.source_b): ruling for name in ruling.seen}
    chosen: dict[FieldName, tuple[SourceRow, Ruling]] = {}
    for (name, _), ruling in newest.items():
        row = compared[name][ruling.source_b if ruling.takes_b else ruling.source_a][1]
        held = chosen.get(name)
        if held is None or _precedence(ruling, row) < _precedence(held[1], held[0]):
            chosen[name] = row, ruling
    return chosen


def _holds(
    ruling: Ruling,
    fields: Mapping[FieldName, Field],
    compared: Mapping[FieldName, Mapping[str, tuple[Value, SourceRow]]],
) -> bool:
    """Whether the sources say what the steward saw, of all his fields."""
    for name, seen in ruling.seen.items():
        there = compared.get(name, {})
        if next(iter(there), None) != ruling.source_a or ruling.source_b not in there:
            return False
        if both_seen(fields[name], there[ruling.source_a][0], there[ruling.source_b][0]) != seen:
            return False
    return True


def _precedence(ruling: Ruling, row: SourceRow) -> tuple[bool, tuple[int, str]]:
    """A source that was chosen over the first one goes before that one, which others may have lost against."""
    return not ruling.takes_b, row.source.rank


def _speakers(rows: Iterable[SourceRow]) -> list[SourceRow]:
    """One row per source, first speaker first. Of several rows with which a document feeds one key, the newest."""
    by_source: dict[str, list[SourceRow]] = {}
    for row in rows:
        by_source.setdefault(row.source.name, []).append(row)
    heads = [min(each, key=_newest_first) for each in by_source.values()]
    return sorted(heads, key=lambda row: row.source.rank)


def _newest_first(row: SourceRow) -> tuple[bool, float, str]:
    said = float("inf") if row.changed_at is None else -row.changed_at.timestamp()
    return row.deleted, said, row.row_key


def _in_order(field: Field, said: Sequence[tuple[Value, SourceRow]]) -> list[tuple[Value, SourceRow]]:
    """As the field's `survivorship` has it; equals stay in the order of their priorities."""
    match survivorship(field):
        case "latest":
            return sorted(said, key=lambda each: -each[1].heard_at())
        case "longest":
            return sorted(said, key=lambda each: -len(str(each[0])))
        case _:
            return list(said)


def survivorship(field: Field) -> str:
    """What the field's first document says; only texts have a length."""
    return "priority" if field.survivorship == "longest" and field.kind is not Kind.STRING else field.survivorship

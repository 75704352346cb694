"""Accepted events read again by the contract as it is now, many at a time: as columns where that can be.

The judges are the intake's own, and each event is judged as on the day on which it came.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
import polars as pl

from hub_db.events import Event, Place, Version
from hub_db.reference_tables import WARNINGS
from hub_db.row_writing import reference_row
from schemas import event_key
from schemas.column_judge import ColumnJudge
from schemas.contract import Contract, Value
from schemas.formats import Check
from schemas.names import EventKey, SchemaId
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.row_warnings import NO_LOCAL, REFERENCE_MISSING, joined, parted
from schemas.validator import Validator
from schemas.wire import framing
from schemas.wire.avro import Reader
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.cursor import Flags, Places, Spans, at_each_byte

FEWEST = 250  # events from which on columns are quicker than objects (`docs/decisions/0007`)


class Stored(NamedTuple):
    """An accepted event as the history has it, and what else its row follows from."""

    key: EventKey
    epoch: int
    sequence: int
    topic_no: int
    partition: int
    offset: int
    event_time: datetime | None
    schema_id: SchemaId | None  # None is a delete
    value: bytes | None
    day: date  # on which it came
    let_in: str | None  # what is told of its row, where it waited and went in: nothing else says what it missed then

    @property
    def place(self) -> Place:
        return Place(self.topic_no, self.partition, self.offset)

    @property
    def version(self) -> Version:
        return Version(self.epoch, self.sequence)

    def event(self, row: Mapping[str, Value] | None, warnings: str | None) -> Event:
        """The event with what it says."""
        return Event(
            self.place, self.key, self.version, self.schema_id, "", self.event_time, None, self.value, row, warnings
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """Events as rows of their document's table, as frames or one by one; and by key why one is refused, a code."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    singles: list[tuple[object, ...]] = field(default_factory=list)
    refused: dict[EventKey, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Readers:
    one: Reader
    columns: ColumnReader | None


class StoredSets:
    """Reads a document's stored events. Building one takes milliseconds; it keeps the readers of schemas."""

    def __init__(self, contract: Contract, local: Mapping[str, tuple[Check, ...]] = NO_LOCAL) -> None:
        """`local` are the warnings of the instance, by format (`formats.local_marks`)."""
        self.contract, self.local = contract, local
        self._validator, self._judge = Validator(contract, local), ColumnJudge(contract, local)
        self._readers: dict[SchemaId, _Readers] = {}

    def unknown(self, events: Iterable[Stored]) -> set[SchemaId]:
        """Schemas whose texts are needed first."""
        return {each.schema_id for each in events if each.schema_id is not None} - self._readers.keys()

    def learn(self, texts: Mapping[int, str]) -> None:
        """Schemas by their numbers."""
        for number, text in texts.items():
            schema = json.loads(text)
            one = Reader(schema, keep=self.contract.by_name)
            self._readers[SchemaId(number)] = _Readers(one, ColumnReader.of(self.contract, schema))

    def rows(self, events: Sequence[Stored]) -> Rows:
        """The events of different keys as rows, in any order."""
        found, left = Rows(), []
        for schema_id, day, group in _groups(events):
            readers = None if schema_id is None else self._readers.get(schema_id)
            if readers is None or readers.columns is None or len(group) < FEWEST:
                left += group
                continue
            frame, others = self._frame(readers.columns, group, day)
            found.frames.append(frame)
            left += others
        for each, said in zip(left, self.read(left), strict=True):
            if isinstance(said, str):
                found.refused[each.key] = said
            else:
                found.singles.append(reference_row(self.contract, said))
        return found

    def read(self, events: Sequence[Stored]) -> list[Event | str]:
        """Each by itself, in order: the event with what it says, or the code of the first reason against it."""
        found: dict[int, Event | str] = {}
        bodies: dict[date, list[tuple[int, Mapping[str, object]]]] = {}
        for number, each in enumerate(events):
            body = self._body(each)
            if isinstance(body, Rejection):
                found[number] = body.code
            elif body is None:
                found[number] = each.event(None, None)
            else:
                bodies.setdefault(each.day, []).append((number, body))
        for day, of_day in bodies.items():
            found |= self._of_day(events, of_day, day)
        return [found[number] for number in range(len(events))]

    def _of_day(
        self, events: Sequence[Stored], bodies: Sequence[tuple[int, Mapping[str, object]]], day: date
    ) -> dict[int, Event | str]:
        found: dict[int, Event | str] = {}
        good: list[tuple[int, dict[str, Value]]] = []
        verdicts = self._validator.check_all([body for _, body in bodies], accepted_on=day)
        for (number, _), verdict in zip(bodies, verdicts, strict=True):
            if not isinstance(verdict, dict):
                found[number] = verdict[0].code
            elif event_key.of_values(self.contract, verdict) != events[number].key:
                found[number] = event_key.differs(self.contract).code
            else:
                good.append((number, verdict))
        told = self._validator.warnings([row for _, row in good], accepted_on=day)
        for place, (number, row) in enumerate(good):
            each = events[number]
            found[number] = each.event(row, _told(joined(told.get(place, ())), each.let_in))
        return found

    def _body(self, each: Stored) -> Mapping[str, object] | Rejection | None:
        """What the bytes hold; None for a delete, of which the key is judged here."""
        if each.value is None:
            parts = self._validator.check_key(each.key)
            return parts if isinstance(parts, Rejection) else None
        framed = framing.unframe(each.value)
        if isinstance(framed, Rejection):
            return framed
        readers = self._readers.get(framed[0])
        if readers is None:
            return reject("schema-unknown", None, f"nomor skema {framed[0]}", "nomor skema yang terdaftar")
        return readers.one.read(framed[1])

    def _frame(self, reader: ColumnReader, events: Sequence[Stored], day: date) -> tuple[pl.DataFrame, list[Stored]]:
        """Rows of the events that are plainly good, all of one schema and day, and the other events."""
        values = Spans.of([each.value or b"" for each in events])
        framed = _framed(values, events[0].schema_id or SchemaId(0))
        values = values.take(framed)
        bodies = Spans(values.buffer, values.starts + framing.HEAD_BYTES, values.sizes - framing.HEAD_BYTES)
        physical, whole = reader.read(bodies)
        rows, keys, clean = self._judge.judge(physical, day)
        places = framed[whole]
        same = keys == pl.Series([events[place].key for place in places], dtype=pl.String)
        good = (clean & same).fill_null(value=False)
        rows, chosen = rows.filter(good), places[good.to_numpy()]
        told = self._judge.warnings(rows, day).to_list()
        marks = _marks([events[place] for place in chosen], told)
        out = np.ones(len(events), np.bool_)
        out[chosen] = False
        return pl.concat([rows, marks], how="horizontal"), [events[place] for place in np.flatnonzero(out).tolist()]


def _groups(events: Sequence[Stored]) -> Iterator[tuple[SchemaId | None, date, list[Stored]]]:
    groups: dict[tuple[SchemaId | None, date], list[Stored]] = {}
    for each in events:
        groups.setdefault((each.schema_id, each.day), []).append(each)
    for (schema_id, day), group in groups.items():
        yield schema_id, day, group


def _framed(values: Spans, schema_id: SchemaId) -> Places:
    """The places of the values that are framed as written with this schema."""
    places = np.flatnonzero(values.sizes >= framing.HEAD_BYTES)
    starts = values.starts[places]
    mine: Flags = (values.buffer[starts] == framing.MAGIC) & (
        at_each_byte(values.buffer, ">i4")[starts + 1] == schema_id
    )
    return places[mine]


def _marks(events: Sequence[Stored], told: Sequence[str | None]) -> pl.DataFrame:
    """The columns that the hub notes on rows, in the table's order."""
    return pl.DataFrame(
        [
            pl.Series("_epoch", [each.epoch for each in events], pl.Int32),
            pl.Series("_sequence", [each.sequence for each in events], pl.Int64),
            pl.Series("_deleted", [False] * len(events), pl.Boolean),
            pl.Series("_topic_no", [each.topic_no for each in events], pl.Int32),
            pl.Series("_partition", [each.partition for each in events], pl.Int32),
            pl.Series("_offset", [each.offset for each in events], pl.Int64),
            pl.Series("_event_time", [each.event_time for each in events], pl.Datetime("us", "UTC")),
            pl.Series(WARNINGS, [_told(said, each.let_in) for each, said in zip(events, told, strict=True)], pl.String),
        ]
    )


def _told(judged: str | None, let_in: str | None) -> str | None:
    """What is told of a row: what its values say, and that it was let in without a record that it names."""
    missing = [code for code in parted(let_in) if code.endswith(f":{REFERENCE_MISSING}")]
    return joined((*parted(judged), *missing)) if missing else judged

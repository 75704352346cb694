"""The verdict on whole sets of records: which are clean, as one frame, and which must be judged one by one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from consumers.records import Records
from hub_db import event_frames
from hub_db.event_frames import EventFrame
from schemas.column_judge import ColumnJudge
from schemas.contract import Contract
from schemas.formats import Check
from schemas.names import SchemaId
from schemas.row_warnings import NO_LOCAL
from schemas.wire import framing, header_columns
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.cursor import Places, Spans, at_each_byte

FEWEST: Final = 250  # records from which on columns are quicker than objects (`docs/decisions/0007`)
Partitions = npt.NDArray[np.int32]
ColumnReaderOf = Callable[[SchemaId], ColumnReader | None]


@dataclass(frozen=True, slots=True)
class SetJudge:
    """The judge of a document's records, set by set."""

    contract: Contract
    judge: ColumnJudge
    fewest: int  # records that are worth columns

    @classmethod
    def of(
        cls, contract: Contract, local: Mapping[str, tuple[Check, ...]] = NO_LOCAL, *, fewest: int = FEWEST
    ) -> "SetJudge":
        """The judge of a contract's records. `local` are the warnings of the instance."""
        return cls(contract, ColumnJudge(contract, local), fewest)

    def part(
        self, reader_of: ColumnReaderOf, topic_no: int, records: Records, partitions: Partitions, today: date
    ) -> tuple[EventFrame | None, Places]:
        """The clean events as a frame, None where there are none, and the places of all other records. `partitions`:
        of each record, in order."""
        others: npt.NDArray[np.bool_] = np.ones(len(records), np.bool_)
        frames: list[EventFrame] = []
        if len(records) >= self.fewest:
            for frame, places in self._frames(reader_of, topic_no, records, partitions, today):
                others[places] = False
                frames.append(frame)
        return event_frames.concat(frames) if frames else None, np.flatnonzero(others)

    def _frames(
        self, reader_of: ColumnReaderOf, topic_no: int, records: Records, partitions: Partitions, today: date
    ) -> Iterator[tuple[EventFrame, Places]]:
        told = header_columns.read(records.headers, records.layout(len(records) // 2), self.contract)
        usable = told["usual"].to_numpy() & _has_both(records)
        for schema_id, places in _groups(records.values, np.flatnonzero(usable)):
            reader = reader_of(schema_id) if len(places) >= self.fewest else None
            if reader is None:
                continue
            values = records.values.take(places)
            bodies = Spans(values.buffer, values.starts + framing.HEAD_BYTES, values.sizes - framing.HEAD_BYTES)
            physical, whole = reader.read(bodies)
            rows, keys, clean = self.judge.judge(physical, today)
            places = places[whole]
            same_key = keys.cast(pl.Binary) == records.keys.take(places).column("key")
            offsets = pl.Series("offset", records.offsets[places])
            marks = told[places].select(
                pl.Series("partition", partitions[places]),
                offsets,
                keys.alias("key"),
                *self._version(topic_no, offsets),
                pl.lit(schema_id, pl.Int32).alias("schema_id"),
                *("ce_id", "event_time", "load"),
                values.take(whole).column("value"),
            )
            good = (clean & same_key).fill_null(value=False)
            frame = EventFrame(marks, rows).only(good)
            if len(frame):
                told_of = self.judge.warnings(frame.rows, today).alias("warnings")
                yield EventFrame(frame.marks.with_columns(told_of), frame.rows), places[good.to_numpy()]

    def _version(self, topic_no: int, offsets: pl.Series) -> tuple[pl.Expr | pl.Series, pl.Expr | pl.Series]:
        """Epoch and sequence: the source's, or the event's place where the document has none."""
        if self.contract.sequence_required:
            return pl.col("epoch"), pl.col("sequence")
        return pl.lit(topic_no, pl.Int32).alias("epoch"), offsets.alias("sequence")


def _has_both(records: Records) -> npt.NDArray[np.bool_]:
    """Which records have a key and a value."""
    has: npt.NDArray[np.bool_] = np.ones(len(records), np.bool_)
    for spans in (records.keys, records.values):
        if spans.null is not None:
            has &= ~spans.null
    return has


def _groups(values: Spans, places: Places) -> list[tuple[SchemaId, Places]]:
    """The places of the values whose framing is right, by schema id."""
    places = places[values.sizes[places] >= framing.HEAD_BYTES]
    starts = values.starts[places]
    ids = at_each_byte(values.buffer, ">i4")[starts + 1].astype(np.int64)
    ids = np.where(values.buffer[starts] == framing.MAGIC, ids, 0)
    return [(SchemaId(int(each)), places[ids == each]) for each in np.unique(ids) if each > 0]

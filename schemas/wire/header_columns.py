"""The headers of many events at once, as columns.

Nearly all records of a batch carry the same headers in the same order, written as our adapters write them. Those are
read as columns; every other record is left to `headers.read`, which knows all that is allowed and words what is not.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from schemas.contract import Contract
from schemas.wire import headers, moments
from schemas.wire.binary_texts import texts
from schemas.wire.cursor import Cursor, Spans

_PRINTABLE: Final = f"^[ -~]{{1,{headers.MAX_ID}}}$"
_NUMBER: Final = "^[0-9]{1,19}$"


def read(regions: Spans, layout: Sequence[str], contract: Contract) -> pl.DataFrame:
    """For each record's headers a row: ce_id, event_time, epoch, sequence, load, and whether all that holds (`usual`).

    A region is what Kafka's record format has behind the value: a count, then names and values with their sizes.
    `layout` is the names that are expected.
    """
    if not _is_plain(layout, contract):
        return pl.DataFrame({"usual": np.zeros(len(regions), np.bool_)}).select(*_NOTHING, "usual")
    cursor = Cursor(regions)
    cursor.lose(regions.sizes > headers.MAX_BYTES)
    cursor.lose(cursor.number() != len(layout))
    found: dict[str, Spans] = {}
    for name in layout:
        raw = name.encode()
        cursor.lose(cursor.number() != len(raw))
        cursor.expect(raw)
        found[name] = cursor.spans()
    whole = cursor.whole()
    if not whole.all():
        found = {name: spans.with_nulls(~whole) for name, spans in found.items()}
    return _frame({name: spans for name, spans in found.items() if name in _READ}, contract)


_READ: Final = frozenset({"ce_id", "ce_source", "ce_sequence", "ce_simpulepoch", "ce_time", "ce_simpulload"})
_NOTHING: Final = (
    pl.lit(None, pl.String).alias("ce_id"),
    pl.lit(None, pl.Datetime("us", "UTC")).alias("event_time"),
    pl.lit(None, pl.Int32).alias("epoch"),
    pl.lit(None, pl.Int64).alias("sequence"),
    pl.lit(None, pl.String).alias("load"),
)


def _is_plain(layout: Sequence[str], contract: Contract) -> bool:
    needed = {"ce_id", "ce_source"} | ({"ce_sequence"} if contract.sequence_required else set())
    return (
        len(layout) <= headers.MAX_HEADERS
        and len(set(layout)) == len(layout)
        and headers.LETTER not in layout  # a replay: its letter is looked up
        and needed <= set(layout)
        and all(name.isascii() for name in layout)
    )


def _frame(found: Mapping[str, Spans], contract: Contract) -> pl.DataFrame:
    """The columns out of the raw values; a null is a record that is not usual."""
    raw = {name: spans.column(name) for name, spans in found.items() if name != "ce_time"}
    columns = [texts(column)[0] for name, column in raw.items() if name != "ce_source"]
    times = _times(found.get("ce_time"), len(columns[0]))
    frame = pl.DataFrame([*columns, _sources(raw["ce_source"], contract), *times])
    load = pl.col("ce_simpulload") if "ce_simpulload" in raw else pl.lit(None, pl.String)
    good = ["source", "timely", pl.col("ce_id").str.contains(_PRINTABLE)]
    good += [load.str.contains(_PRINTABLE)] if "ce_simpulload" in raw else []
    columns_of_marks = frame.select(
        "ce_id",
        "event_time",
        epoch=_number("ce_simpulepoch", raw, headers.MAX_EPOCH).cast(pl.Int32),
        sequence=_number("ce_sequence", raw, headers.MAX_SEQUENCE),
        load=load,
        usual=pl.all_horizontal(good),
    )
    usual = pl.all_horizontal("usual", pl.col("epoch").is_not_null(), pl.col("sequence").is_not_null())
    return columns_of_marks.with_columns(usual=usual.fill_null(value=False))


def _times(spans: Spans | None, height: int) -> pl.DataFrame:
    """`event_time`, and whether it is as it should be (`timely`)."""
    if spans is None:
        return pl.DataFrame({"timely": np.ones(height, np.bool_)}).select(_NOTHING[1], "timely")
    found, good = moments.milliseconds(spans)
    moment = pl.col("event_time").cast(pl.Datetime("ms", "UTC")).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame({"event_time": found, "timely": good}).with_columns(pl.when("timely").then(moment))


def _number(name: str, known: Mapping[str, pl.Series], highest: int) -> pl.Expr:
    """A header's whole number, 0 where the header is not sent, null where it is no such number."""
    if name not in known:
        return pl.lit(0, pl.Int64)
    digits = pl.when(pl.col(name).str.contains(_NUMBER)).then(pl.col(name))
    number = digits.cast(pl.Int64, strict=False)
    return pl.when(number <= highest).then(number)


def _sources(column: pl.Series, contract: Contract) -> pl.Series:
    """Whether each source is a system of the contract's OPD."""
    found = texts(column)[0]
    good = [text for text in found.unique() if text and headers.source(text.encode(), contract.opd) is not None]
    return found.is_in(good).fill_null(value=False).alias("source")

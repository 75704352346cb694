"""What is told of a row that is accepted: values that look wrong and are let in.

Warnings come from checks that a field lowers (`warnOnly`), from the warnings of formats and of the region
(`formats/local_marks.py`), from codes that are not valid on the day or not in their edition, and from rules of
severity `warn`. Both paths ask the same column expressions, so they tell the same; where nothing can be told, nothing
is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from schemas import code_lists
from schemas.contract import Contract, Field, Severity, Value
from schemas.expressions import ACCEPTED_ON
from schemas.formats import FORMATS, Check
from schemas.names import FieldName
from schemas.rules import as_frame, breach, dtypes, parse, today

NO_LOCAL: Final[Mapping[str, tuple[Check, ...]]] = {}
OUTDATED: Final = "codes.berlaku"
ABSENT: Final = "codes.edisi"
EDITION: Final = "_edisi"  # how the field is called that names the edition of another's classification


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A suspicion over a column, and what decides where the column alone does not."""

    code: str
    sentence: str  # Indonesian, for people
    suspicious: pl.Expr
    field: str | None = None
    check: Check | None = None  # asked value by value where its twin says no


class WarningSet:
    """The warnings of one contract. `local` are those of the instance, by format (`local_warnings`)."""

    def __init__(self, contract: Contract, local: Mapping[str, tuple[Check, ...]] = NO_LOCAL) -> None:
        doubts = [
            doubt for field in contract.fields for doubt in (*_of_field(field, local), *_of_editions(field, contract))
        ]
        for rule in contract.rules:
            if rule.severity is Severity.WARN:
                code = f"rule:{rule.name}"
                doubts.append(_Doubt(code, rule.message, breach(parse(rule.expression, contract.fields), code)))
        self._doubts = tuple(doubts)
        # What each code says: `<field>:<code of the check>` or `rule:<name>` → a sentence.
        self.sentences: Mapping[str, str] = {doubt.code: doubt.sentence for doubt in doubts}
        needed = {name for doubt in doubts for name in doubt.suspicious.meta.root_names()} - {ACCEPTED_ON}
        self._columns = {name: kind for name, kind in dtypes(contract.fields).items() if name in needed}

    def of_rows(self, rows: Sequence[Mapping[str, Value]], accepted_on: date) -> dict[int, tuple[str, ...]]:
        """Place of each row of which something is told → the codes, fields first, in the contract's order."""
        if not self._doubts or not rows:
            return {}
        return self.of_frame(as_frame(rows, self._columns, accepted_on), accepted_on)

    def of_frame(self, frame: pl.DataFrame, accepted_on: date) -> dict[int, tuple[str, ...]]:
        """The same over a frame with logical columns, as the column judge gives them."""
        found: dict[int, tuple[str, ...]] = {}
        if not self._doubts or frame.is_empty():
            return found
        judged = frame.select(*self._columns, today(accepted_on)).select(doubt.suspicious for doubt in self._doubts)
        for doubt in self._doubts:
            if not judged[doubt.code].any():
                continue
            for place in _confirmed(doubt, frame, judged[doubt.code].arg_true()):
                found[place] = (*found.get(place, ()), doubt.code)
        return dict(sorted(found.items()))


def _of_field(field: Field, local: Mapping[str, tuple[Check, ...]]) -> list[_Doubt]:
    column = pl.col(field.name)
    doubts = []
    if field.format is not None:
        form = FORMATS[field.format]
        lowered = tuple(check for check in form.checks if check.code in field.warn_only)
        for check in (*lowered, *form.warnings, *local.get(field.format, ())):
            code = f"{field.name}:{check.code}"
            clear = pl.lit(value=False) if check.column is None else check.column(column).fill_null(value=False)
            sentence = f"{field.doc}: biasanya {check.expected}."
            doubts.append(_Doubt(code, sentence, (column.is_not_null() & ~clear).alias(code), field.name, check))
    if field.codes is not None:
        codes = code_lists.load(field.codes)
        if codes.limited:
            code = f"{field.name}:{OUTDATED}"
            sentence = f"{field.doc}: kode di luar masa berlakunya (daftar {codes.title})."
            doubts.append(_Doubt(code, sentence, outdated(codes.limited, column).alias(code)))
    return doubts


def _of_editions(field: Field, contract: Contract) -> list[_Doubt]:
    """A value of a classification against the edition that its row names."""
    beside = FieldName(f"{field.name}{EDITION}")
    editions = FORMATS[field.format].editions if field.format is not None else {}
    if not editions or beside not in contract.by_name:
        return []
    lists = [(edition, code_lists.load(name)) for edition, name in editions.items()]
    absent, ended = f"{field.name}:{ABSENT}", f"{beside}:{OUTDATED}"
    outside = [(pl.col(beside) == edition) & ~pl.col(field.name).str.contains(each.branches) for edition, each in lists]
    named = code_lists.dated({edition: each.edition for edition, each in lists})
    doubts = [_Doubt(absent, f"{field.doc}: biasanya kode dalam edisi yang disebut {beside}.", _any(outside, absent))]
    if named:
        sentence = f"{contract.by_name[beside].doc}: edisi di luar masa berlakunya."
        doubts.append(_Doubt(ended, sentence, outdated(named, pl.col(beside)).alias(ended)))
    return doubts


def _any(conditions: list[pl.Expr], name: str) -> pl.Expr:
    return pl.any_horizontal(conditions).fill_null(value=False).alias(name)


def outdated(codes: Mapping[str, code_lists.Code], column: pl.Expr) -> pl.Expr:
    """Whether a code stands outside its days; over a frame with `hari_terima`."""
    day = pl.col(ACCEPTED_ON)
    outside = []
    for code, entry in codes.items():
        if entry.valid_from is not None:
            outside.append((column == code) & (day < entry.valid_from))
        if entry.valid_until is not None:
            outside.append((column == code) & (day > entry.valid_until))
    return pl.any_horizontal(outside).fill_null(value=False)


def _confirmed(doubt: _Doubt, frame: pl.DataFrame, places: pl.Series) -> list[Any]:
    if doubt.check is None or doubt.field is None:
        return places.to_list()
    values = frame[doubt.field].gather(places).to_list()
    return [place for place, value in zip(places.to_list(), values, strict=True) if not doubt.check.passes(value)]

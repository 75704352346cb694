"""Counts which of many rows a contract would refuse, and by what: the validator's verdicts, taken column by column.

A field's verdict depends on its value alone, and a rule is asked of rows whose fields are all good. So each field is
judged as a column; where the column cannot be sure, once per different value by the validator itself, which may bring
it into another form before the rules see it. Tests hold the counts, and the keys, against the intake's own judge.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import polars as pl

from registry.governance.effect_changes import Changes
from schemas.column_judge import TODAY, accepts, logical
from schemas.contract import Contract, Field, Kind, Severity, Value
from schemas.formats import FORMATS
from schemas.names import FieldName
from schemas.rules import breach, parse, today
from schemas.validator import Validator
from schemas.wire.avro import days

SAMPLE: Final = 3  # rows shown per change
_GOOD, _RULE = "ok:", "rule:"
_REFUSED: Final = object()  # a verdict on a value; any other is the value as the validator takes it


@dataclass(frozen=True, slots=True)
class JudgedFrame:
    """The rows of a frame with logical values, as they are stored, and which of them each field or rule refuses."""

    rows: pl.DataFrame
    refused: Mapping[str, pl.Series]  # of fields only those that refuse any row
    warned: Mapping[str, pl.Series]  # by new or changed rule of severity warn

    def refused_by(self, places: Iterable[str]) -> pl.Series:
        """Which rows any of these fields and rules refuses."""
        return _any((self.refused[place] for place in places if place in self.refused), self.rows.height)


class EffectJudge:
    """Judges frame after frame and keeps the counts. `frame` as `effect_rows.frames` gives them."""

    def __init__(self, contract: Contract, changes: Changes, accepted_on: date) -> None:
        self.rows = 0
        self.refused = 0  # rows that the contract refuses
        self.newly = 0  # those that something new or changed refuses
        self.by_place: Counter[str] = Counter()  # field or rule → rows; also what is not changed
        self.warned: Counter[str] = Counter()  # new or changed rule of severity warn → rows
        self.samples: dict[str, list[Mapping[str, Value]]] = {}
        self._contract, self._changes, self._on = contract, changes, accepted_on
        self._singles = {field.name: _single(contract, field) for field in contract.fields}
        self._fields = [
            accepts(field, in_key=field.name in contract.key).fill_null(value=False).alias(_GOOD + field.name)
            for field in contract.fields
        ]
        self._rules = [rule for rule in contract.rules if rule.severity is Severity.ERROR]
        self._warns = [rule for rule in changes.rules if rule.severity is Severity.WARN]
        self._breaches = [
            breach(parse(rule.expression, contract.fields), _RULE + rule.name) for rule in (*self._rules, *self._warns)
        ]
        # the verdicts on values that were asked about once, per field
        self._known: dict[FieldName, dict[Any, Any]] = {field.name: {} for field in contract.fields}

    def take(self, frame: pl.DataFrame) -> None:
        """Judge one frame and count."""
        judged = self.judge(frame)
        self.rows += frame.height
        self.refused += int(judged.refused_by(judged.refused).sum())
        self.newly += int(judged.refused_by(filter(self._changes.is_changed, judged.refused)).sum())
        for counted, masks in ((self.by_place, judged.refused), (self.warned, judged.warned)):
            for place, mask in masks.items():
                counted[place] += int(mask.sum())
                self._sample(place, judged.rows, mask)

    def judge(self, frame: pl.DataFrame) -> JudgedFrame:
        """The verdicts on the rows of one frame."""
        with_day = frame.with_columns(pl.lit(days(self._on)).alias(TODAY))
        values = [logical(field) for field in self._contract.fields]
        judged = with_day.select(*values, *self._fields, today(self._on))
        refused: dict[str, pl.Series] = {}
        normal: list[pl.Series] = []
        for field in self._contract.fields:
            wrong, column = self._field(field, judged[field.name], ~judged[_GOOD + field.name])
            if wrong is not None:
                refused[field.name] = wrong
            if column is not None:
                normal.append(column)
        good = ~_any(refused.values(), judged.height)
        broken = judged.with_columns(normal).select(self._breaches) if self._breaches else pl.DataFrame()
        refused |= {rule.name: broken[_RULE + rule.name] & good for rule in self._rules}
        warned = {rule.name: broken[_RULE + rule.name] & good for rule in self._warns}
        return JudgedFrame(judged.select(field.name for field in self._contract.fields), refused, warned)

    def _field(self, field: Field, column: pl.Series, unsure: pl.Series) -> tuple[pl.Series | None, pl.Series | None]:
        """Which rows a field refuses (None: none), and the column in its normal form, where that is another."""
        if not unsure.any():
            return None, None
        if _is_exact(field, in_key=field.name in self._contract.key):
            return unsure, None
        verdicts = self._ask(field, column.filter(unsure).unique())
        refused = [value for value, verdict in verdicts.items() if verdict is _REFUSED]
        brought = {v: verdict for v, verdict in verdicts.items() if verdict is not _REFUSED and verdict != v}
        wrong = unsure & _among(column, refused)
        if not field.nullable:
            wrong = wrong | column.is_null()
        normal = column.replace(list(brought), list(brought.values())) if brought else None
        return (wrong if wrong.any() else None), normal

    def _ask(self, field: Field, values: pl.Series) -> dict[Any, Any]:
        """What the validator says of each value: refused, or the value as it takes it."""
        known, name = self._known[field.name], str(field.name)
        present = values.drop_nulls().to_list()
        asked = [value for value in present if value not in known]
        found = _told_by_form(field, asked) if field.kind is Kind.STRING and field.format is not None else {}
        left = [value for value in asked if value not in found]
        verdicts = self._singles[field.name].check_all([{name: value} for value in left], accepted_on=self._on)
        for value, verdict in zip(left, verdicts, strict=True):
            found[value] = verdict[name] if isinstance(verdict, dict) else _REFUSED
        if len(known) < _MOST_KNOWN:
            known.update(found)
        return {value: found[value] if value in found else known[value] for value in present}

    def _sample(self, place: str, rows: pl.DataFrame, mask: pl.Series) -> None:
        """Keep the first few rows that a change refuses, whole."""
        kept = self.samples.setdefault(place, [])
        if len(kept) < SAMPLE and self._changes.is_changed(place):
            kept += rows[mask.arg_true().head(SAMPLE - len(kept)).to_list()].to_dicts()


_MOST_KNOWN: Final = 200_000  # values of a field whose verdict is kept


def _single(contract: Contract, field: Field) -> Validator:
    """The validator of one field alone."""
    key = (field.name,) if field.name in contract.key else ()
    return Validator(replace(contract, fields=(field,), key=key, rules=(), checks=(), feeds=()))


def _told_by_form(field: Field, values: list[str]) -> dict[Any, Any]:
    """The verdicts that need no validator: without the format's form a text is refused, and a clean one is taken."""
    form = FORMATS[field.format or ""]
    normal = pl.DataFrame({field.name: [form.normal_form(value) for value in values]}, schema={field.name: pl.String})
    formed, clean = normal.select(
        pl.col(field.name).str.contains(f"^(?:{form.pattern})$").alias("formed"),
        accepts(field, in_key=False).fill_null(value=False).alias("clean"),
    )
    rows = zip(values, normal[field.name], formed, clean, strict=True)
    return {value: taken if good else _REFUSED for value, taken, has_form, good in rows if good or not has_form}


def _is_exact(field: Field, *, in_key: bool) -> bool:
    """Whether the column's no is the validator's no: no form to bring a value into, no check without a twin."""
    return not in_key and field.format is None


def _among(column: pl.Series, values: list[Any]) -> pl.Series:
    return column.is_in(pl.Series(values, dtype=column.dtype).implode()).fill_null(value=False)


def _any(masks: Iterable[pl.Series], height: int) -> pl.Series:
    found = pl.repeat(value=False, n=height, eager=True)
    for mask in masks:
        found = found | mask
    return found

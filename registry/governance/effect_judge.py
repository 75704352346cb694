"""Counts which of many rows a contract would refuse, and by what: the validator's verdicts, taken column by column.

A field's verdict depends on its value alone, and a rule is asked of rows whose fields are all good. So each field is
judged as a column; where the column cannot be sure, once per different value by the validator itself; and only rows
that the validator would first bring into another form go through it whole. A test holds the counts against it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

import polars as pl

from registry.governance.effect_changes import Changes
from schemas.column_judge import TODAY, accepts, logical
from schemas.contract import Contract, Field, Severity, Value
from schemas.rules import breach, parse, today
from schemas.validator import Validator
from schemas.wire.avro import days

SAMPLE: Final = 3  # rows shown per change
_GOOD, _RULE = "ok:", "rule:"


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
        self._validator = Validator(contract)
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
        self._known: dict[str, dict[Any, bool | None]] = {str(field.name): {} for field in contract.fields}

    def take(self, frame: pl.DataFrame) -> None:
        """Judge one frame."""
        with_day = frame.with_columns(pl.lit(days(self._on)).alias(TODAY))
        values = [logical(field) for field in self._contract.fields]
        judged = with_day.select(*values, *self._fields, today(self._on))
        self.rows += judged.height
        bad, odd = self._fields_of(judged)
        good = ~_any([*bad.values(), odd], judged.height)
        refusals = dict(bad)
        broken = judged.select(self._breaches) if self._breaches else pl.DataFrame()
        for rule in self._rules:
            refusals[rule.name] = broken[_RULE + rule.name] & good
        for rule in self._warns:
            self.warned[rule.name] += int((broken[_RULE + rule.name] & good).sum())
        refusals = self._whole(judged, odd, refusals)
        self._count(judged, refusals)
        self._sample(judged, {**refusals, **{r.name: broken[_RULE + r.name] & good for r in self._warns}})

    def _fields_of(self, judged: pl.DataFrame) -> tuple[dict[str, pl.Series], pl.Series]:
        """Per field that refuses any row, which; and the rows that the validator would change and then accept."""
        nothing = pl.repeat(value=False, n=judged.height, eager=True)
        bad: dict[str, pl.Series] = {}
        odd = nothing
        for field in self._contract.fields:
            unsure = ~judged[_GOOD + field.name]
            if not unsure.any():
                continue
            if _is_exact(field, in_key=field.name in self._contract.key):
                bad[field.name] = unsure
                continue
            verdicts = self._ask(field, judged[field.name].filter(unsure).unique())
            refused = [value for value, verdict in verdicts.items() if verdict is False]
            changed = [value for value, verdict in verdicts.items() if verdict is None]
            column = judged[field.name]
            missing = nothing if field.nullable else column.is_null()
            wrong = unsure & (_among(column, refused) | missing)
            if wrong.any():
                bad[field.name] = wrong
            if changed:
                odd = odd | (unsure & _among(column, changed))
        return bad, odd

    def _ask(self, field: Field, values: pl.Series) -> dict[Any, bool | None]:
        """What the validator says of each value: taken, refused (False), or taken in another form (None)."""
        known, name = self._known[field.name], str(field.name)
        asked = [value for value in values.drop_nulls().to_list() if value not in known]
        verdicts = self._singles[field.name].check_all([{name: value} for value in asked], accepted_on=self._on)
        found: dict[Any, bool | None] = {}
        for value, verdict in zip(asked, verdicts, strict=True):
            found[value] = (True if verdict[name] == value else None) if isinstance(verdict, dict) else False
        if len(known) < _MOST_KNOWN:
            known.update(found)
        return {value: known.get(value, found.get(value)) for value in values.drop_nulls().to_list()}

    def _whole(self, judged: pl.DataFrame, odd: pl.Series, refusals: dict[str, pl.Series]) -> dict[str, pl.Series]:
        """The refusals, with those rows that only the validator can judge as it judges them."""
        places = odd.arg_true().to_list()
        if not places:
            return refusals
        names = [str(field.name) for field in self._contract.fields]
        rows = judged.select(names)[places].to_dicts()
        extra: dict[str, list[int]] = {}
        for place, verdict in zip(places, self._validator.check_all(rows, accepted_on=self._on), strict=True):
            for rejection in verdict if isinstance(verdict, tuple) else ():
                extra.setdefault(str(rejection.field), []).append(place)
        index = pl.int_range(judged.height, eager=True)
        kept = {name: mask & ~odd for name, mask in refusals.items()}
        for name, found in extra.items():
            more = index.is_in(found)
            kept[name] = kept[name] | more if name in kept else more
        return kept

    def _count(self, judged: pl.DataFrame, refusals: Mapping[str, pl.Series]) -> None:
        for place, mask in refusals.items():
            count = int(mask.sum())
            if count:
                self.by_place[place] += count
        self.refused += int(_any(refusals.values(), judged.height).sum())
        changed = [mask for place, mask in refusals.items() if self._changes.is_changed(place)]
        self.newly += int(_any(changed, judged.height).sum())

    def _sample(self, judged: pl.DataFrame, refusals: Mapping[str, pl.Series]) -> None:
        """The first few rows that each change refuses, whole."""
        names = [str(field.name) for field in self._contract.fields]
        for place, mask in refusals.items():
            kept = self.samples.setdefault(place, [])
            if len(kept) < SAMPLE and self._changes.is_changed(place) and mask.any():
                kept += judged.select(names)[mask.arg_true().head(SAMPLE - len(kept)).to_list()].to_dicts()


_MOST_KNOWN: Final = 200_000  # values of a field whose verdict is kept


def _single(contract: Contract, field: Field) -> Validator:
    """The validator of one field alone."""
    key = (field.name,) if field.name in contract.key else ()
    return Validator(replace(contract, fields=(field,), key=key, rules=(), checks=(), feeds=()))


def _is_exact(field: Field, *, in_key: bool) -> bool:
    """Whether the column's no is the validator's no: no form to bring a value into, no check without a twin."""
    return not in_key and field.format is None


def _among(column: pl.Series, values: list[Any]) -> pl.Series:
    return column.is_in(pl.Series(values, dtype=column.dtype).implode()).fill_null(value=False)


def _any(masks: Any, height: int) -> pl.Series:
    found = pl.repeat(value=False, n=height, eager=True)
    for mask in masks:
        found = found | mask
    return found

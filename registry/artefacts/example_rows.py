"""Rows made from the examples of a contract: a good one, and for each check and rule one that breaks just that.

Nothing here is drawn by chance: the examples are bent in fixed ways, and the validator says which bend breaks what.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any, Final

from registry.artefacts.bends import EXAMPLE_DAY, Row, bad_values, bent_values, example_value, niks_of_dates
from schemas import expressions, rules
from schemas.contract import Contract, Value
from schemas.errors import ContractError
from schemas.expressions import ACCEPTED_ON
from schemas.rejection import Rejection
from schemas.validator import Validator

_MAX_TRIED: Final = 5_000  # combinations per rule and step
_STEPS: Final = 4
_BEAM: Final = 8  # rows that go on to the next step


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that differs from the good one in as little as possible, and every reason against it."""

    about: str  # the field or the rule
    code: str  # the first reason's; for a rule of severity warn "rule:<name>"
    row: dict[str, Any]  # may hold what is no value of the field
    rejections: tuple[Rejection, ...]  # empty for what is accepted with a warning
    message: str  # what the OPD reads


class ExampleRows:
    """The examples of one contract."""

    def __init__(self, contract: Contract, *, patience: int | None = None) -> None:
        """`patience`: values that may be tried in all; then no more examples are found. Raises ContractError where the
        examples of the fields make no good row."""
        self.contract = contract
        self._patience = patience
        self._validator = Validator(contract)
        self._fields_alone = Validator(replace(contract, rules=(), checks=()))
        self._examples: Row = {field.name: example_value(field) for field in contract.fields}
        self._columns = rules.dtypes(contract.fields)
        parsed = [rules.parse(rule.expression, contract.fields) for rule in contract.rules]
        self._breaches = [
            rules.breach(expression, rule.name) for rule, expression in zip(contract.rules, parsed, strict=True)
        ]
        self._asked = {rule.name: sorted(expressions.names(rule.expression) - {ACCEPTED_ON}) for rule in contract.rules}
        self._literals = {rule.name: re.findall(r"'([^']*)'", rule.expression) for rule in contract.rules}
        self.good = self._good()

    def _good(self) -> Row:
        verdict = self._fields_alone.check(self._examples, accepted_on=EXAMPLE_DAY)
        if isinstance(verdict, tuple):
            raise ContractError(
                self.contract.name, str(verdict[0].field), f"the example is no value: {verdict[0].code}"
            )
        row = self._towards(self._examples, set())
        if row is None:
            raise ContractError(self.contract.name, "fields", "the examples break a rule together")
        return self._validator.check(row, accepted_on=EXAMPLE_DAY)  # type: ignore[return-value] # just accepted

    def rule_breakers(self) -> Iterator[BadRow]:
        """For each rule a row that breaks this rule and no other. Raises ContractError where there is none."""
        for rule in self.contract.rules:
            row = self._towards(self.good, {rule.name})
            if row is None:
                raise ContractError(self.contract.name, rule.name, "no bent example breaks this rule alone")
            verdict = self._validator.check(row, accepted_on=EXAMPLE_DAY)
            rejections = verdict if isinstance(verdict, tuple) else ()
            yield BadRow(rule.name, f"rule:{rule.name}", row, rejections, rule.message)

    def field_breakers(self) -> Iterator[BadRow]:
        """For each check of each field a row that fails just there."""
        for field in self.contract.fields:
            seen: set[str] = set()
            for value in bad_values(field, self.good[field.name]):
                row = {**self.good, field.name: value}
                verdict = self._validator.check(row, accepted_on=EXAMPLE_DAY)
                if isinstance(verdict, tuple) and verdict[0].field == field.name and verdict[0].code not in seen:
                    seen.add(verdict[0].code)
                    yield BadRow(field.name, verdict[0].code, row, verdict, verdict[0].sentence())

    def _broken(self, rows: list[Row]) -> list[set[str]]:
        """The names of the rules, warnings too, that each row breaks."""
        found: list[set[str]] = [set() for _ in rows]
        if not self._breaches or not rows:
            return found
        frame = rules.as_frame(rows, self._columns, EXAMPLE_DAY).select(self._breaches)
        for rule in self.contract.rules:
            for place in frame[rule.name].arg_true().to_list():
                found[place].add(rule.name)
        return found

    def _towards(self, start: Row, wanted: set[str]) -> Row | None:
        """A row near `start` whose fields are good and that breaks just the wanted rules; None if none is found.

        Step by step the fields of a rule that is wrongly kept or broken are bent; the few nearest rows go on.
        """
        beam = [start]
        for _ in range(_STEPS):
            if self._is_worn_out(0):
                break
            grown = [(self._broken([row])[0] ^ wanted, row) for row in beam]
            for wrong, row in list(grown):
                if not wrong:
                    return row
                for name in sorted(wrong):
                    bent = self._bend(row, name)
                    grown += [(broken ^ wanted, each) for each, broken in zip(bent, self._broken(bent), strict=True)]
            grown.sort(key=lambda each: (len(each[0]), *_distance(start, each[1])))
            beam = _unlike([row for _, row in grown])
        return None

    def _bend(self, row: Row, rule: str) -> list[Row]:
        """The row with the fields of a rule bent in every combination."""
        names = self._asked[rule]
        each = max(2, round(_MAX_TRIED ** (1 / max(1, len(names)))))
        choices = [self._values_of(row, name, rule)[:each] for name in names]
        if self._is_worn_out(prod(map(len, choices)) * len(row)):
            return []
        return [{**row, **dict(zip(names, values, strict=True))} for values in product(*choices)]

    def _is_worn_out(self, more: int) -> bool:
        """Whether the patience ends with so many more values."""
        if self._patience is not None:
            self._patience -= more
        return self._patience is not None and self._patience < 0

    def _values_of(self, row: Row, name: str, rule: str) -> list[Value]:
        """The field's own value, then what it may be bent to, those alone that the field takes."""
        field = next(each for each in self.contract.fields if each.name == name)
        values = [row[name], *niks_of_dates(field, row), *bent_values(field, row[name], self._literals[rule])]
        values += [row[beside] for beside in self._asked[rule]]
        values += [row[each.name] for each in self.contract.fields if each.format and each.format == field.format]
        kind = type(example_value(field))
        known = [value for value in dict.fromkeys(values) if value is None or type(value) is kind]
        if self._is_worn_out(len(known) * len(row)):
            return [row[name]]
        verdicts = self._fields_alone.check_all([{**row, name: value} for value in known], accepted_on=EXAMPLE_DAY)
        return [value for value, verdict in zip(known, verdicts, strict=True) if not isinstance(verdict, tuple)]


def _distance(start: Row, row: Row) -> tuple[int, int]:
    """Fields that differ; those of them that were not just emptied."""
    changed = [name for name in start if start[name] != row[name]]
    return len(changed), sum(row[name] is not None for name in changed)


def _unlike(rows: list[Row]) -> list[Row]:
    """The first rows that differ in which fields they hold what in."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(repr(row), row)
        if len(found) == _BEAM:
            break
    return list(found.values())

"""Synthetic rows of any document, from its contract alone: good ones, and ones that break exactly one known rule.

Rules are kept by trying: rows are drawn, judged as columns, and taken or thrown away. The same seed gives the same
rows.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from random import Random
from typing import Final

from producers.synthetic import breaches, edges
from producers.synthetic.breaches import Breach
from producers.synthetic.field_values import Maker, maker
from schemas.contract import Contract, Severity, Value
from schemas.rules import RuleSet

Row = dict[str, Value]

_EMPTY: Final = 0.3  # share of optional fields without a value
_ECHO: Final = 0.1  # share of rows in which one field repeats another's value: rules forbid some of that
_DRAWN: Final = 200  # rows judged at once
_EDGE_TRIES: Final = 20  # rows tried for one value on a limit
# rows drawn before a rule counts as one that chance does not keep, or break
_TRIED: Final = 20_000
_TRIED_PER_ROW: Final = 100
_PREFIX = re.compile(r"STARTS_WITH\((\w+), '([^']*)'\)", re.IGNORECASE)


class Documents:
    """Makes rows of one document. What the contract calls today is `accepted_on`."""

    def __init__(self, contract: Contract, *, seed: int, accepted_on: date) -> None:
        self.contract = contract
        self._chance = Random(f"{seed} {contract.name}")
        self._accepted_on = accepted_on
        self._rules = RuleSet(contract)
        prefixes = {name: text for rule in contract.rules for name, text in _PREFIX.findall(rule.expression)}
        self._makers: dict[str, Maker] = {
            field.name: maker(field, accepted_on, prefix=prefixes.get(field.name)) for field in contract.fields
        }
        self._twins = _twins(contract)
        self._keys: set[tuple[Value, ...]] = set()
        self._pool = self._judged()

    def good(self, count: int) -> list[Row]:
        """Rows that the contract accepts, each with a key of its own."""
        rows: list[Row] = []
        for row, broken in islice(self._pool, _TRIED_PER_ROW * count + _TRIED):
            if not broken and self._is_new(row):
                rows.append(row)
                if len(rows) == count:
                    break
        if len(rows) < count:
            raise LookupError(f"{self.contract.name}: {len(rows)} of {count} rows keep the rules")
        return rows

    def edges(self) -> list[Row]:
        """Good rows with one value on a limit of its field, in the contract's order; none where the rules forbid it."""
        found: list[Row] = []
        for field in self.contract.fields:
            for value in edges.of_field(field, self._accepted_on):
                rows = [{**row, field.name: value} for row in self.good(_EDGE_TRIES)]
                broken = self._rules.breaches(rows, self._accepted_on)
                found += [row for place, row in enumerate(rows) if place not in broken][:1]
        return found

    def doubts(self) -> list[Breach]:
        """Every check that a field lowers: what breaks it is accepted, with a warning of the breach's code."""
        return [doubt for field in self.contract.fields for doubt in breaches.doubts_of(field)]

    def breaches(self) -> list[Breach]:
        """Every known way to be refused: of each field, then the rules."""
        found = [
            breach
            for field in self.contract.fields
            for breach in breaches.of_field(field, self._accepted_on, in_key=field.name in self.contract.key)
        ]
        rules = [rule.name for rule in self.contract.rules if rule.severity is Severity.ERROR]
        return [*found, *(Breach(f"rule:{name}", name) for name in rules)]

    def bad(self, breach: Breach, count: int = 1) -> list[dict[str, object]]:
        """Rows that break this (or, of a doubt, only make one wonder) and nothing else."""
        if breach.bend is None:
            return self._breaking(breach, count)
        rows: list[dict[str, object]] = []
        while len(rows) < count:
            for row in self.good(count):
                value = row[breach.place]
                if value is None and breach.accepted:
                    continue  # rules over what is filled are asked of it too
                good = self._makers[breach.place](self._chance) if value is None else value
                rows.append({**row, breach.place: breach.bend(self._chance, good)})
        return rows[:count]

    def _breaking(self, breach: Breach, count: int) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for row, broken in islice(self._pool, _TRIED_PER_ROW * count + _TRIED):
            if broken == (breach.code,):
                rows.append(dict(row))
                if len(rows) == count:
                    return rows
        raise LookupError(f"{self.contract.name}: {len(rows)} of {count} rows break {breach.code} alone")

    def _judged(self) -> Iterator[tuple[Row, tuple[str, ...]]]:
        """Rows whose fields are good, with the rules they break; without end."""
        while True:
            rows = [self._draw() for _ in range(_DRAWN)]
            broken = self._rules.breaches(rows, self._accepted_on)
            for place, row in enumerate(rows):
                yield row, tuple(rejection.code for rejection in broken.get(place, ()))

    def _draw(self) -> Row:
        chance = self._chance
        row: Row = {
            field.name: None if field.nullable and chance.random() < _EMPTY else self._makers[field.name](chance)
            for field in self.contract.fields
        }
        if self._twins and chance.random() < _ECHO:
            one, other = chance.choice(self._twins)
            if row[one] is not None:
                row[other] = row[one]
        return row

    def _is_new(self, row: Row) -> bool:
        key = tuple(row[name] for name in self.contract.key)
        if key in self._keys:
            return False
        self._keys.add(key)
        return True


def _twins(contract: Contract) -> list[tuple[str, str]]:
    """Pairs of fields that hold the same sort of number."""
    formed = [field for field in contract.fields if field.format is not None]
    return [
        (one.name, other.name)
        for one in formed
        for other in formed
        if one is not other and (one.format, one.min_length) == (other.format, other.min_length)
    ]

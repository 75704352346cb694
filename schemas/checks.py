"""Checks of a contract: rules over a row and the rows it references.

They are asked after the merge, and again when a referenced row changes. A breach is a *Tidak Padan*, which a steward
sees; it refuses nothing.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from schemas import expressions
from schemas.contract import Contract, Rule
from schemas.entities import Columns, check_columns
from schemas.expressions import ACCEPTED_ON
from schemas.names import EntityName
from schemas.rules import breach, dtype, today


class CheckSet:
    """The checks of one contract. `entities` are the columns of every entity (`entities.columns_by_entity`)."""

    def __init__(self, contract: Contract, entities: Mapping[EntityName, Columns]) -> None:
        known = check_columns(contract, entities)
        used = {name for check in contract.checks for name in expressions.names(check.expression)} - {ACCEPTED_ON}
        # What a frame must have: own fields, and `<field>__<column>`, NULL where the referenced row is not there.
        self.columns = {name: dtype(known[name]) for name in sorted(used)}
        self.rules: tuple[Rule, ...] = contract.checks
        self._breaches = [
            breach(expressions.parse(check.expression, self.columns), check.name) for check in contract.checks
        ]

    def breaches(self, frame: pl.DataFrame, accepted_on: date) -> dict[int, tuple[str, ...]]:
        """Place of each row that breaks a check → the names of those checks, in the contract's order."""
        found: dict[int, tuple[str, ...]] = {}
        if not self.rules or frame.is_empty():
            return found
        judged = frame.with_columns(today(accepted_on)).select(self._breaches)
        for rule in self.rules:
            for place in judged[rule.name].arg_true().to_list():
                found[place] = (*found.get(place, ()), rule.name)
        return found

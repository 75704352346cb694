"""Rules of a contract, ready to judge sets of rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from schemas import expressions, plain_rules
from schemas.contract import Contract, Field, Kind, Rule, Severity, Value
from schemas.expressions import ACCEPTED_ON
from schemas.reasons import reject
from schemas.rejection import Fault, Rejection

FEW: Final = 30  # rows up to which rules are asked row by row: an expression over columns costs a millisecond
_DTYPES: Final[dict[Kind, Any]] = {
    Kind.STRING: pl.String,
    Kind.INT: pl.Int32,
    Kind.LONG: pl.Int64,
    Kind.DOUBLE: pl.Float64,
    Kind.BOOLEAN: pl.Boolean,
    Kind.DATE: pl.Date,
    Kind.TIMESTAMP: pl.Datetime("ms", "UTC"),
}


def dtype(field: Field) -> Any:
    """The column type in which rules see a field."""
    if field.kind is Kind.DECIMAL:
        return pl.Decimal(field.precision, field.scale or 0)
    return _DTYPES[field.kind]


def dtypes(fields: Sequence[Field]) -> dict[str, Any]:
    """The column types by field."""
    return {str(field.name): dtype(field) for field in fields}


def parse(expression: str, fields: Sequence[Field]) -> pl.Expr:
    """A rule's expression as a column expression. Raises ValueError with the reason (for the contract's author)."""
    return expressions.parse(expression, dtypes(fields))


def breach(expression: pl.Expr, name: str) -> pl.Expr:
    """Whether a row breaks a rule; NULL = the rule does not apply."""
    return expression.not_().fill_null(value=False).alias(name)


def as_frame(rows: Sequence[Mapping[str, Value]], columns: Mapping[str, Any], accepted_on: date) -> pl.DataFrame:
    """The named columns of rows with logical values, and the date of acceptance."""
    held = [pl.Series(name, [row[name] for row in rows], dtype=kind, strict=True) for name, kind in columns.items()]
    return pl.DataFrame([*held, pl.Series(ACCEPTED_ON, [accepted_on] * len(rows), dtype=pl.Date)])


def today(accepted_on: date) -> pl.Expr:
    """The date of acceptance as the column that rules call `hari_terima`."""
    return pl.lit(accepted_on, dtype=pl.Date).alias(ACCEPTED_ON)


class RuleSet:
    """The rules of a contract that refuse a row."""

    def __init__(self, contract: Contract) -> None:
        self._rules = [rule for rule in contract.rules if rule.severity is Severity.ERROR]
        parsed = [parse(rule.expression, contract.fields) for rule in self._rules]
        self._breaches = [breach(expression, rule.name) for rule, expression in zip(self._rules, parsed, strict=True)]
        # Per rule, whether a row keeps it; over a frame with logical columns and `hari_terima`.
        self.keeps = tuple(~breach for breach in self._breaches)
        self._names = [sorted(set(expression.meta.root_names()) - {ACCEPTED_ON}) for expression in parsed]
        plain = [plain_rules.compiled(rule.expression, contract.fields) for rule in self._rules]
        self._plain = None if None in plain else [told for told in plain if told is not None]
        needed = {name for names in self._names for name in names}
        self._columns = {name: kind for name, kind in dtypes(contract.fields).items() if name in needed}

    def breaches(self, rows: Sequence[dict[str, Value]], accepted_on: date) -> dict[int, tuple[Rejection, ...]]:
        """Place of each row that breaks a rule → its rejections, in the order of the contract's rules."""
        if not self._rules or not rows:
            return {}
        rules = tuple(zip(self._rules, self._names, strict=True))
        return {
            place: tuple(_rejection(*rule) for rule, is_broken in zip(rules, broken, strict=True) if is_broken)
            for place, broken in enumerate(self._broken(rows, accepted_on))
            if True in broken
        }

    def _broken(self, rows: Sequence[dict[str, Value]], accepted_on: date) -> Iterable[Sequence[bool]]:
        """For each row, which rules it breaks."""
        if self._plain is not None and len(rows) <= FEW:
            return [[told(row, accepted_on) is False for told in self._plain] for row in rows]
        return as_frame(rows, self._columns, accepted_on).select(self._breaches).iter_rows()


def _rejection(rule: Rule, names: Sequence[str]) -> Rejection:
    return reject(
        f"rule:{rule.name}",
        rule.name,
        rule.message.rstrip("."),
        "memenuhi aturan ini",
        remedy=f"Mohon periksa kolom {', '.join(names)} di sistem asal, lalu kirim lagi.",
        fault=Fault.RULE,
    )

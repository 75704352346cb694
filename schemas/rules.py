"""Rules of a contract: SQL expressions over the columns of a set of rows (polars).

An expression may compare, combine, look at text, lists and dates of *its own row*. Everything else is refused when
the contract is read: the clock (a replay must give the same verdict), other rows, files, sub-queries.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from schemas.contract import Contract, Field, Kind, Rule, Severity, Value
from schemas.reasons import reject
from schemas.rejection import Fault, Rejection

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|<=|>=|<>|!=|\S")
# fmt: off
_WORDS: Final = frozenset({
    "AND", "OR", "NOT", "IS", "NULL", "TRUE", "FALSE", "IN", "BETWEEN", "LIKE", "ILIKE", "CASE", "WHEN", "THEN",
    "ELSE", "END", "DATE", "INTERVAL", "EXTRACT", "YEAR", "MONTH", "DAY", "FROM",
})
_FUNCTIONS: Final = frozenset({
    "LENGTH", "LEFT", "RIGHT", "SUBSTR", "UPPER", "LOWER", "TRIM", "STARTS_WITH", "ENDS_WITH", "REGEXP_LIKE",
    "COALESCE", "NULLIF", "ABS", "ROUND",
})
# fmt: on
_SIGNS: Final = frozenset(["(", ")", ",", "=", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*", "/", "%"])

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


def parse(expression: str, fields: Sequence[Field]) -> pl.Expr:
    """The expression as a column expression. Raises ValueError with the reason (for the contract's author)."""
    _refuse_foreign_words(expression, {str(field.name) for field in fields})
    try:
        parsed = pl.sql_expr(expression)
        if not parsed.meta.root_names():
            raise ValueError("names no field")
        found = pl.DataFrame(schema={field.name: dtype(field) for field in fields}).select(verdict=parsed)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise ValueError(f"does not work as SQL: {error}") from error
    if found.schema["verdict"] != pl.Boolean:
        raise ValueError(f"gives {found.schema['verdict']}, a rule gives true or false")
    return parsed


def _refuse_foreign_words(expression: str, fields: set[str]) -> None:
    tokens = _TOKEN.findall(expression)
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token[0] in "'\"" or token[0].isdigit():
            if token[0] == '"' and token.strip('"') not in fields:
                raise ValueError(f"unknown field {token}")
        elif not (token[0].isalpha() or token[0] == "_"):
            if token not in _SIGNS:
                raise ValueError(f"sign {token!r} has no place in a rule")
        elif following == "(" and token.upper() not in _WORDS | _FUNCTIONS:
            raise ValueError(f"function {token} is not one of {', '.join(sorted(_FUNCTIONS))}")
        elif token not in fields and token.upper() not in _WORDS | _FUNCTIONS:
            raise ValueError(f"unknown field {token}")


class RuleSet:
    """The rules of a contract that refuse a row, ready to judge sets of rows."""

    def __init__(self, contract: Contract) -> None:
        self._rules = [rule for rule in contract.rules if rule.severity is Severity.ERROR]
        parsed = [parse(rule.expression, contract.fields) for rule in self._rules]
        # NULL = the rule does not apply
        self._breaches = [
            expression.not_().fill_null(value=False).alias(rule.name)
            for rule, expression in zip(self._rules, parsed, strict=True)
        ]
        # Per rule, whether a row keeps it; over a frame with logical columns.
        self.keeps = tuple(~breach for breach in self._breaches)
        self._names = [sorted(set(expression.meta.root_names())) for expression in parsed]
        needed = {name for names in self._names for name in names}
        self._columns = {str(field.name): dtype(field) for field in contract.fields if field.name in needed}

    def breaches(self, rows: Sequence[dict[str, Value]]) -> dict[int, tuple[Rejection, ...]]:
        """Place of each row that breaks a rule → its rejections, in the order of the contract's rules."""
        if not self._rules or not rows:
            return {}
        frame = pl.DataFrame(
            [
                pl.Series(name, [row[name] for row in rows], dtype=column, strict=True)
                for name, column in self._columns.items()
            ]
        ).select(self._breaches)
        found: dict[int, tuple[Rejection, ...]] = {}
        for rule, names in zip(self._rules, self._names, strict=True):
            for place in frame[rule.name].arg_true().to_list():
                found[place] = (*found.get(place, ()), _rejection(rule, names))
        return found


def _rejection(rule: Rule, names: Sequence[str]) -> Rejection:
    return reject(
        f"rule:{rule.name}",
        rule.name,
        rule.message.rstrip("."),
        "memenuhi aturan ini",
        remedy=f"Mohon periksa kolom {', '.join(names)} di sistem asal, lalu kirim lagi.",
        fault=Fault.RULE,
    )

"""The language of rules and checks: SQL expressions over one row, read into column expressions (polars).

An expression may compare, combine, look at text, lists and dates of *its own row*. Everything else is refused when
the contract is read: the clock (a replay must give the same verdict), other rows, files, sub-queries.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import polars as pl

ACCEPTED_ON: Final = "hari_terima"  # the date of acceptance: what a contract calls today
JOINT: Final = "__"  # `<field>__<column>`: a column of the row that the field references; no field's name has it

# fmt: off
WORDS: Final = frozenset({
    "AND", "OR", "NOT", "IS", "NULL", "TRUE", "FALSE", "IN", "BETWEEN", "LIKE", "ILIKE", "CASE", "WHEN", "THEN",
    "ELSE", "END", "DATE", "INTERVAL", "EXTRACT", "YEAR", "MONTH", "DAY", "FROM",
})
FUNCTIONS: Final = frozenset({
    "LENGTH", "LEFT", "RIGHT", "SUBSTR", "UPPER", "LOWER", "TRIM", "STARTS_WITH", "ENDS_WITH", "REGEXP_LIKE",
    "COALESCE", "NULLIF", "ABS", "ROUND",
})
# fmt: on
_KNOWN: Final = WORDS | FUNCTIONS
_SIGNS: Final = frozenset(["(", ")", ",", "=", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*", "/", "%"])
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|<=|>=|<>|!=|\S")


@dataclass(frozen=True, slots=True)
class Macro:
    """A function of our own, which is written out before polars reads the expression."""

    parameters: tuple[str, ...]
    body: str  # with {parameter}
    meaning: str


# Whole years and months are those that base.calendar's "1 bulan" counts: the same day of the month, or its last day
# where the month has no such day. So who was born on 29 February completes a year on the 28th of a common year.
_SHORT_OF_DAY: Final = (
    "EXTRACT(DAY FROM {until}) < EXTRACT(DAY FROM {since}) AND EXTRACT(DAY FROM {until} + INTERVAL '1 day') <> 1"
)
MACROS: Final[Mapping[str, Macro]] = {
    "usia": Macro(
        ("since", "until"),
        "(EXTRACT(YEAR FROM {until}) - EXTRACT(YEAR FROM {since}) - CASE"
        " WHEN EXTRACT(MONTH FROM {until}) < EXTRACT(MONTH FROM {since}) THEN 1"
        " WHEN EXTRACT(MONTH FROM {until}) = EXTRACT(MONTH FROM {since}) AND " + _SHORT_OF_DAY + " THEN 1 ELSE 0 END)",
        "whole years from one date to another",
    ),
    "selisih_bulan": Macro(
        ("since", "until"),
        "((EXTRACT(YEAR FROM {until}) - EXTRACT(YEAR FROM {since})) * 12"
        " + EXTRACT(MONTH FROM {until}) - EXTRACT(MONTH FROM {since})"
        " - CASE WHEN " + _SHORT_OF_DAY + " THEN 1 ELSE 0 END)",
        "whole months from one date to another",
    ),
    "angka": Macro(("text",), "TRY_CAST({text} AS BIGINT)", "the number that a text of digits spells, else NULL"),
    "angka_tanggal": Macro(
        ("day",),
        "(EXTRACT(YEAR FROM {day}) * 10000 + CAST(EXTRACT(MONTH FROM {day}) AS INTEGER) * 100"
        " + EXTRACT(DAY FROM {day}))",
        "a date as the number YYYYMMDD",
    ),
}


class Token(NamedTuple):
    text: str
    start: int
    end: int


def names(expression: str) -> frozenset[str]:
    """The columns that an expression names, whether or not there are such."""
    tokens = tokens_of(expression)
    found = set()
    for token, following in zip(tokens, [*tokens[1:], Token("", 0, 0)], strict=True):
        word = token.text[0].isalpha() or token.text[0] == "_"
        if token.text[0] == '"':
            found.add(token.text.strip('"'))
        elif word and following.text != "(" and token.text.upper() not in _KNOWN:
            found.add(token.text)
    return frozenset(found)


def parse(expression: str, columns: Mapping[str, Any]) -> pl.Expr:
    """The expression as a column expression over `columns` (name → polars type) and `hari_terima`.

    Raises ValueError with the reason (for the contract's author).
    """
    _refuse_foreign_words(expression, {*columns, ACCEPTED_ON})
    written_out = _write_out(expression)
    try:
        parsed = pl.sql_expr(written_out)
        if not set(parsed.meta.root_names()) - {ACCEPTED_ON}:
            raise ValueError("names no field")
        found = _probe(columns).select(verdict=parsed)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise ValueError(f"does not work as SQL: {error}") from error
    if found.schema["verdict"] != pl.Boolean:
        raise ValueError(f"gives {found.schema['verdict']}, a rule gives true or false")
    return parsed


def tokens_of(expression: str) -> list[Token]:
    """The words and signs of an expression, in order."""
    return [Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(expression)]


def _refuse_foreign_words(expression: str, columns: set[str]) -> None:
    tokens = [token.text for token in tokens_of(expression)]
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token[0] in "'\"" or token[0].isdigit():
            if token[0] == '"' and token.strip('"') not in columns:
                raise ValueError(f"unknown field {token}")
        elif not (token[0].isalpha() or token[0] == "_"):
            if token not in _SIGNS:
                raise ValueError(f"sign {token!r} has no place in a rule")
        elif following == "(" and token not in MACROS and token.upper() not in _KNOWN:
            raise ValueError(f"function {token} is not one of {', '.join([*sorted(FUNCTIONS), *MACROS])}")
        elif token not in columns and token.upper() not in _KNOWN and not (token in MACROS and following == "("):
            raise ValueError(f"unknown field {token}")


def _write_out(expression: str) -> str:
    """The expression with our own functions written out, and REGEXP_LIKE held to patterns that are there to read."""
    tokens = tokens_of(expression)
    written: list[str] = []
    copied = place = 0
    while place < len(tokens):
        token = tokens[place]
        called = place + 1 < len(tokens) and tokens[place + 1].text == "("
        if called and token.text in MACROS:
            parts, last = _arguments(expression, tokens, place)
            written += [expression[copied : token.start], _call(token.text, parts)]
            copied, place = tokens[last].end, last
        elif called and token.text.upper() == "REGEXP_LIKE":
            parts, _ = _arguments(expression, tokens, place)
            if len(parts) != 2 or not re.fullmatch(r"'(?:[^']|'')*'", parts[1]):
                raise ValueError("REGEXP_LIKE takes a field and a pattern in quotes")
        place += 1
    return "".join([*written, expression[copied:]])


def _arguments(expression: str, tokens: list[Token], place: int) -> tuple[list[str], int]:
    """The arguments of the call whose name stands at `place`, and the place of its closing bracket."""
    depth, parts, start = 0, [], tokens[place + 1].end
    for at in range(place + 1, len(tokens)):
        text = tokens[at].text
        depth += (text == "(") - (text == ")")
        if depth == 0 or (depth == 1 and text == ","):
            parts.append(expression[start : tokens[at].start].strip())
            start = tokens[at].end
        if depth == 0:
            return parts, at
    raise ValueError(f"{tokens[place].text}: a bracket is not closed")


def _call(name: str, arguments: list[str]) -> str:
    macro = MACROS[name]
    if len(arguments) != len(macro.parameters) or not all(arguments):
        raise ValueError(f"{name} takes {len(macro.parameters)} values")
    inner = [token.text for argument in arguments for token in tokens_of(argument)]
    nested = [text for text in inner if text in MACROS]
    if nested:
        raise ValueError(f"{nested[0]} has no place inside {name}")
    return macro.body.format(**{p: f"({a})" for p, a in zip(macro.parameters, arguments, strict=True)})


# The ends of what a field may hold: an expression that fails on one of them would stop a batch.
_PROBES: Final[Mapping[Any, tuple[Any, Any]]] = {
    pl.String: ("", "\u00e9" * 20),
    pl.Date: (date(1850, 1, 1), date(2200, 12, 31)),
    pl.Boolean: (False, True),
    pl.Int32: (-(2**31), 2**31 - 1),
    pl.Int64: (-(2**63), 2**63 - 1),
    pl.Float64: (-1e308, 1e308),
}


def _probe(columns: Mapping[str, Any]) -> pl.DataFrame:
    """Three rows: nothing, the least and the most."""
    dates = pl.Series(ACCEPTED_ON, [date(2024, 2, 29), date(1850, 1, 1), date(2200, 12, 31)], dtype=pl.Date)
    probes = [
        pl.Series(name, [None, *_PROBES.get(dtype, (None, None))], dtype=dtype) for name, dtype in columns.items()
    ]
    return pl.DataFrame([*probes, dates])

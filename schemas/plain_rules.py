"""A rule over one row at a time, without columns: for batches of a few events.

polars takes a millisecond for an expression over one row, and a small batch costs ten. So the everyday part of the
language of rules (`expressions.py`) is read a second time here, into functions over one row. A rule that says anything
else is left to polars: this reader refuses what it is not sure of. A property test holds the two against each other.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any, Final

from schemas.contract import Field, Kind, Value
from schemas.expressions import ACCEPTED_ON, tokens_of

# What an expression says of a row on a day, None for NULL.
Told = Callable[[Mapping[Any, Value], date], Any]
_SURE: Final = frozenset({Kind.STRING, Kind.INT, Kind.LONG, Kind.DATE})
_COMPARED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": eq, "<>": ne, "!=": ne, "<": lt, ">": gt, "<=": le, ">=": ge,
}  # fmt: skip
_NUMBER: Final = re.compile("[+-]?[0-9]+")
_PLACE: Final = re.compile("[1-9][0-9]{0,3}")
_WITH_PLACES: Final = frozenset({"LEFT", "SUBSTR"})  # behind the text: places that are there to read
_BITS: Final = 2**63
_DAYS: Final = re.compile(r"'([0-9]{1,5}) days?'")


class NotPlain(Exception):
    """The expression is more than this reader is sure of."""


def compiled(expression: str, fields: Sequence[Field]) -> Told | None:
    """The expression as a function over one row with logical values, or None: then it is for polars."""
    reader = _Reader(expression, {str(field.name): field.kind for field in fields if field.kind in _SURE})
    try:
        return reader.whole()
    except NotPlain:
        return None


class _Reader:
    """Reads one expression by recursive descent; stands before the token at `at`."""

    def __init__(self, expression: str, kinds: Mapping[str, Kind]) -> None:
        self.tokens = [token.text for token in tokens_of(expression)]
        self.kinds, self.at = kinds, 0

    def whole(self) -> Told:
        found = self.either()
        if self.at < len(self.tokens):
            raise NotPlain
        return found

    def next_is(self, *texts: str) -> bool:
        """Step over these tokens, if they come next."""
        following = [text.upper() for text in self.tokens[self.at : self.at + len(texts)]]
        if following != list(texts):
            return False
        self.at += len(texts)
        return True

    def expect(self, text: str) -> None:
        if not self.next_is(text):
            raise NotPlain

    def take(self) -> str:
        if self.at >= len(self.tokens):
            raise NotPlain
        self.at += 1
        return self.tokens[self.at - 1]

    def either(self) -> Told:
        parts = [self.both()]
        while self.next_is("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else _any(parts)

    def both(self) -> Told:
        parts = [self.compared()]
        while self.next_is("AND"):
            parts.append(self.compared())
        return parts[0] if len(parts) == 1 else _all(parts)

    def compared(self) -> Told:
        left = self.sum()
        if self.next_is("IS", "NOT", "NULL"):
            return lambda row, day: left(row, day) is not None
        if self.next_is("IS", "NULL"):
            return lambda row, day: left(row, day) is None
        if self.next_is("BETWEEN"):
            low = self.sum()
            self.expect("AND")
            return _all([_of_two(ge, left, low), _of_two(le, left, self.sum())])
        sign = self.tokens[self.at] if self.at < len(self.tokens) else ""
        if sign in _COMPARED:
            self.at += 1
            return _of_two(_COMPARED[sign], left, self.sum())
        return left

    def sum(self) -> Told:
        first, found = self.at, self.product()
        while True:
            if self.next_is("+"):
                found = _of_two(_within_64_bits(add), found, self.product())
            elif self.next_is("-"):
                found = _of_two(_within_64_bits(sub), found, self.product())
            else:
                return found
            self.must_be_wide(first)

    def product(self) -> Told:
        first, found = self.at, self.single()
        while True:
            if self.next_is("*"):
                found = _of_two(_within_64_bits(mul), found, self.single())
            elif self.next_is("%"):
                found = _of_two(_remainder, found, self.single())
            else:
                return found
            self.must_be_wide(first)

    def must_be_wide(self, first: int) -> None:
        """Nothing is reckoned with a field's own number: polars would do it within the field's few bits."""
        if any(self.kinds.get(text) in (Kind.INT, Kind.LONG) for text in self.tokens[first : self.at]):
            raise NotPlain

    def single(self) -> Told:
        if self.next_is("("):
            found = self.either()
            self.expect(")")
            return found
        if self.next_is("CASE"):
            return self.case()
        text = self.take()
        if self.next_is("("):
            return self.call(text)
        if text.upper() == "INTERVAL":
            return _always(timedelta(days=int(_matched(_DAYS, self.take())[1])))
        if text[0] == "'":
            return _always(text[1:-1].replace("''", "'"))
        if text.isdigit():
            return _always(int(text))
        if text == ACCEPTED_ON:
            return lambda _, day: day
        if text in self.kinds:
            return lambda row, _: row[text]
        raise NotPlain

    def case(self) -> Told:
        """`CASE a WHEN b THEN c … ELSE d END`."""
        value = self.single()
        cases: list[tuple[Told, Told]] = []
        while self.next_is("WHEN"):
            when = _of_two(eq, value, self.sum())
            self.expect("THEN")
            cases.append((when, self.sum()))
        self.expect("ELSE")
        other = self.sum()
        self.expect("END")
        return lambda row, day: next((then for when, then in cases if when(row, day)), other)(row, day)

    def call(self, name: str) -> Told:
        arguments, places = [self.sum()], name.upper() in _WITH_PLACES
        while self.next_is(","):
            arguments.append(_always(int(_matched(_PLACE, self.take())[0])) if places else self.sum())
        self.expect(")")
        known = _CALLS.get(name if name.islower() else name.upper())
        if known is None or len(arguments) != known[0]:
            raise NotPlain
        return _of_all(known[1], arguments)


def _matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise NotPlain
    return found


def _always(value: Any) -> Told:
    return lambda _row, _day: value


def _of_two(operation: Callable[[Any, Any], Any], left: Told, right: Told) -> Told:
    def told(row: Mapping[Any, Value], day: date) -> Any:
        a, b = left(row, day), right(row, day)
        return None if a is None or b is None else operation(a, b)

    return told


def _of_all(operation: Callable[..., Any], arguments: Sequence[Told]) -> Told:
    def told(row: Mapping[Any, Value], day: date) -> Any:
        values = [argument(row, day) for argument in arguments]
        return None if None in values else operation(*values)

    return told


def _any(parts: Sequence[Told]) -> Told:
    """OR over three values: true if one is, else NULL if one is."""

    def told(row: Mapping[Any, Value], day: date) -> Any:
        found = [part(row, day) for part in parts]
        return True if True in found else None if None in found else False

    return told


def _all(parts: Sequence[Told]) -> Told:
    def told(row: Mapping[Any, Value], day: date) -> Any:
        found = [part(row, day) for part in parts]
        return False if False in found else None if None in found else True

    return told


def _within_64_bits(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """As numbers of 64 bits do it, which begin anew behind their greatest."""

    def done(left: Any, right: Any) -> Any:
        found = operation(left, right)
        return (found + _BITS) % (2 * _BITS) - _BITS if isinstance(found, int) else found

    return done


def _remainder(value: int, divisor: int) -> int | None:
    return value % divisor if divisor else None


def _is_short(since: date, until: date) -> bool:
    """Whether the last month is not complete: the day is not reached, and the month not at its end."""
    return until.day < since.day and (until + timedelta(days=1)).day != 1


def _years(since: date, until: date) -> int:
    short = until.month < since.month or (until.month == since.month and _is_short(since, until))
    return until.year - since.year - short


def _months(since: date, until: date) -> int:
    return (until.year - since.year) * 12 + until.month - since.month - _is_short(since, until)


def _spelled(text: str) -> int | None:
    number = int(text) if _NUMBER.fullmatch(text) else _BITS
    return number if -_BITS <= number < _BITS else None


_CALLS: Final[Mapping[str, tuple[int, Callable[..., Any]]]] = {
    "LENGTH": (1, len),
    "LEFT": (2, lambda text, count: text[:count]),
    "SUBSTR": (3, lambda text, first, count: text[first - 1 : first - 1 + count]),
    "STARTS_WITH": (2, str.startswith),
    "usia": (2, _years),
    "selisih_bulan": (2, _months),
    "angka": (1, _spelled),
    "angka_tanggal": (1, lambda day: day.year * 10_000 + day.month * 100 + day.day),
}

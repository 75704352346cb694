"""Judges many rows of a document at once, as columns.

The judge knows two verdicts: a row is *clean*, then the validator would accept it with exactly these values; or it is
for the validator to look at, which normalises it, accepts it or words every reason against it. Both are built from the
same contract, and a property test holds them together: clean is never said of a row that the validator would refuse
or change.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import polars as pl

from schemas import code_lists
from schemas.contract import Contract, Field, Kind
from schemas.event_key import SEPARATOR
from schemas.expressions import ACCEPTED_ON
from schemas.field_types import BITS, FIRST_DAYS, FIRST_MS, LAST_DAYS, LAST_MS
from schemas.formats import FORMATS, Check
from schemas.row_warnings import NO_LOCAL, WarningSet, joined
from schemas.rules import RuleSet, dtype, today
from schemas.texts import CLEAN_TEXT, MAX_KEY_BYTES, MAX_TEXT_LENGTH
from schemas.wire.avro import days

_PLAIN_KEY: Final = "^[ -{}~]+$"  # visible ASCII without "|": every such text is in its normal form
_PLAIN_JOINED_KEY: Final = "^[ -~]+$"
_NUMERAL: Final = re.compile(r"\[1-9\]\[0-9\]\{([0-9]|1[0-7])\}")  # the pattern of a number of at most 18 digits
TODAY, _KEY, _CLEAN = "_today", "_key", "_clean"  # no field's name begins with an underscore


class ColumnJudge:
    """The contract's judge of whole frames. It keeps nothing between frames."""

    def __init__(self, contract: Contract, local: Mapping[str, tuple[Check, ...]] = NO_LOCAL) -> None:
        """`local` are the warnings of the instance, by format (`formats.local_marks`)."""
        fields = [(field, field.name in contract.key) for field in contract.fields]
        self._fields = pl.all_horizontal(accepts(field, in_key=in_key) for field, in_key in fields).alias(_CLEAN)
        self._logical = [logical(field) for field in contract.fields]
        self._rules = RuleSet(contract).keeps
        self._warnings = WarningSet(contract, local)
        self._key = _joined_key(contract).alias(_KEY)
        key = pl.col(_KEY)
        self._plain_key = key.is_not_null() if _has_plain_parts(contract) else key.str.contains(_PLAIN_JOINED_KEY)

    def judge(self, frame: pl.DataFrame, accepted_on: date) -> tuple[pl.DataFrame, pl.Series, pl.Series]:
        """The rows with logical values, their keys as text, and which of them are clean.

        `frame` has the contract's columns with physical values (days, milliseconds), as `ColumnReader` reads them.
        """
        day = pl.lit(days(accepted_on)).alias(TODAY)
        judged = frame.with_columns(day).select(*self._logical, self._key, self._fields, today(accepted_on))
        clean = judged.select(
            pl.all_horizontal(_CLEAN, *self._rules, self._plain_key).fill_null(value=False)
        ).to_series()
        return judged.drop(_KEY, _CLEAN, ACCEPTED_ON), judged[_KEY], clean

    def warnings(self, frame: pl.DataFrame, accepted_on: date) -> pl.Series:
        """What is told of each row, as it is stored with it (`row_warnings.joined`): the codes of the validator.

        `frame` has logical values; it holds accepted rows only.
        """
        told = self._warnings.of_frame(frame, accepted_on)
        if not told:
            return pl.repeat(None, frame.height, dtype=pl.String, eager=True)
        texts = [joined(told.get(place, ())) for place in range(frame.height)]
        return pl.Series(texts, dtype=pl.String)


def _joined_key(contract: Contract) -> pl.Expr:
    parts = [pl.col(name) for name in contract.key]
    joined = parts[0] if len(parts) == 1 else pl.concat_str(parts, separator=SEPARATOR)
    return pl.when(joined.str.len_bytes() <= MAX_KEY_BYTES).then(joined)


def _has_plain_parts(contract: Contract) -> bool:
    """Whether the fields' own conditions let in only keys that are visible ASCII."""
    return all(_is_plain(contract.by_name[name]) for name in contract.key)


def _is_plain(field: Field) -> bool:
    if field.enum is not None or field.codes is not None or field.kind is not Kind.STRING:
        return False
    return field.format is None or _NUMERAL.fullmatch(_pattern(field) or "") is not None


def logical(field: Field) -> pl.Expr:
    column = pl.col(field.name)
    return column.cast(dtype(field)) if field.kind in (Kind.DATE, Kind.TIMESTAMP) else column


def accepts(field: Field, *, in_key: bool) -> pl.Expr:
    """Whether a row's value is certainly good as it is; null is a no."""
    column = pl.col(field.name)
    good = pl.all_horizontal(_conditions(field, column, in_key=in_key))
    return column.is_null() | good if field.nullable else good


def _conditions(field: Field, column: pl.Expr, *, in_key: bool) -> list[pl.Expr]:
    match field.kind:
        case Kind.STRING:
            return _text(field, column, in_key=in_key)
        case Kind.INT | Kind.LONG:
            lowest, highest = BITS[field.kind]
            low = lowest if field.minimum is None else max(lowest, int(field.minimum))  # type: ignore[arg-type]
            high = highest if field.maximum is None else min(highest, int(field.maximum))  # type: ignore[arg-type]
            return [column.is_between(low, high)]
        case Kind.DOUBLE:
            return [column.is_finite(), *_limits(field, column), *_checks(field, column)]
        case Kind.BOOLEAN:
            return [column.is_not_null()]
        case Kind.DATE:
            first = max(FIRST_DAYS, days(field.minimum)) if isinstance(field.minimum, date) else FIRST_DAYS
            last = min(LAST_DAYS, days(field.maximum)) if isinstance(field.maximum, date) else LAST_DAYS
            until_today = [column <= pl.col(TODAY)] if field.maximum_today else []
            return [column.is_between(first, last), *until_today]
        case Kind.TIMESTAMP:
            return [column.is_between(FIRST_MS, LAST_MS)]
        case Kind.DECIMAL:
            return [column.is_not_null(), *_limits(field, column)]


def _limits(field: Field, column: pl.Expr) -> list[pl.Expr]:
    """The limits of a double or a decimal."""
    minimum, maximum = (_limit(field, limit) for limit in (field.minimum, field.maximum))
    lowest = [] if minimum is None else [column >= minimum]
    return lowest if maximum is None else [*lowest, column <= maximum]


def _limit(field: Field, limit: Decimal | date | None) -> pl.Expr | None:
    if not isinstance(limit, Decimal):
        return None
    return pl.lit(float(limit)) if field.kind is Kind.DOUBLE else pl.lit(limit)


def _text(field: Field, column: pl.Expr, *, in_key: bool) -> list[pl.Expr]:
    """As `field_types` and `finishers` have it, in the same order."""
    if field.enum is not None:
        return [column.is_in(list(field.enum))]
    if field.codes is not None:
        return [column.is_in(list(code_lists.load(field.codes).codes))]
    pattern = _pattern(field)
    conditions = [] if pattern is None else _form(pattern, column)
    if field.format is None:
        conditions.append(column.str.contains(_PLAIN_KEY if in_key else f"^{CLEAN_TEXT}*$"))
    longest = MAX_TEXT_LENGTH if field.max_length is None and field.format is None else field.max_length
    if field.min_length is not None:
        conditions.append(column.str.len_chars() >= field.min_length)
    if longest is not None:
        conditions.append(column.str.len_chars() <= longest)
    return [*conditions, *_checks(field, column)]


def _pattern(field: Field) -> str | None:
    return field.pattern or (FORMATS[field.format].pattern if field.format else None)


def _form(pattern: str, column: pl.Expr) -> list[pl.Expr]:
    """Whether a text has the form. A number of so many digits is told by its size, in a third of the time."""
    numeral = _NUMERAL.fullmatch(pattern)
    if numeral is None:
        return [column.str.contains(f"^(?:{pattern})$")]
    zeros = int(numeral[1])
    number = column.cast(pl.Int64, strict=False)  # a sign would take the place of a digit
    return [column.str.len_bytes() == zeros + 1, number.is_between(10**zeros, 10 ** (zeros + 1) - 1)]


def _checks(field: Field, column: pl.Expr) -> list[pl.Expr]:
    """The twins of the format's checks, but for those that the field lowers to warnings."""
    checks = FORMATS[field.format].checks if field.format is not None else ()
    return [_twin(check, column) for check in checks if check.code not in field.warn_only]


def _twin(check: Check, column: pl.Expr) -> pl.Expr:
    """A check without a twin sends every row one by one."""
    return pl.lit(value=False) if check.column is None else check.column(column)

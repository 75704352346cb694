"""What pydantic must know about a field: its type with every limit that one value can be held against.

A value passes if it is in its normal form (`formats`) and within the limits. The types accept logical values (date,
aware datetime, Decimal) and Avro's physical ones (days, milliseconds, unscaled bytes).
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BeforeValidator
from pydantic import Field as Limit

from schemas import code_lists
from schemas.contract import Field, Kind
from schemas.formats import FORMATS
from schemas.texts import CLEAN_KEY, CLEAN_TEXT, MAX_TEXT_LENGTH

# No document is about a day outside of these; beyond them lie dates that PostgreSQL stores and Python cannot read.
FIRST_DAY: Final = date(1850, 1, 1)
LAST_DAY: Final = date(2200, 12, 31)
EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS: Final = 86_400_000
_MAX_DECIMAL_BYTES: Final = 20  # 38 digits need 16; longer ones are not even converted

FIRST_DAYS: Final = FIRST_DAY.toordinal() - EPOCH_ORDINAL
LAST_DAYS: Final = LAST_DAY.toordinal() - EPOCH_ORDINAL
FIRST_MS: Final = FIRST_DAYS * _DAY_MS
LAST_MS: Final = (LAST_DAYS + 1) * _DAY_MS - 1
_FIRST_MOMENT: Final = datetime(1850, 1, 1, tzinfo=UTC)
_LAST_MOMENT: Final = datetime(2200, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
# bounds of Avro's int and long, which the decoder does not hold
BITS: Final = {Kind.INT: (-(2**31), 2**31 - 1), Kind.LONG: (-(2**63), 2**63 - 1)}


def annotation(field: Field, *, in_key: bool) -> Any:
    """The type of the field's values for pydantic. `in_key`: the field is part of the document's key."""
    inner = _annotation(field, in_key=in_key)
    return inner | None if field.nullable else inner


def _annotation(field: Field, *, in_key: bool) -> Any:
    match field.kind:
        case Kind.STRING:
            return _text(field, in_key=in_key)
        case Kind.INT | Kind.LONG:
            lowest, highest = BITS[field.kind]
            low = lowest if field.minimum is None else max(lowest, _number(field.minimum))
            high = highest if field.maximum is None else min(highest, _number(field.maximum))
            return Annotated[int, Limit(ge=low, le=high)]
        case Kind.DOUBLE:
            return Annotated[float, Limit(ge=_float(field.minimum), le=_float(field.maximum), allow_inf_nan=False)]
        case Kind.BOOLEAN:
            return bool
        case Kind.DATE:
            days = Annotated[int, Limit(ge=FIRST_DAYS, le=LAST_DAYS)]
            return Annotated[
                days | Annotated[date, Limit(ge=FIRST_DAY, le=LAST_DAY)], Limit(union_mode="left_to_right")
            ]
        case Kind.TIMESTAMP:
            moment = Annotated[AwareDatetime, Limit(ge=_FIRST_MOMENT, le=_LAST_MOMENT)]
            milliseconds = Annotated[int, Limit(ge=FIRST_MS, le=LAST_MS)]
            return Annotated[milliseconds | moment, Limit(union_mode="left_to_right")]
        case Kind.DECIMAL:
            limits = Limit(
                max_digits=field.precision,
                decimal_places=field.scale,
                ge=field.minimum,
                le=field.maximum,
                allow_inf_nan=False,
            )
            return Annotated[Decimal, BeforeValidator(_unscaler(field.scale or 0)), limits]


def _number(limit: Decimal | date) -> int:
    assert isinstance(limit, Decimal)  # noqa: S101 (the loader reads limits of numbers as Decimal)
    return int(limit)


def _float(limit: Decimal | date | None) -> float | None:
    return float(limit) if isinstance(limit, Decimal) else None


def _text(field: Field, *, in_key: bool) -> Any:
    if field.enum is not None:
        return Literal[field.enum]
    if field.codes is not None:
        return Literal[tuple(code_lists.load(field.codes).codes)]
    pattern = field.pattern or (FORMATS[field.format].pattern if field.format else None)
    if pattern is None:
        pattern = f"{CLEAN_KEY if in_key else CLEAN_TEXT}*"
    longest = MAX_TEXT_LENGTH if field.max_length is None and field.format is None else field.max_length
    return Annotated[str, Limit(pattern=f"^(?:{pattern})$", min_length=field.min_length, max_length=longest)]


def unscaled(value: object, scale: int) -> object:
    """Avro's decimal as a number: its bytes are the unscaled number, big-endian two's complement. All else stays."""
    if isinstance(value, bytes) and 0 < len(value) <= _MAX_DECIMAL_BYTES:
        return Decimal(int.from_bytes(value, "big", signed=True)).scaleb(-scale)
    return value


def _unscaler(scale: int) -> Any:
    return lambda value: unscaled(value, scale)

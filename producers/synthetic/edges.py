"""Good values that lie exactly on a limit of their field: the shortest and the longest text, the least and the most."""

from collections.abc import Iterator
from datetime import date

from schemas.contract import Field, Kind, Value


def of_field(field: Field, accepted_on: date) -> Iterator[Value]:
    """What lies on each limit of one field, and each word of a closed list; nothing where a format or pattern rules."""
    if field.nullable:
        yield None
    if field.enum is not None:
        yield from field.enum
    elif field.kind is Kind.STRING:
        if field.format is None and field.pattern is None and field.codes is None:
            yield from ("X" * limit for limit in (field.min_length, field.max_length) if limit)
    elif field.kind is Kind.DATE:
        yield from (limit for limit in (field.minimum, field.maximum) if isinstance(limit, date))
        if field.maximum_today:
            yield accepted_on
    else:
        for limit in (field.minimum, field.maximum):
            if limit is not None and not isinstance(limit, date):
                yield _as_kind(field, limit)


def _as_kind(field: Field, limit: object) -> Value:
    if field.kind is Kind.DOUBLE:
        return float(str(limit))
    return int(str(limit)) if field.kind in (Kind.INT, Kind.LONG) else limit  # type: ignore[return-value]

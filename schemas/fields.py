"""Reads one field of a contract and refuses what does not fit together."""

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from schemas import code_lists, patterns
from schemas.attributes import FieldAttributes
from schemas.avro_types import FieldType, read_type
from schemas.contract import Field, Kind, OnMissing, Reference
from schemas.formats import FORMATS
from schemas.names import EntityName, FieldName

TODAY = "today"  # as `maximum` of a date: the date of acceptance
_NUMBERS = frozenset({Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.DECIMAL})


def read_field(raw: Any) -> Field:
    """One element of `fields`. Raises ValueError (pydantic's ValidationError included) with the reason."""
    attributes = FieldAttributes.model_validate(raw)
    found = read_type(attributes.type)
    _check_default(raw, found)
    _check_words(attributes, found)
    if attributes.isReplacedBy and (attributes.references is None or not found.nullable):
        raise ValueError("isReplacedBy is for an optional field with references")
    minimum, maximum, maximum_today = _read_limits(attributes, found.kind)
    return Field(
        name=FieldName(attributes.name),
        kind=found.kind,
        nullable=found.nullable,
        doc=attributes.doc,
        sensitivity=attributes.sensitivity,
        specific=attributes.specific,
        precision=found.precision,
        scale=found.scale,
        format=attributes.format,
        pattern=attributes.pattern,
        min_length=attributes.minLength,
        max_length=attributes.maxLength,
        minimum=minimum,
        maximum=maximum,
        maximum_today=maximum_today,
        enum=tuple(attributes.enum) if attributes.enum else None,
        codes=attributes.codes,
        reference=_read_reference(attributes),
        is_replaced_by=attributes.isReplacedBy,
        survivorship=attributes.survivorship,
        agree=attributes.agree,
        warn_only=frozenset(attributes.warnOnly),
        example=attributes.example,
    )


def _check_default(raw: Mapping[str, Any], found: FieldType) -> None:
    if found.nullable and ("default" not in raw or raw["default"] is not None):
        raise ValueError("an optional field has the default null")
    if not found.nullable and "default" in raw:
        raise ValueError("a required field has no default")


def _check_words(attributes: FieldAttributes, found: FieldType) -> None:
    textual = ("pattern", "minLength", "maxLength", "enum", "codes")
    used = [word for word in textual if getattr(attributes, word) is not None]
    if used and found.kind is not Kind.STRING:
        raise ValueError(f"{used[0]} is for texts only")
    exclusive = [word for word in ("enum", "codes", "format", "pattern") if getattr(attributes, word) is not None]
    if len(exclusive) > 1:
        raise ValueError(f"{exclusive[0]} and {exclusive[1]} exclude each other")
    if attributes.enum and len(set(attributes.enum)) < len(attributes.enum):
        raise ValueError("enum has a word twice")
    if attributes.codes is not None and attributes.codes not in code_lists.names():
        raise ValueError(f"unknown code list {attributes.codes!r}; known: {', '.join(sorted(code_lists.names()))}")
    if (attributes.minLength or 0) > (attributes.maxLength or math.inf):
        raise ValueError("minLength is greater than maxLength")
    if attributes.pattern is not None:
        patterns.check(attributes.pattern)
    _check_format(attributes, found)


def _check_format(attributes: FieldAttributes, found: FieldType) -> None:
    if attributes.format is None:
        if attributes.warnOnly:
            raise ValueError("warnOnly needs a format")
        return
    known = FORMATS.get(attributes.format)
    if known is None:
        raise ValueError(f"unknown format {attributes.format!r}; known: {', '.join(sorted(FORMATS))}")
    if known.kind is not found.kind:
        raise ValueError(f"format {known.name} is for {known.kind}, the field is {found.kind}")
    checks = {check.code for check in known.checks}
    unknown = sorted(set(attributes.warnOnly) - checks)
    if unknown:
        raise ValueError(f"warnOnly: {unknown[0]!r} is no check of {known.name} ({', '.join(sorted(checks))})")


def _read_reference(attributes: FieldAttributes) -> Reference | None:
    if attributes.references is None:
        if attributes.onMissing is not None:
            raise ValueError("onMissing needs references")
        return None
    if attributes.onMissing is None:
        raise ValueError("references needs onMissing: park or warn")
    entity, _, field = attributes.references.partition(".")
    return Reference(EntityName(entity), FieldName(field), OnMissing(attributes.onMissing))


def _read_limits(attributes: FieldAttributes, kind: Kind) -> tuple[Decimal | date | None, Decimal | date | None, bool]:
    """Minimum, maximum, whether the maximum is the date of acceptance."""
    today = attributes.maximum == TODAY and kind is Kind.DATE
    minimum = _read_limit(attributes.minimum, kind, "minimum")
    maximum = None if today else _read_limit(attributes.maximum, kind, "maximum")
    if minimum is not None and maximum is not None and minimum > maximum:  # type: ignore[operator]
        raise ValueError("minimum is greater than maximum")
    return minimum, maximum, today


def _read_limit(raw: int | float | str | None, kind: Kind, word: str) -> Decimal | date | None:
    if raw is None:
        return None
    try:
        if kind is Kind.DATE:
            return date.fromisoformat(str(raw))
        if kind in _NUMBERS:
            limit = Decimal(str(raw))
            if limit.is_finite():
                return limit
    except (ValueError, InvalidOperation) as error:
        raise ValueError(f"{word} {raw!r} is not a {kind}") from error
    raise ValueError(f"{word} is for numbers and dates only")

"""A row of a document as JSON Schema 2020-12, for those who check before they send.

Every row that the hub accepts, in its normal form, fits this schema; a row that does not fit is refused. What the
schema cannot say (the date inside a NIK, rules over several fields, today) stands in `x-simpul-…`.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from base.titles import human
from registry.artefacts.edition import Edition, deprecation, json_bytes
from schemas import code_lists
from schemas.contract import Contract, Field, Kind
from schemas.field_types import BITS
from schemas.formats import FORMATS
from schemas.texts import MAX_TEXT_LENGTH

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# Characters as ranges: engines without Unicode classes (Python's `re`) read these files too.
_CONTROLS: Final = "\\u0000-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069"
_INVISIBLE: Final = (  # Cf of the Basic Multilingual Plane, Unicode 15
    "\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890-\\u0891\\u08e2\\u180e\\u200b-\\u200f\\u202a-\\u202e"
    "\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb"
)
_PLAIN: Final = f"^[^{_CONTROLS}]*$"
_PLAIN_KEY: Final = f"^[^\\u0000-\\u001f\\u007f-\\u009f{_INVISIBLE}|]*$"
_YEARS: Final = "(18[5-9][0-9]|19[0-9]{2}|2[01][0-9]{2}|2200)"  # schemas/field_types.py: 1850 to 2200
_DAY: Final = f"^{_YEARS}-[0-9]{{2}}-[0-9]{{2}}$"
_MOMENT: Final = (
    f"^{_YEARS}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\\.[0-9]+)?(Z|[+-][0-9]{{2}}:[0-9]{{2}})$"
)
_EXACT_DIGITS: Final = 15  # decimal digits that a JSON number keeps in every language


def row_schema(edition: Edition) -> dict[str, Any]:
    """The schema of a whole row."""
    contract = edition.contract
    required = [field.name for field in contract.fields if not field.nullable]
    page = f"{edition.hub.url}/katalog/{contract.opd}/{contract.document}"
    return {
        "$schema": DIALECT,
        "$id": f"{page}/versi/{edition.version}/baris.schema.json",
        "title": human(contract.document),
        "description": contract.doc,
        "type": "object",
        "properties": properties(contract),
        "required": required,
        "additionalProperties": False,
        "x-simpul-key": list(contract.key),
        "x-simpul-rules": [
            {"name": rule.name, "severity": str(rule.severity), "message": rule.message} for rule in contract.rules
        ],
    }


def row_schema_file(edition: Edition) -> bytes:
    """The schema as a file."""
    return json_bytes(row_schema(edition))


def properties(contract: Contract) -> dict[str, Any]:
    """The schema of each field."""
    return {field.name: field_schema(contract, field) for field in contract.fields}


def field_schema(contract: Contract, field: Field) -> dict[str, Any]:
    """The schema of one field's values."""
    schema: dict[str, Any] = {"title": human(field.name), "description": field.doc}
    schema |= _type(field, in_key=field.name in contract.key)
    if field.nullable:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    if field.example is not None:
        schema["examples"] = [example(field)]
    if deprecation(contract, field):
        schema["deprecated"] = True
    return schema | _notes(field)


def example(field: Field) -> str | int | float | bool | None:
    """The field's example as JSON has it; None where the contract gives none."""
    text = field.example
    if text is None:
        return None
    match field.kind:
        case Kind.INT | Kind.LONG:
            return int(text)
        case Kind.DOUBLE:
            return float(text)
        case Kind.DECIMAL if _is_exact(field):
            return float(text)
        case Kind.BOOLEAN:
            return text == "true"
        case _:
            return text


def json_value(field: Field, value: Any) -> Any:
    """A logical value as JSON has it: days and moments in ISO 8601, decimals as numbers where that is exact."""
    match value:
        case Decimal():
            return float(value) if _is_exact(field) else f"{value:.{field.scale or 0}f}"
        case date():  # datetime too
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return value


def _type(field: Field, *, in_key: bool) -> dict[str, Any]:
    match field.kind:
        case Kind.STRING:
            return {"type": "string"} | _text(field, in_key=in_key)
        case Kind.INT | Kind.LONG:
            low, high = BITS[field.kind]
            return {
                "type": "integer",
                "minimum": low if field.minimum is None else max(low, _whole(field.minimum)),
                "maximum": high if field.maximum is None else min(high, _whole(field.maximum)),
            }
        case Kind.DOUBLE:
            return {"type": "number"} | _range(field) | _box(field)
        case Kind.DECIMAL:
            return _decimal(field)
        case Kind.BOOLEAN:
            return {"type": "boolean"}
        case Kind.DATE:
            return {"type": "string", "format": "date", "pattern": _DAY} | _days(field)
        case Kind.TIMESTAMP:
            return {"type": "string", "format": "date-time", "pattern": _MOMENT}


def _text(field: Field, *, in_key: bool) -> dict[str, Any]:
    if field.enum is not None:
        return {"enum": list(field.enum)}
    if field.codes is not None:
        codes = code_lists.load(field.codes).codes
        return {"enum": list(codes), "x-simpul-codes": dict(codes)}
    found = FORMATS[field.format] if field.format else None
    pattern = field.pattern or (found.pattern if found else None)
    limits: dict[str, Any] = {"pattern": f"^(?:{pattern})$" if pattern else _PLAIN_KEY if in_key else _PLAIN}
    if field.min_length is not None:
        limits["minLength"] = field.min_length
    longest = MAX_TEXT_LENGTH if field.max_length is None and field.format is None else field.max_length
    if longest is not None:
        limits["maxLength"] = longest
    return limits


def _decimal(field: Field) -> dict[str, Any]:
    scale = field.scale or 0
    whole = (field.precision or 0) - scale
    if not _is_exact(field):
        part = f"\\.[0-9]{{{scale}}}" if scale else ""
        return {"type": "string", "pattern": f"^-?[0-9]{{1,{whole}}}{part}$"} | _told_range(field)
    highest = 10**whole - 10**-scale if scale else 10**whole - 1
    limits = {"minimum": -highest, "maximum": highest} | _range(field)
    return {"type": "number", "multipleOf": float(Decimal(1).scaleb(-scale)) if scale else 1} | limits


def _is_exact(field: Field) -> bool:
    return (field.precision or 0) <= _EXACT_DIGITS


def _range(field: Field) -> dict[str, Any]:
    """Limits of a number."""
    limits = {"minimum": field.minimum, "maximum": field.maximum}
    return {word: _number(limit) for word, limit in limits.items() if isinstance(limit, Decimal)}


def _told_range(field: Field) -> dict[str, Any]:
    """Limits that JSON Schema cannot hold against a text."""
    limits = {"minimum": field.minimum, "maximum": field.maximum}
    return {f"x-simpul-{word}": str(limit) for word, limit in limits.items() if limit is not None}


def _days(field: Field) -> dict[str, Any]:
    told = _told_range(field)
    return told | {"x-simpul-maximum": "today"} if field.maximum_today else told


def _box(field: Field) -> dict[str, Any]:
    """The box of a coordinate, which the format's own check holds."""
    return {"x-simpul-expected": FORMATS[field.format].expected} if field.format else {}


def _whole(limit: Decimal | date) -> int:
    return int(limit) if isinstance(limit, Decimal) else limit.toordinal()


def _number(limit: Decimal) -> int | float:
    return int(limit) if limit == limit.to_integral_value() else float(limit)


def _notes(field: Field) -> dict[str, Any]:
    """What else the contract says of the field."""
    notes: dict[str, Any] = {"x-simpul-sensitivity": str(field.sensitivity)}
    if field.specific:
        notes["x-simpul-specific"] = True
    if field.format:
        notes["x-simpul-format"] = field.format
        checks = [check.code for check in FORMATS[field.format].checks if check.code not in field.warn_only]
        if checks:
            notes["x-simpul-checks"] = checks
    if field.reference:
        notes["x-simpul-references"] = f"{field.reference.entity}.{field.reference.field}"
        notes["x-simpul-onMissing"] = str(field.reference.on_missing)
    if field.is_replaced_by:
        notes["x-simpul-isReplacedBy"] = True
    return notes

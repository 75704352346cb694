"""Answers of the reference API as they look, from the examples of a contract: as a reader without a look gets them."""

from typing import Any, Final

from identity.masking import mask_of
from registry.artefacts.edition import is_masked
from registry.artefacts.row_schema import example
from schemas.contract import Contract, Field, Kind

_HANDLE: Final = "q3V0Yb1nL6hX2kRzT8wM4sPaUcEdFgHjKoNiQrSt"  # of the form that the address of a person's row has
_ROUND: Final = 12
_YEAR: Final = 4  # characters of a date's mask
_TOPIC: Final = {"partition": 2, "offset": 4711, "ce_id": "9d0c9a52-6c0e-4f6a-8f57-0a1d2f3b4c5d", "schema_id": 7}


def key(contract: Contract) -> str:
    """A row's address."""
    if any(is_masked(contract.by_name[name]) for name in contract.key):
        return _HANDLE
    return "|".join(str(example(contract.by_name[name])) for name in contract.key)


def row(contract: Contract) -> dict[str, Any]:
    """One row."""
    shown = [field for field in contract.fields if not is_masked(field) or mask_of(field) is not None]
    covered = [field.name for field in shown if is_masked(field) and field.example is not None]
    return {"key": key(contract), "values": {field.name: _shown(field) for field in shown}, "masked": covered}


def page(contract: Contract) -> dict[str, Any]:
    """A page with one row."""
    return {"rows": [row(contract)], "round": _ROUND, "next": None}


def changes(contract: Contract) -> dict[str, Any]:
    """A change and a deletion."""
    found = row(contract)
    gone = {"key": found["key"], "round": _ROUND, "deleted": True, "values": None, "masked": []}
    return {"changes": [{**found, "round": _ROUND - 1, "deleted": False}, gone], "round": _ROUND, "next": None}


def why(contract: Contract) -> dict[str, Any]:
    """Where the value of one field comes from."""
    field = next(each for each in contract.fields if each.name not in contract.key and not is_masked(each))
    event = {"topic": contract.topic, **_TOPIC, "time": None, "accepted_at": "2026-01-05T07:05:00Z", "load": None}
    origin = {"value": _shown(field), "source": contract.name, "event": event}
    said = {**origin, "masked": False, "others": [], "past": []}
    return {
        "key": key(contract),
        "deleted": False,
        "complete_since": "2026-01-01T00:00:00Z",
        "fields": {field.name: said},
    }


def warnings(contract: Contract) -> dict[str, Any]:
    """What is told of a row."""
    field = next(each for each in contract.fields if not is_masked(each))
    told = {"field": field.name, "text": "Nilai ini jarang; mohon diperiksa.", "document": contract.name}
    return {"key": key(contract), "warnings": [told], "covered": False}


def _shown(field: Field) -> Any:
    """The field's example, covered as its mask does."""
    value, mask = example(field), mask_of(field) if is_masked(field) else None
    if mask is None or value is None:
        return value
    return str(value)[:_YEAR] if field.kind is Kind.DATE else mask.cover(str(value))

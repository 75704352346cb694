"""How the reference API tells where a row's values come from, and what changed: schemas of OpenAPI 3.1."""

from typing import Any, Final

from schemas.contract import Contract

_MOMENT: Final = {"type": "string", "format": "date-time"}
_EVENT: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "description": "Kejadian yang menyebut nilai itu.",
    "properties": {
        "topic": {"type": "string"},
        "partition": {"type": "integer", "minimum": 0},
        "offset": {"type": "integer", "minimum": 0},
        "ce_id": {"type": "string"},
        "schema_id": {"type": ["integer", "null"]},
        "time": {**_MOMENT, "type": ["string", "null"], "description": "Waktu menurut sumbernya."},
        "accepted_at": {**_MOMENT, "description": "Waktu diterima ke dalam data rujukan."},
        "load": {"type": ["string", "null"]},
    },
}
_ORIGIN: Final[dict[str, Any]] = {
    "value": {"description": "Nilainya, atau bentuk tersamarnya; null bila tidak ada sumber yang menyebutnya."},
    "source": {"type": ["string", "null"], "description": "Dokumen sumber: `<opd>.<dokumen>`."},
    "event": _EVENT,
}


def why_schema(contract: Contract) -> dict[str, Any]:
    """The whole answer."""
    field = {
        **_ORIGIN,
        "masked": {"type": "boolean"},
        "decision": {
            "type": ["object", "null"],
            "description": "Keputusan walidata yang diikuti nilai ini; null bila menurut urutan prioritas.",
            "properties": {"conflict": {"type": "integer"}, "decided_at": _MOMENT},
        },
        "others": {
            "type": "array",
            "description": "Nilai sumber lain yang tidak dipakai, menurut urutannya.",
            "items": {"type": "object", "properties": _ORIGIN},
        },
        "past": {
            "type": "array",
            "description": "Nilai sejak kapan, terbaru dahulu.",
            "items": {"type": "object", "properties": {"since": _MOMENT, **_ORIGIN}},
        },
    }
    properties = {
        "key": {"type": "string"},
        "deleted": {"type": "boolean"},
        "complete_since": {**_MOMENT, "description": "Riwayat lengkap sejak waktu ini."},
        "fields": {
            "type": "object",
            "properties": {
                each.name: {"type": "object", "properties": field}
                for each in contract.fields
                if each.name not in contract.key
            },
            "additionalProperties": False,
        },
    }
    return {"type": "object", "required": list(properties), "properties": properties}


def changes_schema() -> dict[str, Any]:
    """A page of what changed since a round."""
    change = {
        "key": {"type": "string"},
        "round": {"type": "integer", "minimum": 0, "description": "Putaran terbit yang memuat perubahan itu."},
        "deleted": {"type": "boolean"},
        "values": {"anyOf": [{"$ref": "#/components/schemas/Values"}, {"type": "null"}]},
        "masked": {"type": "array", "items": {"type": "string"}},
    }
    page = {
        "changes": {
            "type": "array",
            "items": {"type": "object", "required": [*change], "properties": change},
        },
        "round": {
            "type": "integer",
            "minimum": 0,
            "description": "Bila `next` null, semua yang disimpan sebelumnya sudah diceritakan. Untuk `since`.",
        },
        "next": {"type": ["string", "null"], "description": "Untuk `after`; null bila sudah habis."},
    }
    return {"type": "object", "required": list(page), "properties": page}


def warnings_schema(contract: Contract) -> dict[str, Any]:
    """What is told of a row."""
    told = {
        "field": {"enum": [field.name for field in contract.fields]},
        "text": {"type": "string", "description": "Apa yang perlu diperiksa."},
        "document": {"type": "string", "description": "Dokumen yang barisnya diperingatkan: `<opd>.<dokumen>`."},
    }
    properties = {
        "key": {"type": "string"},
        "warnings": {"type": "array", "items": {"type": "object", "required": [*told], "properties": told}},
        "covered": {"type": "boolean", "description": "Ada lagi, atas isian yang tidak terbuka bagi OPD ini."},
    }
    return {"type": "object", "required": [*properties], "properties": properties}

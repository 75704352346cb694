"""The reference API of a document as OpenAPI 3.1: one record by its key, and the list."""

from typing import Any, Final

from base.titles import human
from registry.artefacts import answer_examples as examples
from registry.artefacts.answer_headers import headers_of
from registry.artefacts.api_refusals import refusals, refused
from registry.artefacts.covered import covered
from registry.artefacts.edition import Edition, is_masked, json_bytes
from registry.artefacts.row_schema import DIALECT, field_schema
from registry.artefacts.why_schema import changes_schema, warnings_schema, why_schema
from schemas.contract import Contract, Field, Kind

VERSION: Final = "3.1.0"
_MAX_PAGE: Final = 500
_MAX_KEYS: Final = 100
_FILES: Final = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}
_PURPOSE: Final = "Simpul-Purpose"
_JSON: Final = "application/json"
_OF_FILTERS: Final = frozenset({"type", "enum", "format"})


def openapi(edition: Edition) -> dict[str, Any]:
    """The whole text."""
    contract = edition.contract
    base = f"/api/v1/reference/{contract.entity}"
    by_key = base + "/{key}"
    return {
        "openapi": VERSION,
        "info": {
            "title": f"Simpul: {edition.title}",
            "version": str(edition.version),
            "summary": contract.doc,
            "description": _description(edition),
            "contact": {"name": contract.owner, "email": contract.contact},
        },
        "jsonSchemaDialect": DIALECT,
        "servers": [{"url": edition.hub.url}],
        "tags": [{"name": contract.entity, "description": human(contract.entity)}],
        "security": [{"token": []}],
        "paths": {base: {"get": _list(contract)}}
        | _export(contract, base)
        | _changes(contract, base)
        | {
            by_key: {"get": _one(contract)},
            f"{by_key}/why": {"get": _why(contract)},
            f"{by_key}/warnings": {"get": _warnings(contract)},
        },
        "components": {
            "schemas": _schemas(contract),
            "headers": headers_of(contract),
            "responses": refusals(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Token layanan OPD (`smp_…`)."}
            },
        },
    }


def openapi_file(edition: Edition) -> bytes:
    """The text as a file."""
    return json_bytes(openapi(edition))


def _description(edition: Edition) -> str:
    masked = [field.name for field in edition.contract.fields if is_masked(field)]
    text = f"Data Rujukan {human(edition.contract.entity)}, dari dokumen `{edition.contract.name}`."
    if not masked:
        return text
    return (
        f"{text} Tanpa Hak Akses yang menyebutnya, isian berikut tersamar atau tidak ada: {', '.join(masked)}. "
        "Setiap pandangan tanpa samaran tercatat dalam jejak audit."
    )


def _list(contract: Contract) -> dict[str, Any]:
    return {
        "operationId": f"list_{contract.entity}",
        "tags": [contract.entity],
        "summary": "Daftar baris menurut kunci.",
        "parameters": [
            _query("after", "Kunci baris terakhir pada halaman sebelumnya (nilai `next`).", {"type": "string"}),
            _query(
                "key",
                "Hanya baris dengan kunci ini; dapat disebut berulang, tanpa penyaring.",
                {"type": "array", "items": {"type": "string"}, "maxItems": _MAX_KEYS},
            ),
            _FIELDS,
            _query(
                "limit", "Banyaknya baris.", {"type": "integer", "minimum": 1, "maximum": _MAX_PAGE, "default": 100}
            ),
            *(_filter(contract, field) for field in contract.fields if _may_filter(field)),
            *_purpose(contract),
        ],
        "responses": {"200": _answer("Satu halaman.", "Page", examples.page(contract))} | refused(),
    }


def _one(contract: Contract) -> dict[str, Any]:
    return {
        "operationId": f"get_{contract.entity}",
        "tags": [contract.entity],
        "summary": "Satu baris menurut kuncinya.",
        "parameters": [
            _key(contract),
            _FIELDS,
            _query(
                "as_of",
                "Baris sebagaimana adanya pada waktu ini, menurut kontrak yang berlaku sekarang.",
                {"type": "string", "format": "date-time"},
            ),
            *_purpose(contract),
        ],
        "responses": {"200": _answer("Baris itu.", "Row", examples.row(contract), "Simpul-Replaced-By")}
        | refused("404", "410"),
    }


def _why(contract: Contract) -> dict[str, Any]:
    return {
        "operationId": f"why_{contract.entity}",
        "tags": [contract.entity],
        "summary": "Asal tiap nilai satu baris: sumber, kejadian, nilai sumber lain, dan nilai terdahulu.",
        "parameters": [_key(contract), _FIELDS, *_purpose(contract)],
        "responses": {"200": _answer("Asal nilainya.", "Why", examples.why(contract))} | refused("404"),
    }


def _warnings(contract: Contract) -> dict[str, Any]:
    return {
        "operationId": f"warnings_{contract.entity}",
        "tags": [contract.entity],
        "summary": "Peringatan satu baris: nilai yang diterima, tetapi tampak keliru.",
        "parameters": [_key(contract), *_purpose(contract)],
        "responses": {"200": _answer("Peringatannya.", "Warnings", examples.warnings(contract))} | refused("404"),
    }


def _key(contract: Contract) -> dict[str, Any]:
    return {
        "name": "key",
        "in": "path",
        "required": True,
        "description": "Kunci: "
        + ", ".join(contract.by_name[name].doc for name in contract.key)
        + ("; bagian-bagiannya dipisahkan `|`." if len(contract.key) > 1 else "."),
        "schema": {"type": "string", "minLength": 1},
        "example": examples.key(contract),
    }


def _export(contract: Contract, base: str) -> dict[str, Any]:
    """All rows as one file; nobody browses the population."""
    if any(is_masked(contract.by_name[name]) for name in contract.key):
        return {}
    form = {"type": "string", "enum": list(_FILES), "default": "ndjson"}
    answer: dict[str, Any] = {
        "description": "Semua baris, dari satu saat yang sama.",
        "content": {media: {} for media in _FILES.values()},
    }
    operation = {
        "operationId": f"export_{contract.entity}",
        "tags": [contract.entity],
        "summary": "Semua baris sebagai satu berkas.",
        "parameters": [_query("format", "Bentuk berkas.", form), _FIELDS],
        "responses": {"200": answer} | refused(),
    }
    return {f"{base}/export": {"get": operation}}


def _changes(contract: Contract, base: str) -> dict[str, Any]:
    """What changed since a round; the order in which persons arrive is told to nobody."""
    if any(is_masked(contract.by_name[name]) for name in contract.key):
        return {}
    whole = {"type": "integer", "minimum": 0, "default": 0}
    operation = {
        "operationId": f"changes_{contract.entity}",
        "tags": [contract.entity],
        "summary": "Baris yang berubah sejak suatu putaran, termasuk yang dihapus; juga sebagai text/event-stream.",
        "parameters": [
            _query("since", "Putaran terakhir yang sudah dimiliki.", whole),
            _query("after", "Nilai `next` dari jawaban sebelumnya.", {"type": "string"}),
            _query("limit", "Banyaknya kunci.", {"type": "integer", "minimum": 1, "maximum": 500, "default": 500}),
            _query("wait", "Detik menunggu bila belum ada perubahan.", whole | {"maximum": 30}),
            _FIELDS,
        ],
        "responses": {"200": _answer("Perubahannya.", "Changes", examples.changes(contract))} | refused(),
    }
    return {f"{base}/changes": {"get": operation}}


def _schemas(contract: Contract) -> dict[str, Any]:
    row: dict[str, Any] = {
        "key": {"type": "string", "description": _key_text(contract)},
        "values": {"$ref": "#/components/schemas/Values"},
        "masked": {
            "type": "array",
            "items": {"enum": [field.name for field in contract.fields]},
            "description": "Isian yang tersamar dalam jawaban ini.",
        },
    }
    page = {
        "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
        "round": {"type": "integer", "minimum": 0, "description": "Putaran terbit terbaru; hanya bertambah."},
        "next": {"type": ["string", "null"], "description": "Untuk `after`; null pada halaman terakhir."},
    }
    problem = {
        "type": {"type": "string", "description": "Halaman yang menjelaskan kodenya."},
        "code": {"type": "string", "description": "Kode yang tidak berubah, misalnya `hak-akses-tidak-ada`."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Apa yang terjadi dan apa yang dapat dilakukan."},
    }
    values = {
        "type": "object",
        "description": f"{contract.doc} Isian yang tidak boleh dilihat tidak disertakan.",
        "properties": {field.name: covered(contract, field) for field in contract.fields},
        "additionalProperties": False,
    }
    return {
        "Row": _object(row, list(row)),
        "Values": values,
        "Page": _object(page, list(page)),
        "Why": why_schema(contract),
        "Changes": changes_schema(),
        "Warnings": warnings_schema(contract),
        "Problem": _object(problem, ["type", "title", "status", "code", "detail"]),
    }


def _key_text(contract: Contract) -> str:
    if any(is_masked(contract.by_name[name]) for name in contract.key):
        return "Alamat baris, yang tidak menunjukkan kuncinya."
    return "Kunci; bagian-bagiannya dipisahkan `|`."


def _may_filter(field: Field) -> bool:
    return not is_masked(field) and field.kind is not Kind.TIMESTAMP


def _filter(contract: Contract, field: Field) -> dict[str, Any]:
    schema = {word: value for word, value in field_schema(contract, field).items() if word in _OF_FILTERS}
    if isinstance(schema.get("type"), list):
        schema["type"] = schema["type"][0]
    if "enum" in schema:
        schema["enum"] = [each for each in schema["enum"] if each is not None]
    return _query(field.name, f"Hanya baris dengan nilai ini. {field.doc}", schema)


def _purpose(contract: Contract) -> list[dict[str, Any]]:
    """The header without which nothing of a person is opened."""
    if not any(is_masked(contract.by_name[name]) for name in contract.key):
        return []
    text = "Tujuan membuka data, yang tercatat dalam jejak audit. Wajib bila baris diminta menurut kuncinya."
    schema = {"type": "string", "minLength": 20, "maxLength": 500}
    return [{"name": _PURPOSE, "in": "header", "required": False, "description": text, "schema": schema}]


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _answer(text: str, schema: str, example: dict[str, Any], *more: str) -> dict[str, Any]:
    """A good answer; `more`: headers that it may have besides."""
    headers = ("Simpul-Freshness", "Simpul-Round", "ETag", *more)
    return {
        "description": text,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {_JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}},
    }


def _query(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}


_FIELDS: Final = _query(
    "fields", "Isian yang diminta, dipisahkan koma; bawaan: semua yang boleh dilihat.", {"type": "string"}
)

"""The reference API of a document as OpenAPI 3.1: one record by its key, and the list."""

from typing import Any, Final

from identity.masking import mask_of
from registry.artefacts.edition import Edition, human, is_masked, json_bytes
from registry.artefacts.row_schema import DIALECT, field_schema
from schemas.contract import Contract, Field, Sensitivity

VERSION: Final = "3.1.0"
_MAX_PAGE: Final = 1_000
_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_REFUSALS: Final = {
    "400": "Permintaan tidak dapat dibaca.",
    "401": "Token tidak ada, salah, atau sudah berakhir.",
    "403": "Tidak ada Hak Akses atas dokumen ini.",
    "429": "Permintaan terlalu sering; lihat Retry-After.",
    "503": "Basis data tidak menjawab; coba lagi.",
}


def openapi(edition: Edition) -> dict[str, Any]:
    """The whole text."""
    contract = edition.contract
    base = f"/api/v1/reference/{contract.entity}"
    by_key = base + "".join(f"/{{{name}}}" for name in contract.key)
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
        "paths": {base: {"get": _list(contract)}, by_key: {"get": _one(contract)}},
        "components": {
            "schemas": _schemas(contract),
            "headers": _headers(contract),
            "responses": {f"Refused{status}": _refusal(status, text) for status, text in _REFUSALS.items()}
            | {"NotFound": _refusal("404", "Tidak ada baris dengan kunci ini.")},
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
                "limit", "Banyaknya baris.", {"type": "integer", "minimum": 1, "maximum": _MAX_PAGE, "default": 100}
            ),
            _query("since", "Hanya yang berubah sesudah revisi ini.", {"type": "integer", "minimum": 0}),
        ],
        "responses": {"200": _answer("Satu halaman.", "Page")} | _refused(),
    }


def _one(contract: Contract) -> dict[str, Any]:
    return {
        "operationId": f"get_{contract.entity}",
        "tags": [contract.entity],
        "summary": "Satu baris menurut kuncinya.",
        "parameters": [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": contract.by_name[name].doc,
                "schema": {
                    word: value
                    for word, value in field_schema(contract, contract.by_name[name]).items()
                    if word in {"type", "pattern", "enum", "minLength", "maxLength"}
                },
            }
            for name in contract.key
        ],
        "responses": {"200": _answer("Baris itu.", "Row"), "404": {"$ref": "#/components/responses/NotFound"}}
        | _refused(),
    }


def _schemas(contract: Contract) -> dict[str, Any]:
    row: dict[str, Any] = {
        "key": {"type": "string", "description": "Kunci; bagian-bagiannya dipisahkan `|`."},
        "revision": {"type": "integer", "minimum": 1, "description": "Putaran terbit; hanya bertambah."},
        "values": {"$ref": "#/components/schemas/Values"},
        "masked": {
            "type": "array",
            "items": {"enum": [field.name for field in contract.fields]},
            "description": "Isian yang tersamar dalam jawaban ini.",
        },
    }
    page = {
        "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
        "revision": {"type": "integer", "minimum": 0},
        "next": {"type": ["string", "null"], "description": "Untuk `after`; null pada halaman terakhir."},
    }
    problem = {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Apa yang terjadi dan apa yang dapat dilakukan."},
    }
    values = {
        "type": "object",
        "description": f"{contract.doc} Isian yang tidak boleh dilihat tidak disertakan.",
        "properties": {field.name: _covered(contract, field) for field in contract.fields},
        "additionalProperties": False,
    }
    return {
        "Row": _object(row, list(row)),
        "Values": values,
        "Page": _object(page, list(page)),
        "Problem": _object(problem, ["title", "status"]),
    }


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _covered(contract: Contract, field: Field) -> dict[str, Any]:
    """A field as it is answered: as it is, or covered."""
    plain = field_schema(contract, field)
    if not is_masked(field):
        if field.sensitivity is Sensitivity.TERBATAS:
            plain["description"] += ". Terbatas: hanya dengan Hak Akses."
        return plain
    found = mask_of(field)
    if found is None:
        plain["description"] += ". Pribadi: tidak disertakan tanpa Hak Akses dan pandangan tercatat."
        return plain | {"x-simpul-masked": "hidden"}
    covered = {"type": "string", "description": f"Tersamar ({found.name})."}
    note = ". Pribadi: tersamar tanpa Hak Akses dan pandangan tercatat."
    return {"description": field.doc + note, "anyOf": [plain, covered], "x-simpul-masked": found.name}


def _headers(contract: Contract) -> dict[str, Any]:
    headers: dict[str, Any] = {
        "Simpul-Freshness": {
            "description": f"Umur data terhadap janji {contract.freshness}: `mutakhir` atau `tidak mutakhir`.",
            "schema": {"enum": ["mutakhir", "tidak mutakhir"]},
        }
    }
    until = [each["deprecated"].get("until") for each in contract.schema["fields"] if each.get("deprecated")]
    if any(until):
        headers["Sunset"] = {
            "description": "Saat isian yang ditinggalkan berhenti disertakan (RFC 8594).",
            "schema": {"type": "string"},
        }
    return headers | {"Retry-After": {"description": "Detik sampai boleh mencoba lagi.", "schema": {"type": "integer"}}}


def _answer(text: str, schema: str) -> dict[str, Any]:
    return {
        "description": text,
        "headers": {"Simpul-Freshness": {"$ref": "#/components/headers/Simpul-Freshness"}},
        "content": {_JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _refused() -> dict[str, Any]:
    return {status: {"$ref": f"#/components/responses/Refused{status}"} for status in _REFUSALS}


def _refusal(status: str, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": text,
        "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {"429", "503"}:
        answer["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return answer


def _query(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}

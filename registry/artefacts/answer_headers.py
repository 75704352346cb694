"""The headers of the reference API's answers, for OpenAPI 3.1."""

from typing import Any

from schemas.contract import Contract


def headers_of(contract: Contract) -> dict[str, Any]:
    """By name; which of them an answer has depends on the row."""
    headers: dict[str, Any] = {
        "Simpul-Freshness": {
            "description": f"Umur data terhadap janji {contract.freshness}: `mutakhir` atau `tidak mutakhir`.",
            "schema": {"enum": ["mutakhir", "tidak mutakhir"]},
        },
        "Simpul-Round": {
            "description": "Putaran terbit terbaru; yang disimpan sebelumnya sudah terlihat.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "Simpul-Replaced-By": {"description": "Kunci yang menggantikan kunci ini.", "schema": {"type": "string"}},
        "ETag": {"description": "Untuk If-None-Match.", "schema": {"type": "string"}},
    }
    until = [each["deprecated"].get("until") for each in contract.schema["fields"] if each.get("deprecated")]
    if any(until):
        headers["Sunset"] = {
            "description": "Saat isian yang ditinggalkan berhenti disertakan (RFC 8594).",
            "schema": {"type": "string"},
        }
    return headers | {"Retry-After": {"description": "Detik sampai boleh mencoba lagi.", "schema": {"type": "integer"}}}

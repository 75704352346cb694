"""How the reference API refuses, for OpenAPI 3.1: by status, each with an example of one of its codes."""

from typing import Any, Final

_PROBLEM: Final = "application/problem+json"
# Status: what it says here; of one of its codes the name and the title (dashboard/rest/problems.py has all of them).
EXAMPLES: Final = {
    "400": ("Permintaan tidak dapat dibaca.", "nilai-tidak-sah", "Nilai parameter tidak sah"),
    "401": ("Token tidak ada, salah, atau sudah berakhir.", "token-tidak-berlaku", "Token layanan tidak berlaku"),
    "403": ("Tidak ada Hak Akses atas dokumen ini.", "hak-akses-tidak-ada", "Tidak ada Hak Akses"),
    "404": ("Tidak ada baris dengan kunci ini.", "baris-tidak-ada", "Baris tidak ada"),
    "410": ("Waktu itu di luar masa simpan riwayat.", "di-luar-masa-simpan", "Di luar masa simpan"),
    "429": ("Permintaan terlalu sering; lihat Retry-After.", "terlalu-sering", "Permintaan terlalu sering"),
    "503": ("Basis data tidak menjawab; coba lagi.", "basis-data-tidak-menjawab", "Basis data tidak menjawab"),
}
_NAMES: Final = {"404": "NotFound", "410": "Gone"}
_ALWAYS: Final = ("400", "401", "403", "429", "503")


def refused(*more: str) -> dict[str, Any]:
    """The refusals that any address may answer with, and those of these statuses."""
    return {status: {"$ref": f"#/components/responses/{_name(status)}"} for status in (*more, *_ALWAYS)}


def refusals() -> dict[str, Any]:
    """All of them, by the names that `refused` gives them."""
    return {_name(status): _refusal(status) for status in EXAMPLES}


def _name(status: str) -> str:
    return _NAMES.get(status, f"Refused{status}")


def _refusal(status: str) -> dict[str, Any]:
    text, code, title = EXAMPLES[status]
    problem = {"type": f"/kesalahan/{code}", "title": title, "status": int(status), "code": code, "detail": text}
    answer: dict[str, Any] = {
        "description": text,
        "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": problem}},
    }
    if status in {"429", "503"}:
        answer["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return answer

"""The verdicts on a contract file before it becomes a draft: naming, texts, owner, sensitivity, refused content.

The loader refuses what cannot work; the lint, besides, what ought not to be. Pure: text in, verdicts out.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from base.instance import Instance, InstanceError, fill
from registry.artefacts import lint_fields
from registry.artefacts.example_rows import ExampleRows
from registry.artefacts.json_lines import Path, lines_of, nearest
from registry.artefacts.lint_fields import Finding
from registry.artefacts.lint_words import PERSON_MARKS, PRIVATE_MAIL
from schemas.contract import Contract, Severity
from schemas.errors import ContractError
from schemas.loader import read

_MAX_BYTES: Final = 5_000_000  # of a schema, as in the registry
_PART: Final = re.compile(r"([A-Za-z_$]\w*)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that is said of a contract file. An error refuses it."""

    line: int  # from 1
    severity: Severity
    code: str
    message: str  # Indonesian

    def words(self, file: str) -> str:
        """ "file:line: tolak: …"."""
        verdict = "tolak" if self.severity is Severity.ERROR else "peringatan"
        return f"{file}:{self.line}: {verdict}: {self.message} ({self.code})"


def lint(text: str, instance: Instance, *, file: str) -> list[Verdict]:
    """All verdicts, by line. `file` is `<opd>/<document>.avsc`, as the loader names it."""
    if len(text.encode()) > _MAX_BYTES:
        return [Verdict(1, Severity.ERROR, "ukuran", "Berkas lebih besar daripada 5 MB.")]
    try:
        filled = fill(text, instance)
        schema = json.loads(filled)
        lines = lines_of(filled)
    except json.JSONDecodeError as error:
        return [Verdict(error.lineno, Severity.ERROR, "json", f"Bukan JSON yang sah: {error.msg}.")]
    except InstanceError as error:
        place = text.find("${")
        return [Verdict(text.count("\n", 0, place) + 1, Severity.ERROR, "isian-daerah", str(error))]
    except RecursionError:
        return [Verdict(1, Severity.ERROR, "json", "JSON bersarang terlalu dalam.")]
    found = [*_of_loader(schema, file), *_of_record(schema)]
    verdicts = {Verdict(nearest(lines, each.path), each.severity, each.code, each.message) for each in found}
    return sorted(verdicts, key=lambda verdict: (verdict.line, verdict.severity, verdict.code, verdict.message))


def is_refused(verdicts: list[Verdict]) -> bool:
    """Whether any verdict is an error."""
    return any(verdict.severity is Severity.ERROR for verdict in verdicts)


def _of_loader(schema: Any, file: str) -> Iterator[Finding]:
    """What the loader refuses, and examples that are no values of their fields."""
    try:
        contract = read(schema, file=file)
    except ContractError as error:
        path = tuple(int(place) if place else name for name, place in _PART.findall(_bare(error.path)))
        yield Finding(() if error.path == "$" else path, Severity.ERROR, "kontrak", error.reason)
        return
    yield from _of_examples(contract)


def _bare(path: str) -> str:
    """ "fields[3] (nik).format" → "fields[3].format"."""
    return re.sub(r" \([^)]*\)", "", path)


def _of_examples(contract: Contract) -> Iterator[Finding]:
    try:
        for _ in ExampleRows(contract).rule_breakers():
            pass
    except ContractError as error:
        names = [str(field.name) for field in contract.fields]
        rules = [rule.name for rule in contract.rules]
        if error.path in names:
            path: Path = ("fields", names.index(error.path), "example")
            yield Finding(path, Severity.ERROR, "contoh", f"Contoh {error.path} bukan nilai yang sah ({error.reason}).")
        elif error.path in rules:
            path = ("contract", "rules", rules.index(error.path))
            text = f"Tidak ada contoh yang melanggar aturan {error.path} saja; mohon periksa ungkapannya."
            yield Finding(path, Severity.WARN, "contoh-aturan", text)
        else:
            text = "Contoh-contoh isian bersama-sama melanggar suatu aturan."
            yield Finding(("fields",), Severity.ERROR, "contoh", text)


def _of_record(schema: Any) -> Iterator[Finding]:
    if not isinstance(schema, dict):
        return
    contract, fields = schema.get("contract"), schema.get("fields")
    if isinstance(contract, dict):
        yield from _of_contract(contract)
    if isinstance(fields, list):
        known = [(place, field) for place, field in enumerate(fields) if isinstance(field, dict)]
        about_persons = lint_fields.is_about_persons([field for _, field in known])
        for place, field in known:
            yield from lint_fields.findings(field, ("fields", place), about_persons=about_persons)
        yield from _of_openness(contract, [field for _, field in known])
    doc = schema.get("doc")
    if isinstance(doc, str) and not doc.rstrip().endswith("."):
        yield Finding(("doc",), Severity.WARN, "doc-kalimat", "Keterangan dokumen bukan kalimat yang diakhiri titik.")


def _of_contract(contract: Mapping[str, Any]) -> Iterator[Finding]:
    owner, deputy, contact = (str(contract.get(word) or "") for word in ("owner", "deputy", "contact"))
    if not owner:
        yield Finding(("contract",), Severity.ERROR, "pemilik", "Pemilik (owner) belum disebut.")
    if not deputy:
        yield Finding(("contract",), Severity.WARN, "pengganti", "Pengganti pemilik (deputy) belum disebut.")
    for word, name in (("owner", owner), ("deputy", deputy)):
        if PERSON_MARKS.search(name):
            yield Finding(
                ("contract", word), Severity.ERROR, "pejabat", f"{word} menyebut orang; sebutkan jabatan atau unit."
            )
    if deputy and deputy == owner:
        yield Finding(("contract", "deputy"), Severity.ERROR, "pengganti", "Pengganti sama dengan pemilik.")
    if PRIVATE_MAIL.search(contact):
        yield Finding(("contract", "contact"), Severity.ERROR, "narahubung", "Narahubung memakai surel pribadi.")
    if contract.get("sensitivity") == "pribadi" and not contract.get("legalBasis"):
        text = "Dokumen berisi data pribadi tetapi dasar hukumnya (legalBasis) belum disebut."
        yield Finding(("contract",), Severity.ERROR, "dasar-hukum", text)
    for place, rule in enumerate(contract.get("rules") or ()):
        message = rule.get("message") if isinstance(rule, dict) else None
        if isinstance(message, str) and not (message[:1].isupper() and message.endswith(".")):
            path: Path = ("contract", "rules", place, "message")
            yield Finding(
                path, Severity.WARN, "pesan", "Pesan aturan bukan kalimat (huruf besar di awal, titik di akhir)."
            )


def _of_openness(contract: Any, fields: list[Mapping[str, Any]]) -> Iterator[Finding]:
    """A document is as sensitive as the most sensitive of its fields."""
    order = ["umum", "terbatas", "pribadi"]
    said = contract.get("sensitivity") if isinstance(contract, dict) else None
    highest = max((order.index(f["sensitivity"]) for f in fields if f.get("sensitivity") in order), default=0)
    if said in order and order.index(said) < highest:
        text = f"Dokumen disebut {said}, padahal ada isian {order[highest]}."
        yield Finding(("contract", "sensitivity"), Severity.ERROR, "sensitivitas", text)

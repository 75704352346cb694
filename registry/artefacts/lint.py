"""The verdicts on a contract file before it becomes a draft: naming, texts, owner, sensitivity, refused content.

The loader refuses what cannot work; the lint, besides, what ought not to be. Pure: text in, verdicts out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from base.instance import Instance, InstanceError, fill
from registry.artefacts import lint_fields
from registry.artefacts.bends import example_value
from registry.artefacts.example_rows import ExampleRows
from registry.artefacts.json_lines import Path, lines_of, nearest
from registry.artefacts.lint_fields import Finding
from registry.artefacts.lint_loader import against_others, read_all
from registry.artefacts.lint_words import PERSON_MARKS, PRIVATE_MAIL
from registry.avro_shape import check
from registry.errors import InvalidSchema
from registry.schema_text import read_json
from schemas.contract import Contract, Field, Severity
from schemas.errors import ContractError

# Values tried for examples that break one rule: about ten times what the longest contract of ours needs.
_PATIENCE: Final = 3_000_000
_A_NAME: Final = re.compile(r"^nama(?:$|_)")


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


def lint(
    text: str,
    instance: Instance,
    *,
    file: str,
    others: Sequence[Contract] | None = None,
    held: Sequence[Contract] = (),
) -> list[Verdict]:
    """All verdicts, by line. `file` is `<opd>/<document>.avsc`, as the loader names it; `others` are the contracts that
    references, feeds and priorities are held against (None: they are not looked at); what speaks against those while
    `held` are in force is not held against this text."""
    try:
        filled = fill(text, instance)
    except InstanceError:
        line, placeholder = _unknown_placeholder(text, instance)
        words = f"Isian daerah {placeholder} tidak dikenal (docs/reference/instance.md)."
        return [Verdict(line, Severity.ERROR, "isian-daerah", words)]
    try:
        schema = read_json(filled)
        lines = lines_of(filled)
    except (InvalidSchema, RecursionError) as error:
        return [_unreadable(filled, error)]
    contract, found = read_all(schema, file)
    if contract is not None:
        found += [*(against_others(contract, others, held) if others is not None else ()), *_of_examples(contract)]
    found += [*_of_record(schema), *_of_place(contract, file)]
    if not any(each.severity is Severity.ERROR for each in found):
        found += _of_shape(schema)
    verdicts = {Verdict(nearest(lines, each.path), each.severity, each.code, each.message) for each in found}
    return sorted(verdicts, key=lambda verdict: (verdict.line, verdict.severity, verdict.code, verdict.message))


def _unreadable(text: str, error: Exception) -> Verdict:
    """What the registry itself would refuse. `text` is as it stands in the file."""
    reason = str(error).rstrip(".") if isinstance(error, InvalidSchema) else "nested too deep"
    place = re.search(r" at line (\d+)", reason)
    leading = text[: len(text) - len(text.lstrip())].count("\n")
    line = int(place[1]) + leading if place else _line_of_word(text, reason)
    return Verdict(line, Severity.ERROR, "skema", f"Skema tidak dapat dibaca: {reason}.")


def _line_of_word(text: str, reason: str) -> int:
    """The line of what a reason quotes, else the first."""
    quoted = re.search(r"'([^']+)'", reason)
    place = text.find(f'"{quoted[1]}"') if quoted else -1
    return text.count("\n", 0, max(place, 0)) + 1


def _unknown_placeholder(text: str, instance: Instance) -> tuple[int, str]:
    """The line of the first placeholder that the instance has no value for, and the placeholder."""
    for match in re.finditer(r"\$\{[^{}]*\}", text):
        try:
            fill(match[0], instance)
        except InstanceError:
            return text.count("\n", 0, match.start()) + 1, match[0][:80]
    return 1, ""


def _of_shape(schema: Any) -> Iterator[Finding]:
    """What is no Avro, or outside the registry's limits."""
    try:
        check(schema)
    except InvalidSchema as error:
        yield Finding((), Severity.ERROR, "skema", f"Skema tidak dapat dipakai: {str(error).rstrip('.')}.")


def _of_place(contract: Contract | None, file: str) -> Iterator[Finding]:
    """A document's file stands where its name says."""
    wanted = f"{contract.opd}/{contract.document}.avsc" if contract else file
    if file != wanted:
        text = f"Berkas ini seharusnya bernama {wanted}."
        yield Finding(("contract", "document"), Severity.WARN, "nama-berkas", text)


def unreadable_file(reason: str) -> Verdict:
    """Of a file that is no text or cannot be opened."""
    return Verdict(1, Severity.ERROR, "berkas", f"Berkas tidak dapat dibaca: {reason}.")


def is_refused(verdicts: list[Verdict]) -> bool:
    """Whether any verdict is an error."""
    return any(verdict.severity is Severity.ERROR for verdict in verdicts)


def _of_examples(contract: Contract) -> Iterator[Finding]:
    try:
        for _ in ExampleRows(contract, patience=_PATIENCE).rule_breakers():
            pass
    except (ValueError, ArithmeticError) as error:  # an example that is no number, no date
        place = next((p for p, f in enumerate(contract.fields) if not _has_value(f)), 0)
        text = f"Contoh {contract.fields[place].name} bukan nilai jenisnya ({type(error).__name__})."
        yield Finding(("fields", place, "example"), Severity.ERROR, "contoh", text)
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


def _has_value(field: Field) -> bool:
    try:
        example_value(field)
    except (ValueError, ArithmeticError):
        return False
    return True


def _of_record(schema: Any) -> Iterator[Finding]:
    if not isinstance(schema, dict):
        return
    contract, fields = schema.get("contract"), schema.get("fields")
    if isinstance(contract, dict):
        yield from _of_contract(contract)
    if isinstance(fields, list):
        known = [(place, field) for place, field in enumerate(fields) if isinstance(field, dict)]
        subject = lint_fields.Subject.of(field for _, field in known)
        for place, field in known:
            yield from lint_fields.findings(field, ("fields", place), subject)
        yield from _of_openness(contract, [field for _, field in known])
        yield from _of_key(contract, [field for _, field in known])
    doc = schema.get("doc")
    if isinstance(doc, str) and not doc.rstrip().endswith("."):
        yield Finding(("doc",), Severity.WARN, "doc-kalimat", "Keterangan dokumen bukan kalimat yang diakhiri titik.")


def _of_contract(contract: Mapping[str, Any]) -> Iterator[Finding]:
    owner, deputy, contact = (str(contract.get(word) or "") for word in ("owner", "deputy", "contact"))
    if not owner.strip():
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
    rules = contract.get("rules")
    for place, rule in enumerate(rules if isinstance(rules, list) else ()):
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
        # A document of offices may be open and have a field that is not; one with personal fields is personal.
        severity = Severity.ERROR if order[highest] == "pribadi" else Severity.WARN
        yield Finding(("contract", "sensitivity"), severity, "sensitivitas", text)


def _of_key(contract: Any, fields: list[Mapping[str, Any]]) -> Iterator[Finding]:
    """A key is a number or a code that somebody gives out, not a name and not a free text."""
    key = contract.get("key") if isinstance(contract, dict) else None
    named = {lint_fields.name_of(field): field for field in fields}
    for place, name in enumerate(key if isinstance(key, list) else ()):
        field = named.get(name, {}) if isinstance(name, str) else {}
        if field.get("format") == "nama-orang" or (isinstance(name, str) and _A_NAME.search(name)):
            text = f"Kunci {name[:48]} adalah nama; pakai nomor atau kode yang tidak berubah."
            yield Finding(("contract", "key", place), Severity.ERROR, "kunci", text)
        elif field and not any(word in field for word in ("format", "pattern", "enum", "codes", "maxLength")):
            text = f"Kunci {name[:48]} tidak berbentuk; sebutkan format, pattern, enum, codes, atau maxLength."
            yield Finding(("contract", "key", place), Severity.WARN, "kunci", text)

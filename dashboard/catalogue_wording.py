"""What a contract says, in the words of the catalogue (Perpres 39/2019). Pure."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import date

from base.freshness import promise
from dashboard.catalogue import Entry
from dashboard.wording import Badge
from identity.grants import Grant
from registry.artefacts.edition import deprecation
from schemas.code_lists import CodeList
from schemas.contract import Contract, Field, Rule, Severity
from schemas.field_lists import lists_of
from schemas.names import EntityName
from schemas.requirements import KINDS, requirement

MET, OPEN = "ok", "wait"
_UNITS = {"Y": "tahun", "M": "bulan", "W": "minggu", "D": "hari"}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A line of the table of fields."""

    field: Field
    kind: str  # "teks"
    form: str  # what a value must be; "" where the kind says all
    is_key: bool
    lists: tuple[CodeList, ...]  # that tell what its values mean
    leaving: "Leaving | None"


@dataclass(frozen=True, slots=True)
class Leaving:
    """That a field goes: since when nobody should use it, until when it is there, what stands in its place."""

    since: date
    until: date | None
    use: str | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule or a check with what a breach of it does."""

    rule: Rule
    effect: Badge


@dataclass(frozen=True, slots=True)
class Principle:
    """One of the four principles of Satu Data, and how the document stands to it."""

    badge: Badge
    text: str


def field_rows(contract: Contract) -> list[FieldRow]:
    return [
        FieldRow(
            field=field,
            kind=KINDS[field.kind],
            form=requirement(replace(field, reference=None, codes=None)),
            is_key=field.name in contract.key,
            lists=lists_of(field),
            leaving=_leaving(contract, field),
        )
        for field in contract.fields
    ]


def _leaving(contract: Contract, field: Field) -> Leaving | None:
    told = deprecation(contract, field)
    if told is None:
        return None
    until = told.get("until")
    return Leaving(date.fromisoformat(told["since"]), date.fromisoformat(until) if until else None, told.get("use"))


def rule_rows(contract: Contract) -> list[RuleRow]:
    returned = Badge("bad", "bad", "Dikembalikan")
    warned = Badge("wait", "late", "Diterima dengan peringatan")
    judged = Badge("wait", "info", "Diterima, lalu Tidak Padan")
    rows = [RuleRow(rule, returned if rule.severity is Severity.ERROR else warned) for rule in contract.rules]
    return rows + [RuleRow(check, judged) for check in contract.checks]


def principles(entry: Entry, entities: Container[EntityName]) -> Iterator[Principle]:
    """In the order of Pasal 3. `entities`: those of which the catalogue has a document."""
    contract = entry.contract
    yield _principle("Standar Data", f"{len(contract.fields)} isian dengan konsep, definisi, dan bentuknya", [])
    missing = [word for word, told in (("wakil", contract.deputy), ("dasar hukum", contract.legal_basis)) if not told]
    yield _principle("Metadata", "penanggung jawab, dasar hukum, dan janji pembaruan tertulis", missing)
    yield _principle("Interoperabilitas", f"skema Avro {contract.subject}, OpenAPI, AsyncAPI, dan ODCS", [])
    named = {field.reference.entity for field in contract.fields if field.reference}
    codes = {each.name for field in contract.fields for each in lists_of(field)}
    absent = sorted(f"Data Induk {entity}" for entity in named if entity not in entities)
    text = f"{len(codes)} daftar kode, {len(named)} Data Induk dirujuk" if codes or named else "tidak ada yang dirujuk"
    yield _principle("Kode Referensi dan Data Induk", text, absent)


def _principle(title: str, text: str, missing: list[str]) -> Principle:
    if missing:
        return Principle(Badge(OPEN, "clock", title), f"belum ada: {', '.join(missing)}")
    return Principle(Badge(MET, "ok", title), text)


def span(iso: str) -> str:
    """A length of time in words: "P90D" → "90 hari"; hours and minutes as the promise has them."""
    unit = _UNITS.get(iso[-1]) if "T" not in iso else None
    return f"{iso[1:-1]} {unit}" if unit else promise(iso)


def readable(contract: Contract, grant: Grant) -> list[str]:
    """The fields of the document that a grant names, in the document's order."""
    return [name for name in contract.by_name if name in grant.fields]

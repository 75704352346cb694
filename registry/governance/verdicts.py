"""What is to be said of a draft before somebody approves it: whose it is, compatibility, lint.

Everything that speaks against it keeps it from being approved. The caller owns the transaction.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from hub_db import layouts
from registry import registration, scopes, versions
from registry.artefacts.lint import Verdict, lint
from registry.artefacts.lint_loader import against_others
from registry.avro_resolution import Mismatch
from registry.compatibility import Conflict, Level, compared, conflicts
from registry.governance import drafts
from registry.governance.drafts import Draft
from registry.governance.governed import has_contract
from registry.schema_text import ParsedSchema
from schemas.contract import Contract, Severity
from schemas.errors import ContractError
from schemas.loader import read

_FIELD: Final = re.compile(r"/fields/(\d+)(?:/(.+))?")
_RULE: Final = re.compile(r"/contract/rules/(\d+)")
_LEVELS: Final = {
    Level.NONE: "tidak dibandingkan",
    Level.BACKWARD: "versi baru membaca kejadian versi terakhir",
    Level.BACKWARD_TRANSITIVE: "versi baru membaca kejadian semua versi",
    Level.FORWARD: "versi terakhir membaca kejadian versi baru",
    Level.FORWARD_TRANSITIVE: "semua versi membaca kejadian versi baru",
    Level.FULL: "versi baru dan versi terakhir saling membaca",
    Level.FULL_TRANSITIVE: "versi baru dan semua versi saling membaca",
}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What speaks for and against a draft, in Indonesian."""

    level: Level
    level_words: str
    compared_with: list[int]  # versions; none for a first one
    conflicts: list[str]
    owner: list[str]  # what is wrong with whose document it says it is
    lint: list[Verdict]  # in the order of its lines

    @property
    def refused(self) -> list[str]:
        """Everything that keeps the draft from being approved."""
        errors = [each.message for each in self.lint if each.severity is Severity.ERROR]
        return [*self.owner, *self.conflicts, *errors]


def verdicts(conn: Connection[TupleRow], draft: Draft, instance: Instance) -> Verdicts:
    """The verdicts as of now; another version may have been approved since the draft was made."""
    schema = drafts.schema_of(conn, draft)
    level = scopes.effective(conn, draft.subject).level
    others = layouts.contracts(conn)
    return Verdicts(
        level=level,
        level_words=_LEVELS[level],
        compared_with=compared(level, versions.numbers(conn, draft.subject)),
        conflicts=conflict_sentences(conn, draft, schema),
        owner=_ownership(draft, schema),
        lint=lint(draft.schema_text, instance, file=_file(draft), others=others, held=others)
        if draft.subject.startswith("opd.")
        else [],
    )


def misfits(conn: Connection[TupleRow], contract: Contract) -> list[str]:
    """What speaks against a contract in those of the other documents, as they hold now."""
    others = layouts.contracts(conn)
    found = against_others(contract, others, others)
    return [each.message for each in found if each.severity is Severity.ERROR]


def conflict_sentences(conn: Connection[TupleRow], draft: Draft, schema: ParsedSchema) -> list[str]:
    """Why the draft does not go with the versions that its subject's level compares it with."""
    level = scopes.effective(conn, draft.subject).level
    wanted = compared(level, versions.numbers(conn, draft.subject))
    found = conflicts(level, schema.definitions, registration.old_versions(conn, draft.subject, wanted))
    return [_worded(each, schema.schema) for each in found]


def _ownership(draft: Draft, schema: ParsedSchema) -> list[str]:
    if not has_contract(schema.schema):
        is_document = draft.subject.startswith("opd.")
        return [f"Subjek {draft.subject} milik suatu dokumen, tetapi skema ini tanpa kontrak."] if is_document else []
    try:
        contract = read(schema.schema, file=draft.document)
    except ContractError as error:
        return [] if draft.subject.startswith("opd.") else [f"Kontraknya tidak terbaca: {error}."]  # the lint says so
    if contract.subject == draft.subject:
        return []
    return [f"Kontrak ini milik subjek {contract.subject}, tetapi dikirim ke {draft.subject}."]


def _file(draft: Draft) -> str:
    opd, _, name = draft.document.partition(".")
    return f"{opd}/{name}.avsc"


def _worded(conflict: Conflict, new: Any) -> str:
    found, version = conflict.mismatch, conflict.version
    what = _place(found, new)
    if found.kind == "CONTRACT" and found.path.endswith("/isReplacedBy"):
        return f"{what}: hanya satu dari versi {version} dan versi baru yang menunjuk penggantinya di sini."
    if found.kind == "CONTRACT":
        if conflict.reader == "new":
            return f"{what}: menolak sebagian dari yang diterima versi {version}."
        return f"{what}: menerima lebih banyak daripada versi {version}, yang akan menolaknya."
    if found.kind == "READER_FIELD_MISSING_DEFAULT_VALUE":
        without = f"kejadian versi {version}" if conflict.reader == "new" else "kejadian versi baru"
        return f"Isian {found.found} wajib, tetapi {without} tidak memilikinya."
    if found.kind == "NAME_MISMATCH":
        return f"Nama skema berubah sejak versi {version}."
    return f"{what}: jenisnya tidak cocok dengan versi {version}."


def _place(found: Mismatch, new: Any) -> str:
    """The part of the contract in question, as people call it."""
    rule, field = _RULE.match(found.path), _FIELD.match(found.path)
    if rule:
        return f"Aturan {found.found}"
    if field and isinstance(new, dict):
        fields = new.get("fields") or []
        number = int(field[1])
        name = (
            fields[number].get("name") if number < len(fields) and isinstance(fields[number], dict) else f"ke-{number}"
        )
        return f"Isian {name}" + ("" if field[2] in (None, "type") else f" ({field[2]})")
    return found.path.strip("/").replace("/", " ") or "Skema"

"""Drafts of governed schemas: a text, where it stands, and what was said about it. The caller owns the transaction.

A draft's text never changes. The same text under the same subject is the same draft as long as nobody has decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NewType

from psycopg import Connection
from psycopg.rows import TupleRow, kwargs_row
from psycopg.types.json import Jsonb

from hub_db.facts import Fact, report
from hub_db.statements import load
from identity.actors import Actor, note
from identity.acts import Act
from identity.audit import ActorKind
from identity.principals import Scope
from registry.errors import TooManyDrafts
from registry.governance.governed import document_of, opd_of
from registry.references import resolve
from registry.schema_text import ParsedSchema, Reference, parse
from schemas.names import SchemaId, SubjectName

SQL = load("registry", "sql/drafts.sql")
SOURCE: Final = "/simpul/registry"
MOST_UNDECIDED: Final = 20  # of one subject: a program that sends a new text each time stops there
MOST_LISTED: Final = 500

DraftId = NewType("DraftId", int)


class State(StrEnum):
    """Where a draft stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What happens to a draft."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    ENFORCED = "enforced"  # it is a version now


@dataclass(frozen=True, slots=True)
class Draft:
    """A schema that somebody wants to be the next version of a governed subject."""

    id: DraftId
    subject: SubjectName
    opd: str | None  # whose document it is; None = the hub's own
    schema_text: str
    schema_references: list[dict[str, Any]]
    metadata: Mapping[str, Any] | None
    rule_set: Mapping[str, Any] | None
    base_version: int | None  # the newest version when it was made
    state: State
    author: str
    author_kind: ActorKind
    created_at: datetime
    submitted_by: str | None
    approved_by: str | None
    changed_at: datetime
    version: int | None  # what it became
    schema_id: SchemaId | None
    in_force_at: datetime | None
    trouble: str | None  # why an approved one does not hold yet

    @property
    def document(self) -> str:
        """ "disdukcapil.penduduk"."""
        return document_of(self.subject)

    @property
    def is_living(self) -> bool:
        """Whether something may still become of it."""
        return self.state in (State.OPEN, State.SUBMITTED) or (self.state is State.APPROVED and self.version is None)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a draft."""

    step: Step
    by: str
    by_kind: ActorKind
    role: str | None
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """Something that was said about a draft."""

    author: str
    said: str
    at: datetime


def find_or_make(
    conn: Connection[TupleRow], subject: SubjectName, schema: ParsedSchema, *, by: Actor, now: datetime
) -> Draft:
    """The living draft of this schema, made now if there is none. Raises TooManyDrafts."""
    found = _one(conn, "living_draft", subject=subject, fingerprint=schema.fingerprint)
    if found is not None:
        return found
    row = conn.execute(SQL["undecided"], {"subject": subject}).fetchone()
    if row is not None and row[0] >= MOST_UNDECIDED:
        raise TooManyDrafts(subject, row[0])
    opd = opd_of(subject, schema.schema)
    made = _one(
        conn,
        "add_draft",
        subject=subject,
        opd=opd,
        fingerprint=schema.fingerprint,
        schema_text=schema.text,
        references=Jsonb([_reference(each) for each in schema.references]),
        metadata=None if schema.metadata is None else Jsonb(schema.metadata),
        rule_set=None if schema.rule_set is None else Jsonb(schema.rule_set),
        author=by.name,
        author_kind=by.kind,
        now=now,
    )
    if made is None:  # another transaction made it first, and has committed by now
        return find_or_make(conn, subject, schema, by=by, now=now)
    add_step(conn, made, Step.DRAFTED, by=by, now=now)
    note(conn, by, Act.CONTRACT_DRAFT, f"draft:{made.id}", now=now, opd=opd, document=made.document)
    tell(conn, made, "contract.drafted", by=by, now=now)
    return made


def find(conn: Connection[TupleRow], scope: Scope, number: int) -> Draft | None:
    """A draft of an agency that may be seen."""
    return _one(conn, "draft", id=number, everywhere=scope.everywhere, opds=sorted(scope.opds))


def claim(conn: Connection[TupleRow], number: int) -> Draft | None:
    """A draft, for whoever changes it in this transaction."""
    return _one(conn, "claim", id=number)


def every(
    conn: Connection[TupleRow], scope: Scope, *, state: State | None = None, subject: SubjectName | None = None
) -> list[Draft]:
    """The drafts of the agencies that may be seen: those that wait first, then the newest; at most MOST_LISTED."""
    marks = {
        "everywhere": scope.everywhere,
        "opds": sorted(scope.opds),
        "state": state,
        "subject": subject,
        "limit": MOST_LISTED,
    }
    with conn.cursor(row_factory=kwargs_row(_draft)) as cursor:
        return cursor.execute(SQL["drafts"], marks).fetchall()


def schema_of(conn: Connection[TupleRow], draft: Draft) -> ParsedSchema:
    """The draft's schema as it was parsed when it was sent."""
    references = [Reference(each["name"], each["subject"], each["version"]) for each in draft.schema_references]
    referenced = resolve(conn, draft.subject, references)
    parsed = parse(draft.schema_text, references=references, referenced=referenced)
    return ParsedSchema(
        parsed.text, parsed.schema, parsed.references, parsed.referenced, draft.metadata, draft.rule_set
    )


def add_step(
    conn: Connection[TupleRow], draft: Draft, step: Step, *, by: Actor, now: datetime, reason: str | None = None
) -> None:
    """Write down what happened to a draft."""
    marks = {"draft": draft.id, "step": step, "by": by.name, "by_kind": by.kind, "role": by.role}
    conn.execute(SQL["add_step"], marks | {"reason": reason, "now": now})


def happenings(conn: Connection[TupleRow], draft: Draft) -> list[Happening]:
    """What happened to a draft, in order."""
    rows = conn.execute(SQL["steps"], {"draft": draft.id}).fetchall()
    return [Happening(Step(step), by, kind, role, reason, at) for step, by, kind, role, reason, at in rows]


def comments(conn: Connection[TupleRow], draft: Draft) -> list[Comment]:
    """What was said about a draft, in order."""
    return [Comment(*row) for row in conn.execute(SQL["comments"], {"draft": draft.id})]


def tell(
    conn: Connection[TupleRow], draft: Draft, kind: str, *, by: Actor, now: datetime, **more: str | int | None
) -> None:
    """Report on `sop.fact` what happened to a draft."""
    fact = Fact(
        kind,
        draft.document,
        {"draft": draft.id, "subject": draft.subject, **more},
        source=SOURCE,
        occurred_at=now,
        actor=by.name,
        role=by.role,
        unit=by.opd,
    )
    report(conn, fact)


def _reference(each: Reference) -> dict[str, Any]:
    return {"name": each.name, "subject": each.subject, "version": each.version}


def _one(conn: Connection[TupleRow], statement: str, **marks: object) -> Draft | None:
    with conn.cursor(row_factory=kwargs_row(_draft)) as cursor:
        return cursor.execute(SQL[statement], marks).fetchone()


def _draft(*, state: str, **columns: Any) -> Draft:
    return Draft(state=State(state), **columns)

"""Schemas and the versions of subjects, as they are stored. Reading only; the caller owns the transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from hub_db import statements
from registry.schema_text import ParsedSchema, Reference
from schemas.names import SchemaId, SubjectName

SQL = statements.load("registry", "sql/versions.sql")
NEWEST = -1


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema by its id."""

    id: SchemaId
    guid: UUID
    schema_text: str
    metadata: Mapping[str, Any] | None
    rule_set: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a subject."""

    subject: SubjectName
    version: int
    schema_id: SchemaId
    guid: UUID
    schema_text: str
    metadata: Mapping[str, Any] | None
    rule_set: Mapping[str, Any] | None
    registered_at: datetime
    deleted: bool
    newest: bool | None = None  # only where a list says so


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a list's entries: those that are deleted too, those only, a page of them (limit None: all)."""

    deleted: bool = False
    deleted_only: bool = False
    offset: int = 0
    limit: int | None = None


LIVE = Wanted()


def lock(conn: Connection[TupleRow], subject: SubjectName) -> None:
    """Hold the right to change a subject's versions until the transaction ends."""
    digest = hashlib.sha256(b"registry.version " + subject.encode()).digest()
    conn.execute(SQL["lock_subject"], {"key": int.from_bytes(digest[:8], "big", signed=True)})


def registered(
    conn: Connection[TupleRow], subject: SubjectName, schema: ParsedSchema, *, deleted: bool = False
) -> Version | None:
    """The newest version of `subject` with exactly this schema; a live one before a deleted one."""
    marks = {"subject": subject, "fingerprint": schema.fingerprint, "deleted": deleted}
    return _version(conn, "registered_version", marks)


def at(conn: Connection[TupleRow], subject: SubjectName, version: int, *, deleted: bool = False) -> Version | None:
    """One version of `subject`; NEWEST is the newest."""
    if version == NEWEST:
        return _version(conn, "latest_version_of_subject", {"subject": subject, "deleted": deleted})
    return _version(conn, "version_of_subject", {"subject": subject, "version": version, "deleted": deleted})


def live(conn: Connection[TupleRow], subject: SubjectName, wanted: Sequence[int]) -> list[Version]:
    """The live versions among `wanted`, ascending."""
    with conn.cursor(row_factory=class_row(Version)) as cursor:
        return cursor.execute(SQL["live_versions"], {"subject": subject, "numbers": list(wanted)}).fetchall()


def numbers(conn: Connection[TupleRow], subject: SubjectName, wanted: Wanted = LIVE) -> list[int]:
    """The version numbers of `subject`, ascending; empty when there is no such subject."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL["versions_of_subject"], {"subject": subject, **_page(wanted)}).fetchall()


def subjects(conn: Connection[TupleRow], prefix: str = "", wanted: Wanted = LIVE) -> list[SubjectName]:
    """The subjects whose names begin with `prefix`, in the order of their bytes."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL["subjects"], {"prefix": prefix, **_page(wanted)}).fetchall()


def contexts(conn: Connection[TupleRow]) -> list[str]:
    """The contexts that have a subject, the default one first."""
    return [".", *(row[0] for row in conn.execute(SQL["contexts"]))]


def listed(
    conn: Connection[TupleRow], prefix: str, wanted: Wanted = LIVE, *, latest_only: bool = False
) -> list[Version]:
    """The versions of all subjects whose names begin with `prefix`."""
    with conn.cursor(row_factory=class_row(Version)) as cursor:
        marks = {"prefix": prefix, "latest_only": latest_only, **_page(wanted)}
        return cursor.execute(SQL["all_versions"], marks).fetchall()


def schema(conn: Connection[TupleRow], schema_id: SchemaId) -> Schema | None:
    """A schema that some version uses, deleted or not."""
    with conn.cursor(row_factory=class_row(Schema)) as cursor:
        return cursor.execute(SQL["schema"], {"schema_id": schema_id}).fetchone()


def schema_of_guid(conn: Connection[TupleRow], guid: UUID) -> Schema | None:
    """The same by its guid."""
    with conn.cursor(row_factory=class_row(Schema)) as cursor:
        return cursor.execute(SQL["schema_of_guid"], {"guid": guid}).fetchone()


def highest_id(conn: Connection[TupleRow]) -> int:
    """The highest id ever given."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL["highest_id"]).fetchone() or 0


def references_of(conn: Connection[TupleRow], ids: Sequence[SchemaId]) -> dict[SchemaId, list[Reference]]:
    """What each schema refers to; an id without references is missing."""
    found: dict[SchemaId, list[Reference]] = {}
    for schema_id, name, subject, version in conn.execute(SQL["references_of"], {"ids": list(ids)}):
        found.setdefault(SchemaId(schema_id), []).append(Reference(name, subject, version))
    return found


def referenced_by(
    conn: Connection[TupleRow], subject: SubjectName, version: int, *, deleted: bool = False
) -> list[SchemaId]:
    """The ids of the schemas in use that refer to a version."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        marks = {"subject": subject, "version": version, "deleted": deleted}
        return cursor.execute(SQL["referenced_by"], marks).fetchall()


def uses(conn: Connection[TupleRow], schema_id: SchemaId, *, deleted: bool = False) -> list[tuple[SubjectName, int]]:
    """Subject and version of each use of a schema."""
    rows = conn.execute(SQL["versions_of_schema"], {"schema_id": schema_id, "deleted": deleted}).fetchall()
    return [(SubjectName(subject), version) for subject, version in rows]


def probe(conn: Connection[TupleRow]) -> None:
    """Read the tables once; the database's error if that cannot be done."""
    conn.execute(SQL["ready"])


def _version(conn: Connection[TupleRow], statement: str, arguments: dict[str, object]) -> Version | None:
    with conn.cursor(row_factory=class_row(Version)) as cursor:
        return cursor.execute(SQL[statement], arguments).fetchone()


def _page(wanted: Wanted) -> dict[str, object]:
    return {
        "deleted": wanted.deleted,
        "deleted_only": wanted.deleted_only,
        "offset": wanted.offset,
        "limit": wanted.limit,
    }

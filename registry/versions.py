"""Schemas and the versions of subjects, in PostgreSQL. The caller owns the transaction."""

import hashlib
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, scalar_row

from hub_db import statements
from registry.schema_text import ParsedSchema
from schemas.names import SchemaId, SubjectName

SQL = statements.load("registry", "sql/versions.sql")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a subject."""

    version: int
    schema_id: SchemaId
    schema_text: str


def register(conn: Connection[TupleRow], subject: SubjectName, schema: ParsedSchema, *, by: str) -> Version:
    """The version of `subject` that has this schema; made now if there is none. Safe under any concurrency.

    One schema has one id in all subjects. The subject's lock comes before the schema's unique index in every
    transaction, and each takes one of either, so no two can wait for one another.
    """
    found = registered(conn, subject, schema)
    if found is not None:
        return found
    conn.execute(SQL["lock_subject"], {"key": _lock_key(subject)})
    found = registered(conn, subject, schema)  # a new snapshot: whoever held the lock may have made it
    if found is not None:
        return found
    schema_id = _schema_id(conn, schema)
    with conn.cursor(row_factory=scalar_row) as cursor:
        marks = {"subject": subject, "schema_id": schema_id, "registered_by": by}
        version = cursor.execute(SQL["add_version"], marks).fetchone()
    if not isinstance(version, int):
        raise AssertionError("INSERT … RETURNING without a row")
    return Version(version, schema_id, schema.text)


def registered(conn: Connection[TupleRow], subject: SubjectName, schema: ParsedSchema) -> Version | None:
    """The newest live version of `subject` with exactly this schema."""
    return _version(conn, "registered_version", {"subject": subject, "fingerprint": schema.fingerprint})


def at(conn: Connection[TupleRow], subject: SubjectName, version: int) -> Version | None:
    """One live version of `subject`."""
    return _version(conn, "version_of_subject", {"subject": subject, "version": version})


def latest(conn: Connection[TupleRow], subject: SubjectName) -> Version | None:
    """The newest live version of `subject`."""
    return _version(conn, "latest_version_of_subject", {"subject": subject})


def numbers(conn: Connection[TupleRow], subject: SubjectName) -> list[int]:
    """The live version numbers of `subject`, ascending; empty when there is no such subject."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL["versions_of_subject"], {"subject": subject}).fetchall()


def subjects(conn: Connection[TupleRow]) -> list[SubjectName]:
    """All subjects with a live version, in the order of their bytes."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL["subjects"]).fetchall()


def schema_text(conn: Connection[TupleRow], schema_id: SchemaId) -> str | None:
    """The stored text of a schema."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(SQL["schema_text"], {"schema_id": schema_id}).fetchone()


def uses(conn: Connection[TupleRow], schema_id: SchemaId) -> list[tuple[SubjectName, int]]:
    """Subject and version of each live use of a schema."""
    rows = conn.execute(SQL["versions_of_schema"], {"schema_id": schema_id}).fetchall()
    return [(SubjectName(subject), version) for subject, version in rows]


def probe(conn: Connection[TupleRow]) -> None:
    """Read the tables once; the database's error if that cannot be done."""
    conn.execute(SQL["ready"])


def _version(conn: Connection[TupleRow], statement: str, arguments: dict[str, object]) -> Version | None:
    with conn.cursor(row_factory=class_row(Version)) as cursor:
        return cursor.execute(SQL[statement], arguments).fetchone()


def _schema_id(conn: Connection[TupleRow], schema: ParsedSchema) -> SchemaId:
    """Look first: an INSERT that meets a conflict uses up an id (a gap that harms nobody, but need not be)."""
    arguments = {"fingerprint": schema.fingerprint, "schema_text": schema.text}
    with conn.cursor(row_factory=scalar_row) as cursor:
        for statement in ("schema_id_of", "add_schema", "schema_id_of"):
            schema_id = cursor.execute(SQL[statement], arguments).fetchone()
            if isinstance(schema_id, int):
                return SchemaId(schema_id)
    raise AssertionError("a schema that conflicts is neither there nor added")


def _lock_key(subject: SubjectName) -> int:
    digest = hashlib.sha256(b"registry.version " + subject.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)

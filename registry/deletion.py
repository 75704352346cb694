"""Deletes versions: first softly, so that ids stay readable, then for good. The caller owns the transaction.

Ids are never given again, and the versions of governed subjects never go for good: stored events are read by them.
"""

from psycopg import Connection
from psycopg.rows import TupleRow

from registry import scopes, versions
from registry.errors import (
    GovernedForGood,
    NotPermitted,
    ReferenceExists,
    SubjectNotDeleted,
    SubjectNotFound,
    SubjectSoftDeleted,
    VersionNotDeleted,
    VersionNotFound,
    VersionSoftDeleted,
)
from registry.scopes import Mode
from registry.subject_names import is_governed
from registry.versions import NEWEST, SQL, Wanted
from schemas.names import SubjectName


def delete_subject(conn: Connection[TupleRow], subject: SubjectName, *, permanent: bool) -> list[int]:
    """Delete every version; their numbers."""
    _check_allowed(conn, subject, permanent=permanent)
    there = versions.numbers(conn, subject, Wanted(deleted=True))
    if not there:
        raise SubjectNotFound(subject)
    live = versions.numbers(conn, subject)
    if permanent and live:
        raise SubjectNotDeleted(subject)
    if not permanent and not live:
        raise SubjectSoftDeleted(subject)
    for number in there if permanent else live:
        _check_unreferenced(conn, subject, number)
    gone = _delete(conn, subject, None, permanent=permanent)
    scopes.forget(conn, subject)
    return gone


def delete_version(conn: Connection[TupleRow], subject: SubjectName, number: int, *, permanent: bool) -> int:
    """Delete one version; its number."""
    _check_allowed(conn, subject, permanent=permanent)
    version = versions.at(conn, subject, number, deleted=permanent or number != NEWEST)
    if version is None:
        if not versions.numbers(conn, subject, Wanted(deleted=True)):
            raise SubjectNotFound(subject)
        raise VersionNotFound(number)
    if permanent and not version.deleted:
        raise VersionNotDeleted(subject, version.version)
    if not permanent and version.deleted:
        raise VersionSoftDeleted(subject, version.version)
    _check_unreferenced(conn, subject, version.version)
    _delete(conn, subject, version.version, permanent=permanent)
    return version.version


def _check_allowed(conn: Connection[TupleRow], subject: SubjectName, *, permanent: bool) -> None:
    if permanent and is_governed(subject):
        raise GovernedForGood(subject)
    if scopes.effective(conn, subject).mode in (Mode.READONLY, Mode.READONLY_OVERRIDE):
        raise NotPermitted(f"Subject {subject} is in read-only mode")
    versions.lock(conn, subject)


def _check_unreferenced(conn: Connection[TupleRow], subject: SubjectName, number: int) -> None:
    if versions.referenced_by(conn, subject, number):
        raise ReferenceExists(subject, number)


def _delete(conn: Connection[TupleRow], subject: SubjectName, version: int | None, *, permanent: bool) -> list[int]:
    statement = SQL["remove_versions" if permanent else "delete_versions"]
    return sorted(row[0] for row in conn.execute(statement, {"subject": subject, "version": version}))

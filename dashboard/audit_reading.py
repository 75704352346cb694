"""The audit as the page shows it. Functions that take a connection; the caller owns the snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.statements import load
from identity.principals import Scope

SQL = load("dashboard", "sql/audit.sql")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None = any."""

    actor: str | None = None
    act: str | None = None
    opd: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `number` is its place in the chain, None until it is sealed."""

    id: int
    at: datetime
    actor: str
    actor_kind: str
    role: str | None
    opd: str | None
    act: str
    subject: str | None
    purpose: str | None
    details: Mapping[str, Any]
    number: int | None


def entries(conn: Connection[TupleRow], scope: Scope, wanted: Wanted, *, before: int, limit: int) -> list[Entry]:
    """One page, newest first."""
    values = {
        "everywhere": scope.everywhere,
        "opds": sorted(scope.opds),
        "actor": wanted.actor,
        "act": wanted.act,
        "opd": wanted.opd,
        "subject": wanted.subject,
        "since": wanted.since,
        "until": wanted.until,
        "before": before,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(SQL["entries"], values).fetchall()

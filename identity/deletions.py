"""What becomes of grants: those that nobody uses, and data that a reader has to delete when its grant is over."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.facts import Fact, Json, report
from hub_db.statements import load
from identity.actors import Actor, note
from identity.acts import Act
from identity.audit import Json as AuditJson
from identity.errors import NotAllowed, Unknown
from identity.principals import Scope
from schemas.names import EntityName, FieldName

SQL = load("identity", "sql/deletions.sql")
UNUSED_DAYS: Final = 90  # a quarter: who has not read for so long may not need it
SHORTEST_HOW: Final = 20  # characters that say how the data were deleted
SOURCE: Final = "/simpul/access"


@dataclass(frozen=True, slots=True)
class Unused:
    """A grant in force that was not used for long."""

    id: int
    reader: str
    entity: EntityName
    fields: list[FieldName]
    purpose: str
    until: date
    begun_at: datetime
    looked_at: datetime | None  # the last look under it, of a person or a program
    token_at: datetime | None  # when a program last came that reads what it opens without a look, to the minute

    @property
    def used_at(self) -> datetime | None:
        return max(filter(None, (self.looked_at, self.token_at)), default=None)


@dataclass(frozen=True, slots=True)
class Due:
    """A grant that is over, whose data the reader has not said to have deleted."""

    id: int
    reader: str
    entity: EntityName
    fields: list[FieldName]
    purpose: str
    revoked: bool
    over_at: datetime


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a reader said."""

    grant_id: int
    confirmed_at: datetime
    confirmed_by: str
    how: str


def unused(conn: Connection[TupleRow], scope: Scope, *, now: datetime, days: int = UNUSED_DAYS) -> list[Unused]:
    """Grants of the readers within the scope that nobody used for so many days, the longest idle first.

    Reading a topic leaves no trace here: a reader of `reference.<entity>.<grant>` is not seen to use it.
    """
    values = {"now": now, "since": now - timedelta(days=days), **_within(scope)}
    with conn.cursor(row_factory=class_row(Unused)) as cursor:
        return cursor.execute(SQL["unused"], values).fetchall()


def due(conn: Connection[TupleRow], scope: Scope, *, now: datetime) -> list[Due]:
    """Deletions that readers within the scope still have to confirm, the oldest first."""
    with conn.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(SQL["due"], {"now": now, **_within(scope)}).fetchall()


def confirm(conn: Connection[TupleRow], grant_id: int, *, by: Actor, how: str, within: Scope, now: datetime) -> None:
    """Say that the data of a grant are deleted, and how. Raises NotAllowed, and Unknown where there is no such task."""
    found = next((each for each in due(conn, within, now=now) if each.id == grant_id), None)
    if found is None:
        raise Unknown(f"Tidak ada penghapusan yang menunggu untuk Hak Akses {grant_id}.")
    if len(how.strip()) < SHORTEST_HOW or "\0" in how:
        raise NotAllowed(f"Cara penghapusan paling sedikit {SHORTEST_HOW} huruf.")
    values = {"id": grant_id, "now": now, "by": by.name, "role": by.role, "opd": found.reader, "how": how.strip()}
    if conn.execute(SQL["confirm"], values).fetchone() is None:
        raise Unknown(f"Penghapusan untuk Hak Akses {grant_id} sudah dinyatakan.")
    about: dict[str, AuditJson] = {"reader": found.reader, "entity": found.entity, "fields": list(found.fields)}
    note(
        conn, by, Act.DELETION_CONFIRM, f"grant:{grant_id}", now=now, opd=found.reader, how=how.strip(), **about
    )  # fmt: skip
    row = conn.execute(SQL["document_of"], {"id": grant_id}).fetchone()
    data: dict[str, Json] = {"grant": grant_id, **about}
    key = str(row[0]) if row else str(found.entity)
    report(
        conn,
        Fact(
            "access.deletion-confirmed", key, data,
            source=SOURCE, occurred_at=now, actor=by.name, role=by.role, unit=by.opd,
        ),
    )  # fmt: skip


def deletion_of(conn: Connection[TupleRow], grant_id: int) -> Deletion | None:
    """What the reader said of the data of a grant; None while nothing was said."""
    with conn.cursor(row_factory=class_row(Deletion)) as cursor:
        return cursor.execute(SQL["deletion"], {"id": grant_id}).fetchone()


def _within(scope: Scope) -> dict[str, object]:
    return {"everywhere": scope.everywhere, "opds": sorted(scope.opds)}

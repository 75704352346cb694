"""Passwords of agencies' systems at Kafka: drawn by who shows them, told to Kafka by the keeper, kept by nobody
(docs/decisions/0011-kafka-passwords.md)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NewType

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, dict_row
from pydantic import SecretStr

from hub_db import facts
from hub_db.connection import transaction
from hub_db.statements import load
from identity import bearer
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import LinkGone, NotAllowed, Unknown
from identity.opds import find_system
from identity.permissions import Role
from identity.principals import Scope
from registry.provisioning import seal
from registry.provisioning.sources import system_principal
from schemas.names import OpdCode

SQL = load("registry", "sql/credentials.sql")
RequestId = NewType("RequestId", int)
WAITS = timedelta(seconds=30)  # for the keeper; then nobody looks at the page any more
CODE_LASTS = timedelta(hours=24)
PASSWORD_BYTES, SALT_BYTES = 32, 32
REPORTER = "/simpul/registry"


@dataclass(frozen=True, slots=True)
class FetchableSystem:
    """A system, and when somebody last fetched a password for it."""

    id: int
    opd: OpdCode
    code: str
    name: str
    active: bool
    fetched_at: datetime | None
    fetched_by: str | None

    @property
    def principal(self) -> str:
        return system_principal(self.opd, self.code)


@dataclass(frozen=True, slots=True)
class Asked:
    """A new password, which opens nothing until Kafka has it."""

    request: RequestId
    principal: str
    password: SecretStr
    code: int | None = None


def fetchable(conn: Connection[TupleRow], scope: Scope) -> list[FetchableSystem]:
    """The systems of the agencies within the scope."""
    with conn.cursor(row_factory=class_row(FetchableSystem)) as cursor:
        values = {"everywhere": scope.everywhere, "opds": sorted(scope.opds)}
        return cursor.execute(SQL["systems_with_fetches"], values).fetchall()


def ask(
    conn: Connection[TupleRow], system_id: int, key: SecretStr, *, by: Actor, now: datetime, code: int | None = None
) -> Asked:
    """Draw a password for a system and ask the keeper to tell Kafka. Raises Unknown where the system is not working."""
    row = conn.execute(SQL["working_system"], {"id": system_id}).fetchone()
    if row is None:
        raise Unknown("Sistem itu tidak ada atau tidak aktif.")
    principal = system_principal(OpdCode(row[0]), row[1])
    password, salt = SecretStr(secrets.token_hex(PASSWORD_BYTES)), secrets.token_bytes(SALT_BYTES)
    sealed = seal.close(key, seal.salted_password(password, salt), salt=salt, principal=principal, at=now)
    made = conn.execute(
        SQL["ask"],
        {
            "system_id": system_id,
            "code_id": code,
            "salt": salt,
            "sealed": sealed,
            "actor": by.name,
            "actor_kind": by.kind,
            "role": by.role,
            "now": now,
            "expires_at": now + WAITS,
        },
    ).fetchone()
    if made is None:
        raise RuntimeError("an insert gave no number")
    return Asked(RequestId(made[0]), principal, password, code)


def ask_by_code(conn: Connection[TupleRow], code: str, key: SecretStr, *, now: datetime) -> Asked:
    """The same for whoever brings a code, which is used up. Raises LinkGone, whatever is wrong with it."""
    used = conn.execute(SQL["use_code"], {"code": bearer.digest(code), "now": now}).fetchone()
    if used is None:
        raise LinkGone
    try:
        return ask(conn, used[1], key, by=Actor(f"credential-code:{used[0]}", "token"), now=now, code=used[0])
    except Unknown:
        raise LinkGone from None


def is_done(conn: Connection[TupleRow], asked: Asked) -> Literal["waiting", "done", "dropped"]:
    """How far the keeper is."""
    row = conn.execute(SQL["is_done"], {"id": asked.request}).fetchone()
    if row is None or row[1]:
        return "dropped"
    return "done" if row[0] else "waiting"


def give_up(conn: Connection[TupleRow], asked: Asked, *, now: datetime) -> bool:
    """Wait no longer; False when Kafka has the password after all. A code may be used again."""
    if conn.execute(SQL["drop"], {"id": asked.request, "now": now}).fetchone() is None:
        return is_done(conn, asked) != "done"
    if asked.code is not None:
        conn.execute(SQL["give_code_back"], {"id": asked.code})
    return True


def issue_code(conn: Connection[TupleRow], opd: str, system: str, *, by: Actor, now: datetime) -> tuple[str, datetime]:
    """A code and its end; shown once, good once. Raises Unknown, NotAllowed."""
    found = find_system(conn, opd, system)
    if not found.active:
        raise NotAllowed(f"Sistem {system} pada OPD {opd} tidak aktif.")
    code, end = bearer.fresh(), now + CODE_LASTS
    values = {"system_id": found.id, "code": bearer.digest(code), "by": by.name, "now": now, "expires_at": end}
    row = conn.execute(SQL["issue_code"], values).fetchone()
    number = row[0] if row is not None else None
    subject = f"system:{opd}/{system}"
    note(conn, by, Act.CREDENTIAL_CODE, subject, now=now, opd=opd, code=number, expires_at=end.isoformat())
    return code, end


def any_waiting(conn: Connection[TupleRow]) -> bool:
    """Whether somebody waits for the keeper."""
    row = conn.execute(SQL["any_waiting"]).fetchone()
    return row is not None and bool(row[0])


def work_off(
    conn: Connection[TupleRow],
    key: SecretStr,
    tell_kafka: Callable[[str, bytes, bytes], None],
    *,
    now: Callable[[], datetime],
) -> int:
    """Tell Kafka every password that waits, oldest first; how many. `tell_kafka`: principal, salt, salted password.

    Each in a transaction with its audit entry and its fact: what Kafka has and the database has not is told again.
    """
    with transaction(conn):
        conn.execute(SQL["drop_overdue"], {"now": now()})
    done = 0
    while _next(conn, key, tell_kafka, now()):
        done += 1
    return done


def _next(
    conn: Connection[TupleRow], key: SecretStr, tell_kafka: Callable[[str, bytes, bytes], None], now: datetime
) -> bool:
    with transaction(conn):
        with conn.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(SQL["next_waiting"], {"now": now}).fetchone()
        if row is None:
            return False
        principal = system_principal(OpdCode(row["opd"]), row["code"])
        salted = seal.unseal(key, row["sealed"], salt=row["salt"], principal=principal, at=row["requested_at"])
        if salted is None or not row["active"]:
            conn.execute(SQL["drop"], {"id": row["id"], "now": now})
            return True
        tell_kafka(principal, row["salt"], salted)
        conn.execute(SQL["done"], {"id": row["id"], "now": now})
        by = Actor(row["actor"], row["actor_kind"], Role(row["role"]) if row["role"] else None, row["opd"])
        _tell(conn, by, row["opd"], row["code"], now)
    return True


def _tell(conn: Connection[TupleRow], by: Actor, opd: str, system: str, now: datetime) -> None:
    subject = f"system:{opd}/{system}"
    note(conn, by, Act.CREDENTIAL_FETCH, subject, now=now, opd=opd)
    facts.report(
        conn,
        facts.Fact(
            "credential.fetched",
            f"{opd}.{system}",
            {"opd": opd, "system": system},
            source=REPORTER,
            occurred_at=now,
            actor=by.name,
            role=by.role,
            unit=opd,
        ),
    )

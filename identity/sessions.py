"""Sessions: kept on the server, opened by a random token whose SHA-256 the database holds (RELIABILITY §5).

A session ends after 30 minutes without use, after 12 hours in any case, and at once on sign-out, on a change of
password, second factor or roles, and when the account is closed. All of it is asked of the database each time.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NewType

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, dict_row

from hub_db.statements import load
from identity import bearer
from identity.actors import Actor, note
from identity.acts import Act
from identity.devices import label
from identity.errors import Unknown
from identity.permissions import ROLES_WITH_SECOND_FACTOR, Role
from identity.principals import Appointment, Principal

SQL = load("identity", "sql/sessions.sql")
SessionToken = NewType("SessionToken", str)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCHED_EVERY = timedelta(minutes=1)  # `seen_at` is written no more often
_CSRF = b"simpul csrf"


class Ended(StrEnum):
    """Why a session was ended before its time."""

    SIGN_OUT = "sign_out"
    BY_OWNER = "ended_by_owner"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    ROLES_CHANGED = "roles_changed"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Session:
    id: int
    person_id: int
    second_factor: bool  # whether it was opened with one
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A session with its person as both stand now."""

    session: Session
    principal: Principal
    waiting: tuple[Appointment, ...]  # roles that count only in a session with a second factor


def open_session(
    conn: Connection[TupleRow],
    person_id: int,
    *,
    now: datetime,
    address: str,
    user_agent: str,
    second_factor: bool = False,
    until: datetime | None = None,
) -> SessionToken:
    """A new session with a new token, whatever the browser brought; it ends by `until` at the latest."""
    token = SessionToken(bearer.fresh())
    conn.execute(
        SQL["open_session"],
        {
            "token": bearer.digest(token),
            "person_id": person_id,
            "second_factor": second_factor,
            "now": now,
            "expires_at": min(now + LONGEST, until or now + LONGEST),
            "address": address,
            "user_agent": label(user_agent),
        },
    )
    return token


def principal_of(
    conn: Connection[TupleRow], token: str, *, now: datetime, zone: tzinfo
) -> tuple[Session, Principal] | None:
    """The session and its person, and the session counts as used; None when it has ended in any way."""
    found = look(conn, token, now=now, zone=zone)
    if found is None:
        return None
    if now - found.session.seen_at >= TOUCHED_EVERY:
        conn.execute(SQL["touch_session"], {"id": found.session.id, "now": now})
    return found.session, found.principal


def look(conn: Connection[TupleRow], token: str, *, now: datetime, zone: tzinfo) -> Signed | None:
    """The same without counting as use: an open stream must not keep a session alive.

    `zone` says which day it is for appointments. Roles that need a second factor are left out of a session opened
    without one; `waiting` holds them.
    """
    values = {
        "token": bearer.digest(token),
        "now": now,
        "idle_since": now - IDLE,
        "on": now.astimezone(zone).date(),
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(SQL["living_session"], values).fetchone()
    if row is None:
        return None
    name, shown_name, roles = row.pop("name"), row.pop("shown_name"), row.pop("roles")
    session = Session(**row)
    held = [_appointment(*each) for each in roles]
    now_held = tuple(each for each in held if session.second_factor or each.role not in ROLES_WITH_SECOND_FACTOR)
    waiting = tuple(each for each in held if each not in now_held)
    return Signed(session, Principal(session.person_id, name, shown_name, now_held), waiting)


def sessions_of(conn: Connection[TupleRow], person_id: int, *, now: datetime) -> list[Session]:
    """The living sessions of a person, the last used first."""
    with conn.cursor(row_factory=class_row(Session)) as cursor:
        values = {"person_id": person_id, "now": now, "idle_since": now - IDLE}
        return cursor.execute(SQL["sessions_of"], values).fetchall()


def end_session(conn: Connection[TupleRow], token: str, *, now: datetime) -> None:
    """Sign out. Nothing happens when the session has ended already."""
    values = {"token": bearer.digest(token), "now": now, "because": Ended.SIGN_OUT}
    row = conn.execute(SQL["end_session"], values).fetchone()
    if row is not None:
        note(conn, Actor.owner(row[2]), Act.SIGN_OUT, f"session:{row[0]}", now=now, because=Ended.SIGN_OUT)


def end_one(conn: Connection[TupleRow], owner: Principal, session_id: int, *, now: datetime) -> None:
    """End one of one's own sessions. Raises Unknown for another's."""
    values = {"id": session_id, "person_id": owner.person_id, "now": now, "because": Ended.BY_OWNER}
    if conn.execute(SQL["end_one_of"], values).fetchone() is None:
        raise Unknown("Sesi itu tidak ada atau sudah berakhir.")
    note(conn, Actor.owner(owner.name), Act.SIGN_OUT, f"session:{session_id}", now=now, because=Ended.BY_OWNER)


def end_others(conn: Connection[TupleRow], owner: Principal, token: str, *, now: datetime) -> int:
    """End all of one's own sessions but this one; how many."""
    ended = end_all(conn, owner.person_id, Ended.BY_OWNER, now=now, keep=token)
    for number in ended:
        note(conn, Actor.owner(owner.name), Act.SIGN_OUT, f"session:{number}", now=now, because=Ended.BY_OWNER)
    return len(ended)


def end_all(
    conn: Connection[TupleRow], person_id: int, because: Ended, *, now: datetime, keep: str | None = None
) -> list[int]:
    """End a person's sessions, all but the one with the token `keep`. The act that is the cause tells the audit."""
    values = {"person_id": person_id, "now": now, "because": because, "keep": bearer.digest(keep) if keep else None}
    return [int(row[0]) for row in conn.execute(SQL["end_all_of"], values)]


def renew(conn: Connection[TupleRow], session: Session, *, second_factor: bool, now: datetime) -> SessionToken:
    """A new token for the same browser when its rights have changed; the old session must have been ended."""
    return open_session(
        conn,
        session.person_id,
        now=now,
        address=session.address,
        user_agent=session.user_agent,
        second_factor=second_factor,
        until=session.expires_at,
    )


def csrf_token(session_token: str) -> str:
    """What a form of this session's pages brings back: nobody who lacks the session's token can make it."""
    return hmac.new(session_token.encode(), _CSRF, hashlib.sha256).hexdigest()


def csrf_valid(session_token: str, given: str) -> bool:
    return hmac.compare_digest(csrf_token(session_token).encode(), given.encode("utf-8", "replace"))


def _appointment(role: str, opd: str, acting: str | None, until: str | None) -> Appointment:
    return Appointment(Role(role), opd, acting, date.fromisoformat(until) if until else None)  # type: ignore[arg-type]

"""Notices: what people are told, one per cause (docs/explanation/notices.md).

Whoever finds a cause raises it in its own transaction, as often as it sees it; whoever sees its end closes it. That is
all a room has to do: the notifier (`jobs/notices_plan.py`, `jobs/delivery.py`) tells the people of the office.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.statements import load
from identity import acts
from identity.actors import Actor
from identity.audit import AuditEntry, record
from identity.permissions import Role
from jobs.errors import NoSuchNotice, NotPossible

SQL = load("jobs", "sql/notices.sql")

NoticeId = NewType("NoticeId", int)

LONGEST_SILENCE = timedelta(days=30)
SHORTEST_REASON = 10  # letters
LONGEST_TITLE = 200  # letters
SYSTEM = "system"
# A title ends in WhatsApp and in subjects of mail: nothing that could be a person's number or address stands there.
_TELLING = re.compile(r"[0-9]{10,}|[^\s@]+@[^\s@]+\.[^\s@]+")
_BLANK = re.compile(r"\s+")


class Severity(StrEnum):
    """How bad it is, the mildest first."""

    INFO = "info"
    ATTENTION = "perhatian"
    DISTURBANCE = "gangguan"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class State(StrEnum):
    """Where a notice stands. A cause that comes back after `closed` is a new notice."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Act(StrEnum):
    """What happens to a notice."""

    RAISED = "raised"
    RECURRED = "recurred"  # raised, and the same cause had been closed before
    WORSE = "worse"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    CLOSED = "closed"


_IN_THE_AUDIT = {
    Act.ACKNOWLEDGED: acts.Act.NOTICE_ACKNOWLEDGE,
    Act.SILENCED: acts.Act.NOTICE_SILENCE,
    Act.CLOSED: acts.Act.NOTICE_CLOSE,
}


@dataclass(frozen=True, slots=True)
class Office:
    """A role in an OPD: whom a notice is for. People come and go, the office stays."""

    opd: str
    role: Role


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told. `title` is one Indonesian sentence without any personal value, as is `body`."""

    cause: str  # stable: "watch:lag:opd.dinas.dokumen"
    kind: str  # what sort of cause: "watch.lag"
    office: Office
    severity: Severity
    title: str
    body: str = ""
    link: str = ""  # path within the pages: "/pertukaran"
    urgent: bool = False  # also at night
    level: int = 0  # grows while the cause gets worse: then people are told again
    matter: str | None = None  # cause of the notice that tells another office the same: nobody is told of both


def raise_notice(conn: Connection[TupleRow], notice: Notice, *, now: datetime) -> NoticeId:
    """Say that the cause is there. Saying it again counts, refreshes the text, and tells nobody unless it got worse."""
    title = _BLANK.sub(" ", notice.title).strip()
    title = title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
    if _TELLING.search(title):
        raise ValueError(
            f"the title of a notice of {notice.kind} holds what looks like a number or address of a person"
        )
    before = conn.execute(SQL["standing"], {"cause": notice.cause}).fetchone()
    row = conn.execute(
        SQL["raise_notice"],
        {
            "cause": notice.cause,
            "kind": notice.kind,
            "severity": notice.severity.value,
            "level": notice.level,
            "urgent": notice.urgent,
            "opd": notice.office.opd,
            "role": notice.office.role.value,
            "title": title,
            "body": notice.body,
            "link": notice.link,
            "matter": notice.matter,
            "now": now,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    number, fresh, previous, opd, role = row
    office = Office(opd, Role(role))
    if fresh:
        add_step(conn, number, Act.RAISED if previous is None else Act.RECURRED, office, SYSTEM, now)
    elif before is not None and (notice.severity.rank, notice.level) > (Severity(before[0]).rank, before[1]):
        conn.execute(SQL["reopen_as_worse"], {"id": number})
        add_step(conn, number, Act.WORSE, office, SYSTEM, now)
    return NoticeId(number)


def close_cause(conn: Connection[TupleRow], cause: str, *, now: datetime, actor: str = SYSTEM) -> bool:
    """Say that the cause has ended. True if a notice of it was closed by this."""
    return close_causes(conn, (cause,), now=now, actor=actor) == 1


def close_causes(conn: Connection[TupleRow], causes: Collection[str], *, now: datetime, actor: str = SYSTEM) -> int:
    """The same for several; returns how many were closed."""
    if not causes:
        return 0
    closed = conn.execute(SQL["close_causes"], {"causes": sorted(causes), "now": now}).fetchall()
    for number, _, opd, role in closed:
        add_step(conn, number, Act.CLOSED, Office(opd, Role(role)), actor, now)
    return len(closed)


def open_causes(conn: Connection[TupleRow], prefix: str) -> list[str]:
    """The causes of notices that are not closed and begin so."""
    return [cause for (cause,) in conn.execute(SQL["open_causes"], {"prefix": prefix})]


def acknowledge(conn: Connection[TupleRow], number: NoticeId, *, by: Actor, now: datetime, note: str = "") -> None:
    """Somebody has it in hand. Raises NoSuchNotice, and NotPossible when it is closed."""
    found = _claim(conn, number)
    if found.state is not State.ACKNOWLEDGED:
        conn.execute(SQL["acknowledge"], {"id": number, "now": now})
        _enter(conn, number, Act.ACKNOWLEDGED, found, by, now, note)


def silence(
    conn: Connection[TupleRow], number: NoticeId, *, until: datetime, by: Actor, now: datetime, note: str
) -> None:
    """Say nothing more of it until then. Raises NoSuchNotice, and NotPossible with the reason."""
    found = _claim(conn, number)
    if not now < until <= now + LONGEST_SILENCE:
        raise NotPossible(f"Batas waktu bisu harus di depan dan paling lama {LONGEST_SILENCE.days} hari.")
    _must_say_why(note)
    conn.execute(SQL["silence"], {"id": number, "until": until})
    _enter(conn, number, Act.SILENCED, found, by, now, note, until=until.isoformat())


def close(conn: Connection[TupleRow], number: NoticeId, *, by: Actor, now: datetime, note: str) -> None:
    """Close by hand, with a reason. If its cause lasts, it will be raised anew. Raises NoSuchNotice, NotPossible."""
    found = _claim(conn, number)
    _must_say_why(note)
    conn.execute(SQL["close"], {"id": number, "now": now})
    _enter(conn, number, Act.CLOSED, found, by, now, note)


@dataclass(frozen=True, slots=True)
class _Claimed:
    state: State
    cause: str
    office: Office  # the office that has it now


def _claim(conn: Connection[TupleRow], number: NoticeId) -> _Claimed:
    row = conn.execute(SQL["claim"], {"id": number}).fetchone()
    if row is None:
        raise NoSuchNotice(f"Pemberitahuan nomor {number} tidak ada.")
    state, cause, at_opd, at_role = row
    if state == State.CLOSED:
        raise NotPossible(f"Pemberitahuan nomor {number} sudah ditutup.")
    return _Claimed(State(state), cause, Office(at_opd, Role(at_role)))


def _must_say_why(note: str) -> None:
    if len(note.strip()) < SHORTEST_REASON:
        raise NotPossible(f"Alasan baru {len(note.strip())} huruf. Mohon tulis paling sedikit {SHORTEST_REASON} huruf.")


def _enter(
    conn: Connection[TupleRow],
    number: NoticeId,
    act: Act,
    found: _Claimed,
    by: Actor,
    now: datetime,
    note: str,
    **details: str,
) -> None:
    """What a person did: a step of the notice, and an entry of the audit."""
    add_step(conn, number, act, found.office, by.name, now, note)
    entry = AuditEntry(
        actor=by.name,
        actor_kind=by.kind,
        role=by.role,
        opd=by.opd or found.office.opd,
        act=_IN_THE_AUDIT[act],
        subject=f"notice:{number}",
        purpose=note.strip() or None,
        details={"cause": found.cause, **details},
    )
    record(conn, entry)


def add_step(
    conn: Connection[TupleRow], number: int, act: Act, office: Office, actor: str, now: datetime, note: str = ""
) -> None:
    """Enter what happened to a notice; the notifier tells the office of what is not somebody's own doing."""
    conn.execute(
        SQL["add_step"],
        {
            "notice": number,
            "act": act.value,
            "at": now,
            "actor": actor,
            "opd": office.opd,
            "role": office.role.value,
            "note": note.strip(),
            "tell": act not in (Act.ACKNOWLEDGED, Act.SILENCED),
        },
    )

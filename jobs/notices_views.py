"""What pages and commands show of notices. The scope says whose: `principal.scope(Permission.VIEW_NOTICES)`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, dict_row

from hub_db.statements import load
from identity.permissions import Role
from identity.principals import Scope
from jobs.errors import NoSuchNotice
from jobs.notices import Act, NoticeId, Office, Severity, State

SQL = load("jobs", "sql/notices_views.sql")

EVERYWHERE = Scope(everywhere=True, opds=frozenset())
PAGE = 50
EARLIER = 20  # notices of the same cause


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice as a list shows it."""

    id: NoticeId
    cause: str
    kind: str
    severity: Severity
    level: int
    urgent: bool
    office: Office  # whom it is for
    now_at: Office  # who has it now: another office after it was escalated
    title: str
    body: str
    link: str
    state: State
    count: int
    raised_at: datetime
    last_seen_at: datetime
    acknowledged_at: datetime | None
    silent_until: datetime | None
    escalations: int
    closed_at: datetime | None
    previous: NoticeId | None
    unseen: bool  # the person who asks was told and has not looked yet

    @property
    def is_disturbance(self) -> bool:
        return self.severity is Severity.DISTURBANCE

    def is_silent(self, now: datetime) -> bool:
        return self.silent_until is not None and self.silent_until > now


@dataclass(frozen=True, slots=True)
class NoticeStep:
    """Something that happened to a notice."""

    act: Act
    at: datetime
    actor: str
    office: Office
    note: str


@dataclass(frozen=True, slots=True)
class Messages:
    """How many messages of a notice ended so."""

    channel: str  # app, email, webhook
    state: str  # due, sent, refused, given_up, dropped
    count: int
    last_sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A notice that the same cause had before."""

    id: NoticeId
    severity: str
    raised_at: datetime
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice with all that happened to it."""

    row: NoticeRow
    steps: tuple[NoticeStep, ...]
    messages: tuple[Messages, ...]
    earlier: tuple[Earlier, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """For the navigation and the start page."""

    not_closed: int
    disturbances: int
    untaken: int
    unseen: int  # of the person who asks


@dataclass(frozen=True, slots=True)
class RuleLook:
    """The last look of one rule of the watch; `reason` is set when it could not see."""

    name: str
    looked_at: datetime
    findings: int
    reason: str | None


def list_notices(
    conn: Connection[TupleRow],
    scope: Scope,
    *,
    person_id: int | None = None,
    states: Collection[State] | None = None,
    severities: Collection[Severity] | None = None,
    kind: str | None = None,
    limit: int = PAGE,
    skip: int = 0,
) -> list[NoticeRow]:
    """Notices of these OPDs' offices: not closed before closed, the worst first, then the newest."""
    named = {
        **_scope(scope),
        "person": person_id,
        "states": None if states is None else [state.value for state in states],
        "severities": None if severities is None else [severity.value for severity in severities],
        "kind": kind,
        "limit": limit,
        "skip": skip,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_row(row) for row in cursor.execute(SQL["list_notices"], named)]


def notice(
    conn: Connection[TupleRow], number: NoticeId, scope: Scope = EVERYWHERE, *, person_id: int | None = None
) -> NoticeView:
    """One notice. Raises NoSuchNotice, also for one that lies outside the scope."""
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(SQL["one_notice"], {"id": number, "person": person_id}).fetchone()
    row = None if found is None else _row(found)
    if row is None or not (scope.covers(row.office.opd) or scope.covers(row.now_at.opd)):
        raise NoSuchNotice(f"Pemberitahuan nomor {number} tidak ada.")
    steps = [
        NoticeStep(Act(act), at, actor, Office(opd, Role(role)), note)
        for act, at, actor, opd, role, note in conn.execute(SQL["steps"], {"id": number})
    ]
    messages = [Messages(*each) for each in conn.execute(SQL["messages"], {"id": number})]
    named = {"cause": row.cause, "id": number, "limit": EARLIER}
    earlier = [Earlier(NoticeId(each[0]), *each[1:]) for each in conn.execute(SQL["earlier"], named)]
    return NoticeView(row, tuple(steps), tuple(messages), tuple(earlier))


def counts(conn: Connection[TupleRow], scope: Scope, *, person_id: int | None = None) -> Counts:
    """What waits."""
    row = conn.execute(SQL["counts"], {**_scope(scope), "person": person_id}).fetchone()
    assert row is not None  # noqa: S101 - a count is always there
    return Counts(*row)


def mark_seen(conn: Connection[TupleRow], number: NoticeId, person_id: int, *, now: datetime) -> None:
    """The person has looked at it."""
    conn.execute(SQL["mark_seen"], {"id": number, "person": person_id, "now": now})


def looks(conn: Connection[TupleRow]) -> list[RuleLook]:
    """When each rule of the watch last looked."""
    with conn.cursor(row_factory=class_row(RuleLook)) as cursor:
        return cursor.execute(SQL["looks"]).fetchall()


def _scope(scope: Scope) -> dict[str, Any]:
    return {"everywhere": scope.everywhere, "opds": sorted(scope.opds)}


def _row(row: dict[str, Any]) -> NoticeRow:
    office = Office(row.pop("opd"), Role(row.pop("role")))
    now_at = Office(row.pop("at_opd"), Role(row.pop("at_role")))
    severity, state = Severity(row.pop("severity")), State(row.pop("state"))
    return NoticeRow(office=office, now_at=now_at, severity=severity, state=state, **row)

"""From steps of notices to messages: who is told of what, and what goes to the office above. Called by the notifier.

Each function does a bounded piece in the caller's transaction and returns how much it did; two notifiers at once share
the work (`for update skip locked`).
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.calendar import IsWorkingDay
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import SYSTEM, Act, NoticeId, Office, Severity, State, add_step
from jobs.notices_offices import Recipient, people_of_office, superior
from jobs.notices_settings import NoticeSettings
from jobs.notices_ways import Channel, Mode, Occasion, Way, escalates_at, is_time_for_digest, ways

SQL = load("jobs", "sql/notices_plan.sql")
AT_ONCE = 100  # rows in one transaction
# The procedure itself says when the office above is told of a delay (docs/explanation/procedure.md).
STAYING = frozenset({"case.overdue"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Step:
    number: int
    act: Act
    office: Office
    notice: NoticeId
    severity: Severity
    urgent: bool
    state: State
    silent_until: datetime | None
    now_at: Office  # the office that has the notice now
    flapping: bool
    matter: str
    kind: str


def plan(conn: Connection[TupleRow], settings: NoticeSettings, *, now: datetime) -> int:
    """Write the messages of steps that nobody has been told of; returns how many steps."""
    steps = [_step(row, settings) for row in conn.execute(SQL["steps_to_tell"], {"limit": AT_ONCE})]
    for step in steps:
        if step.act is Act.CLOSED:
            _tell_the_end(conn, step, settings, now)
        else:
            _tell(conn, step, settings, now)
        conn.execute(SQL["step_planned"], {"id": step.number, "now": now})
    return len(steps)


def escalate(conn: Connection[TupleRow], settings: NoticeSettings, worked: IsWorkingDay, *, now: datetime) -> int:
    """Hand notices that nobody has taken in time to the office above; on working days, unless they are urgent."""
    works = worked(now.astimezone(settings.zone).date())
    rows = conn.execute(SQL["to_escalate"], {"now": now, "limit": AT_ONCE}).fetchall()
    due = [row for row in rows if row[3] or works]
    for number, opd, role, _ in due:
        _hand_up(conn, NoticeId(number), Office(opd, Role(role)), settings, now)
    return len(due)


def make_digests(conn: Connection[TupleRow], settings: NoticeSettings, worked: IsWorkingDay, *, now: datetime) -> int:
    """One digest per person and day, from his hour on; returns how many were made."""
    made = 0
    today = now.astimezone(settings.zone).date()
    for person, hour in conn.execute(SQL["waiting_for_digest"]).fetchall():
        if not is_time_for_digest(hour, now, settings, worked):
            continue
        named = {"dedupe": f"d{person}.{today:%Y%m%d}", "person": person, "now": now}
        row = conn.execute(SQL["make_digest"], named).fetchone()
        if row is not None:
            conn.execute(SQL["fill_digest"], {"digest": row[0], "person": person})
            made += 1
    return made


def _step(row: TupleRow, settings: NoticeSettings) -> _Step:
    number, act, opd, role, notice, severity, urgent, state, silent_until, at_opd, at_role, *rest = row
    raised_at, ended_at, matter, kind = rest
    return _Step(
        number=number,
        act=Act(act),
        office=Office(opd, Role(role)),
        notice=NoticeId(notice),
        severity=Severity(severity),
        urgent=urgent,
        state=State(state),
        silent_until=silent_until,
        now_at=Office(at_opd, Role(at_role)),
        flapping=ended_at is not None and raised_at - ended_at < timedelta(seconds=settings.flap_s),
        matter=matter,
        kind=kind,
    )


def _occasion(step: _Step, now: datetime) -> Occasion:
    silent = step.silent_until is not None and step.silent_until > now
    return Occasion(step.act, step.severity, step.urgent, silent, step.flapping)


def _tell(conn: Connection[TupleRow], step: _Step, settings: NoticeSettings, now: datetime) -> None:
    if step.state is State.CLOSED:
        return  # it was over before anybody could be told
    people = people_of_office(conn, step.office, now.astimezone(settings.zone).date())
    occasion, heard = _occasion(step, now), _heard(conn, step)
    for person in people:
        if person.person_id not in heard:
            _add(conn, step, person, step.office, ways(person, occasion, settings, now), now)
    _tell_programs(conn, step, now)
    if step.state is not State.OPEN:
        return
    if not people and step.now_at == step.office:
        log.warning("nobody holds the office of a notice", extra={"opd": step.office.opd, "role": step.office.role})
        _hand_up(conn, step.notice, step.office, settings, now)
    elif people and step.kind not in STAYING:
        at = escalates_at(step.severity, now, settings, urgent=step.urgent)
        conn.execute(SQL["escalate_later"], {"id": step.notice, "at": at})


def _heard(conn: Connection[TupleRow], step: _Step) -> set[int]:
    """Who knows already: by another notice of the same matter, or by this one before it went to the office above."""
    told = conn.execute(SQL["told_of_matter"], {"notice": step.notice, "matter": step.matter}).fetchall()
    if step.act is Act.ESCALATED:
        told += conn.execute(SQL["told_of_notice"], {"notice": step.notice}).fetchall()
    return {person for (person,) in told}


def _tell_the_end(conn: Connection[TupleRow], step: _Step, settings: NoticeSettings, now: datetime) -> None:
    """Those who were told of a disturbance are told that it is over; what was still to be said is dropped."""
    conn.execute(SQL["drop_due"], {"notice": step.notice, "step": step.number, "now": now})
    _tell_programs(conn, step, now)
    if step.severity is not Severity.DISTURBANCE:
        return
    occasion = Occasion(step.act, step.severity, urgent=False, silent=_occasion(step, now).silent, flapping=False)
    today = now.astimezone(settings.zone).date()
    for person_id, opd, role in conn.execute(SQL["told_by_mail"], {"notice": step.notice}).fetchall():
        office = Office(opd, Role(role))
        for person in people_of_office(conn, office, today):
            if person.person_id == person_id:
                mails = [way for way in ways(person, occasion, settings, now) if way.channel is Channel.MAIL]
                _add(conn, step, person, office, mails, now)


def _hand_up(
    conn: Connection[TupleRow], notice: NoticeId, office: Office, settings: NoticeSettings, now: datetime
) -> None:
    above = superior(office, settings.walidata)
    named = {"id": notice, "opd": above.opd if above else None, "role": above.role.value if above else None}
    conn.execute(SQL["escalate"], named)
    if above is not None:
        add_step(conn, notice, Act.ESCALATED, above, SYSTEM, now)


def _tell_programs(conn: Connection[TupleRow], step: _Step, now: datetime) -> None:
    named = {"opd": step.office.opd, "role": step.office.role.value}
    for (webhook,) in conn.execute(SQL["webhooks_of_office"], named).fetchall():
        _write(
            conn,
            f"n{step.notice}.s{step.number}.w{webhook}",
            step,
            Way(Channel.WEBHOOK, Mode.SINGLE, now),
            now,
            webhook=webhook,
        )


def _add(
    conn: Connection[TupleRow], step: _Step, person: Recipient, office: Office, found: Iterable[Way], now: datetime
) -> None:
    for way in found:
        once = way.channel is Channel.APP  # one line per notice in the application, however often it is told
        dedupe = f"n{step.notice}.p{person.person_id}" if once else f"n{step.notice}.s{step.number}.p{person.person_id}"
        _write(conn, dedupe, step, way, now, person=person.person_id, office=office, acting=person.acting)


def _write(
    conn: Connection[TupleRow],
    dedupe: str,
    step: _Step,
    way: Way,
    now: datetime,
    *,
    person: int | None = None,
    webhook: int | None = None,
    office: Office | None = None,
    acting: str | None = None,
) -> None:
    conn.execute(
        SQL["add_delivery"],
        {
            "dedupe": dedupe,
            "notice": step.notice,
            "step": step.number,
            "person": person,
            "webhook": webhook,
            "opd": office.opd if office else None,
            "role": office.role.value if office else None,
            "acting": acting,
            "channel": way.channel.value,
            "mode": way.mode.value,
            "due_at": way.due_at,
            "now": now,
        },
    )

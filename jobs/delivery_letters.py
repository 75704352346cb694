"""Makes a letter of a message that is due, or says why it will never go out."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.statements import load
from identity.permissions import Role
from jobs import notices_texts as texts
from jobs.channels.letter import End, Letter, Outcome
from jobs.notices import Act, NoticeId, Office, Severity, State
from jobs.notices_settings import NoticeSettings
from jobs.notices_ways import Channel, Mode

SQL = load("jobs", "sql/delivery.sql")


@dataclass(frozen=True, slots=True)
class Due:
    """One row of the statement `letters`, in its order."""

    id: int
    dedupe: str
    channel_text: str
    mode: str
    made_at: datetime
    attempts: int
    person: int | None
    opd: str | None
    role: str | None
    acting: str | None
    shown_name: str | None
    email: str | None
    disabled: bool
    refused_sha256: bytes | None
    notice: int | None
    severity: str | None
    state: str | None
    at_opd: str | None
    at_role: str | None
    title: str | None
    body: str | None
    count: int | None
    raised_at: datetime | None
    last_seen_at: datetime | None
    cause: str | None
    kind: str | None
    act: str | None
    at: datetime | None
    webhook: int | None
    url: str | None
    generation: int | None
    switched_off: bool

    @property
    def channel(self) -> Channel:
        return Channel(self.channel_text)


def compose(conn: Connection[TupleRow], due: Due, settings: NoticeSettings) -> Letter | Outcome:
    """The letter, or the outcome that makes one needless."""
    if due.channel is Channel.WEBHOOK:
        return _for_a_program(due, settings)
    if due.disabled or not due.email:
        return Outcome(End.REFUSED, "no-address")
    if due.refused_sha256 == address_sha256(due.email):
        return Outcome(End.REFUSED, "address-refused-before")
    if due.mode == Mode.DIGEST:
        return _digest(conn, due, settings)
    told, act = _told(due), Act(str(due.act))
    name = due.shown_name or ""
    text = texts.mail(told, act, name, _as_whom(due), settings)
    return Letter(
        name=due.dedupe,
        thread=f"n{told.number}",
        to=due.email,
        to_name=name,
        subject=texts.subject(told, act, settings),
        text=text,
        made_at=due.made_at,
        facts={},
    )


def address_sha256(address: str) -> bytes:
    """How a refused address is kept: it is not written down, only recognised."""
    return hashlib.sha256(address.strip().lower().encode()).digest()


def _digest(conn: Connection[TupleRow], due: Due, settings: NoticeSettings) -> Letter | Outcome:
    lines = [_read(row) for row in conn.execute(SQL["lines_of_digest"], {"digest": due.id})]
    if not lines:
        return Outcome(End.REFUSED, "empty")
    return Letter(
        name=due.dedupe,
        thread=due.dedupe,
        to=due.email or "",
        to_name=due.shown_name or "",
        subject=texts.digest_subject(len(lines), settings),
        text=texts.digest(lines, due.shown_name or "", settings),
        made_at=due.made_at,
        facts={},
    )


def _for_a_program(due: Due, settings: NoticeSettings) -> Letter | Outcome:
    if due.switched_off or due.url is None:
        return Outcome(End.REFUSED, "switched-off")
    told = _told(due)
    short = texts.short_text(told, settings)
    return Letter(
        name=due.dedupe,
        thread=f"n{told.number}",
        to=due.url,
        to_name="",
        subject=told.title,
        text=short,
        made_at=due.made_at,
        facts=facts(due, told, short, settings),
        key=f"{due.webhook}.{due.generation}",
    )


def facts(due: Due, told: texts.Told, short: str, settings: NoticeSettings) -> dict[str, object]:
    """The body of a webhook (docs/explanation/notices.md)."""
    return {
        "id": due.dedupe,
        "notice": told.number,
        "cause": due.cause,
        "kind": due.kind,
        "act": due.act,
        "at": due.at.isoformat() if due.at else None,
        "severity": told.severity.value,
        "state": told.state.value,
        "office": {"opd": told.office.opd, "role": told.office.role.value},
        "title": told.title,
        "body": told.body,
        "short": short,
        "count": told.count,
        "raised_at": told.raised_at.isoformat(),
        "last_seen_at": told.last_seen_at.isoformat(),
        "link": texts.address(settings, texts.path(told.number)),
    }


def _told(due: Due) -> texts.Told:
    return _read(
        (
            due.notice,
            due.severity,
            due.state,
            due.at_opd,
            due.at_role,
            due.title,
            due.body,
            due.count,
            due.raised_at,
            due.last_seen_at,
        )
    )


def _read(row: TupleRow) -> texts.Told:
    number, severity, state, opd, role, title, body, count, raised_at, last_seen_at = row
    return texts.Told(
        number=NoticeId(number),
        severity=Severity(severity),
        state=State(state),
        office=Office(opd, Role(role)),
        title=title,
        body=body,
        count=count,
        raised_at=raised_at,
        last_seen_at=last_seen_at,
    )


def _as_whom(due: Due) -> str:
    if due.opd is None or due.role is None:
        return ""
    title = texts.office_title(Office(due.opd, Role(due.role)))
    return f"{due.acting} {title}" if due.acting else title

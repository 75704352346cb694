"""The watch: rules look at the hub, what they find is raised as notices, what they find no more is closed."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import TupleRow

from base.calendar import IsWorkingDay
from hub_db.connection import transaction
from hub_db.errors import HubDbError, Unreachable
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Notice, Office, Severity, close_causes, open_causes, raise_notice
from jobs.watch_settings import WatchSettings

SQL = load("jobs", "sql/watch.sql")
PREFIX = "watch"
EXCHANGE = "/pertukaran"  # the page of the exchange
BLIND = "blind"  # the cause of a rule that cannot see
BLIND_AGAIN_S = 30.0  # a rule that could not see looks again after this
WHAT_TO_DO = "## Yang dilakukan"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LogEnd:
    """First offset and end of the log of a partition."""

    topic: str
    topic_id: UUID
    partition: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class WatchContext:
    """What rules may ask for besides the database."""

    now: datetime
    zone: ZoneInfo
    worked: IsWorkingDay
    walidata: str  # OPD that owns the hub
    settings: WatchSettings = field(default_factory=WatchSettings)
    log_ends: Callable[[], Sequence[LogEnd]] | None = None  # raises Blind; None = this hub's Kafka is not looked at
    disks: Mapping[str, Path] = field(default_factory=dict)  # name for people → a folder on it


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause that a rule sees. Texts are Indonesian and hold no personal value."""

    subject: str  # stable, unique within the rule: "opd.dinas.dokumen"
    title: str
    body: str = ""
    office: Office | None = None  # None = the rule's owner
    severity: Severity | None = None  # None = the rule's
    urgent: bool | None = None  # None = the rule's
    level: int = 0
    link: str = ""


class Blind(Exception):
    """A rule cannot see now; why, as a sentence for people. What it found before stays as it is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule is this, its page `watch_rules/pages/<name>.md`, and a test that fires it by its real cause."""

    name: str
    title: str
    owner: Role  # of the Walidata
    severity: Severity
    look: Callable[[Connection[TupleRow], WatchContext], list[Finding]]
    every_s: float = 60.0
    urgent: bool = False
    link: str = ""  # the page where one sees more, if a finding names none


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one rule's look; `reason` is set when it could not see."""

    rule: str
    findings: tuple[Finding, ...] = ()
    closed: int = 0
    reason: str | None = None


def look_all(conn: Connection[TupleRow], context: WatchContext, rules: Sequence[Rule]) -> list[Looked]:
    """Let each rule look, in a transaction of its own; one that cannot see does not stop the others.

    `conn` must not be in a transaction. Raises Unreachable when the database is away.
    """
    return [_look(conn, context, rule) for rule in rules]


def look_due(conn: Connection[TupleRow], context: WatchContext, rules: Sequence[Rule]) -> list[Looked]:
    """The same for the rules whose time has come; several processes share the work."""
    with transaction(conn):
        looked = {name: (at, reason) for name, at, reason in conn.execute(SQL["looked"])}
    due = []
    for rule in rules:
        at, reason = looked.get(rule.name, (None, None))
        every_s = rule.every_s if reason is None else min(rule.every_s, BLIND_AGAIN_S)
        if at is None or context.now - at >= timedelta(seconds=every_s):
            due.append(rule)
    return look_all(conn, context, due)


def cause(rule: str, subject: str) -> str:
    """The stable name of what a rule found."""
    return f"{PREFIX}:{rule}:{subject}"


def page(rule: str) -> str:
    """What a rule's finding means and what to do, as Markdown in Indonesian."""
    return files("jobs").joinpath(f"watch_rules/pages/{rule}.md").read_text(encoding="utf-8")


def what_to_do(rule: str) -> str:
    """The page's second half, for mails."""
    return page(rule).partition(WHAT_TO_DO)[2].strip()


def _look(conn: Connection[TupleRow], context: WatchContext, rule: Rule) -> Looked:
    try:
        with transaction(conn):
            findings = rule.look(conn, context)
            closed = _enter(conn, context, rule, findings)
    except Unreachable:
        raise
    except (Blind, HubDbError) as error:
        reason = str(error) if isinstance(error, Blind) else f"Basis data menolak ({type(error).__name__})."
        log.warning("a rule of the watch cannot see", extra={"rule": rule.name, "reason": reason}, exc_info=error)
        with transaction(conn):
            _enter_blindness(conn, context, rule, reason)
        return Looked(rule.name, reason=reason)
    return Looked(rule.name, tuple(findings), closed)


def _enter(conn: Connection[TupleRow], context: WatchContext, rule: Rule, findings: Sequence[Finding]) -> int:
    seen = {cause(rule.name, finding.subject): finding for finding in findings}
    if len(seen) != len(findings):
        raise ValueError(f"rule {rule.name} found a subject twice")
    for name, finding in seen.items():
        raise_notice(conn, _notice(context, rule, name, finding), now=context.now)
    before = open_causes(conn, f"{PREFIX}:{rule.name}:")
    ended = [*(set(before) - seen.keys()), cause(BLIND, rule.name)]
    closed = close_causes(conn, ended, now=context.now, actor=PREFIX)
    _note_look(conn, context, rule, len(findings), None)
    return closed


def _enter_blindness(conn: Connection[TupleRow], context: WatchContext, rule: Rule, reason: str) -> None:
    """One look in vain is no news (a service is being started); the second one in a row is."""
    again = conn.execute(SQL["was_blind"], {"name": rule.name}).fetchone() == (True,)
    _note_look(conn, context, rule, 0, reason)
    if not again:
        return
    blindness = Notice(
        cause=cause(BLIND, rule.name),
        kind=f"{PREFIX}.{BLIND}",
        office=Office(context.walidata, Role.OPERATOR),
        severity=Severity.DISTURBANCE,
        title=f"Pengawasan {rule.title.lower()} tidak dapat berjalan.",
        body=f"{reason}\n\n{what_to_do(BLIND)}",
    )
    raise_notice(conn, blindness, now=context.now)


def _note_look(
    conn: Connection[TupleRow], context: WatchContext, rule: Rule, findings: int, reason: str | None
) -> None:
    named = {"name": rule.name, "now": context.now, "findings": findings, "reason": reason}
    conn.execute(SQL["note_look"], named)


def _notice(context: WatchContext, rule: Rule, name: str, finding: Finding) -> Notice:
    return Notice(
        cause=name,
        kind=f"{PREFIX}.{rule.name}",
        office=finding.office or Office(context.walidata, rule.owner),
        severity=finding.severity or rule.severity,
        title=finding.title,
        body="\n\n".join(part for part in (finding.body, what_to_do(rule.name)) if part),
        link=finding.link or rule.link,
        urgent=rule.urgent if finding.urgent is None else finding.urgent,
        level=finding.level,
    )

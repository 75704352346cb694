"""What the process of jobs does: the kinds of jobs of all rooms, their schedule, and the loops beside them.

A room's kind, schedule or loop is one line here.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic

from base import instance
from cli import provisioning, settings, watching
from cli.stack.roles import OWNER
from consumers import replay
from dashboard import weekly_numbers
from identity.actors import Actor
from identity.audit_anchors import ANCHOR_EVERY_S, anchor
from identity.audit_chain import SEAL_EVERY_S, Sealer
from jobs import (
    Kind,
    Loop,
    Scheduled,
    Session,
    conflict_job,
    duplicate_job,
    ended_references,
    load_job,
    load_preview,
    pruning,
    rebuild_job,
    ruling_job,
)
from registry.governance import effect_job, effect_reading, enforcement
from registry.provisioning import reader_schemas, recount_job, source_wishes
from registry.provisioning.reader_schemas import ReaderSchemas

KINDS: Sequence[Kind] = (
    pruning.KIND,
    effect_job.kind(lambda: settings.dsn(None, effect_reading.ROLE), lambda: instance.load(settings.load().instance)),
    recount_job.kind(lambda: settings.dsn(None, OWNER)),
    recount_job.effect_kind(lambda: settings.dsn(None, OWNER)),
    conflict_job.kind(lambda: settings.dsn(None, OWNER), lambda: instance.load(settings.load().instance)),
    ruling_job.kind(lambda: settings.dsn(None, OWNER)),
    duplicate_job.kind(lambda: settings.dsn(None, OWNER), lambda: instance.load(settings.load().instance)),
    load_job.kind(lambda: settings.dsn(None, OWNER), lambda: instance.load(settings.load().instance)),
    load_preview.kind(lambda: settings.dsn(None, OWNER)),
    *rebuild_job.kinds(lambda: settings.dsn(None, OWNER), lambda: instance.load(settings.load().instance)),
    ended_references.kind(lambda: settings.dsn(None, OWNER), lambda: _today()),
    weekly_numbers.kind(lambda: instance.load(settings.load().instance)),
    replay.kind(lambda: settings.kafka_settings(None, replay.PRINCIPAL)),
)
LOOK_FOR_ANCHOR_S = 10.0
RESTATE_EVERY_S = 1.0
ENFORCE_EVERY_S = 1.0
SCHEDULES: Sequence[Scheduled] = (
    pruning.SCHEDULE,
    ended_references.SCHEDULE,
    duplicate_job.SCHEDULE,
    weekly_numbers.SCHEDULE,
)


def loops(home: Path | None) -> list[Loop]:
    """The loops of this process, each with a connection of its own."""
    sealer = Sealer(settings.dsn(home, "simpul_jobs"))
    return [
        Loop("audit-seal", SEAL_EVERY_S, sealer.run, sealer.close),
        anchoring(home),
        watching.telling(home),
        watching.looking(home),
        watching.promising(home),
        enforcing(home),
        following(home),
        provisioning.keeping(home),
        feeding(home),
        conflict_job.looking(settings.dsn(home, OWNER), instance.load(settings.load().instance)),
    ]


def _today() -> date:
    return datetime.now(instance.load(settings.load().instance).zone).date()


def enforcing(home: Path | None) -> Loop:
    """What people approved takes effect here: tables are changed and versions made as the owner of the database."""
    session = Session(settings.dsn(home, OWNER), "simpul-enforce")

    def once() -> None:
        enforcement.enforce_approved(session(), by=Actor.process("jobs"), now=datetime.now(UTC))

    return Loop("contract-enforcement", ENFORCE_EVERY_S, once, session.close)


def feeding(home: Path | None) -> Loop:
    """Which topics of grants are fed and how is said here, as it numbers schemas."""
    readers = ReaderSchemas(settings.dsn(home, OWNER))
    return Loop("reader-schemas", reader_schemas.EVERY_S, readers.run, readers.close)


def following(home: Path | None) -> Loop:
    """States of sources follow decisions about cases; golden records follow the states: tables at once, records by a
    job."""
    session = Session(settings.dsn(home, OWNER), "simpul-restate")
    walidata = instance.load(settings.load(home).instance).sop.walidata
    return Loop("source-states", RESTATE_EVERY_S, lambda: _follow(session, walidata), session.close)


def _follow(session: Session, walidata: str) -> None:
    source_wishes.follow_wishes(session(), walidata=walidata, now=datetime.now(UTC))
    recount_job.follow_states(session())


def anchoring(home: Path | None) -> Loop:
    """The head of the audit's chain goes to its file outside of the database: the first one soon, then each hour."""
    folder, key = settings.audit_anchors(home)
    session = Session(settings.dsn(home, "simpul_jobs"), "simpul-anchor")
    last: list[float] = []

    def once() -> None:
        if last and monotonic() - last[0] < ANCHOR_EVERY_S:
            return
        if anchor(session(), folder, key, now=datetime.now(UTC)) is not None:
            last[:] = [monotonic()]

    return Loop("audit-anchor", LOOK_FOR_ANCHOR_S, once, session.close)

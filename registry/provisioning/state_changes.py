"""The act by which a source begins, or goes into another state: written down, audited and reported in one transaction.

What it opens or closes on Kafka follows from the state by itself (`registry/provisioning/sources.py`); the keeper
brings it about within seconds.
"""

from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import facts, sources
from hub_db.sources import Change, SourceState
from identity.actors import Actor, note
from identity.acts import Act
from schemas.names import DocumentName, OpdCode

REPORTER = "/simpul/registry"


def begin_in_sandbox(
    conn: Connection[TupleRow], opd: OpdCode, document: DocumentName, *, reason: str, by: Actor, now: datetime
) -> bool:
    """The source's first state, `uji`, with the approval of its first contract; False when it has a state already."""
    first = Change(opd, document, 1, SourceState.UJI, by.name, by.kind, by.role, reason, now)
    if not sources.begin(conn, first):
        return False
    _tell(conn, first, None, by)
    return True


def change_state(
    conn: Connection[TupleRow],
    opd: OpdCode,
    document: DocumentName,
    to: SourceState,
    *,
    reason: str,
    by: Actor,
    now: datetime,
) -> Change:
    """The state before. Raises NoSuchMove with what would be allowed, or with what the reason lacks."""
    change = Change(opd, document, 0, to, by.name, by.kind, by.role, reason, now)
    before = sources.move(conn, change)
    _tell(conn, change, before.state, by)
    return before


def _tell(conn: Connection[TupleRow], change: Change, before: SourceState | None, by: Actor) -> None:
    """The reason stays in the audit and beside the state: a fact is kept for ever and holds no free text."""
    note(
        conn,
        by,
        Act.SOURCE_STATE,
        f"source:{change.name}",
        now=change.at,
        opd=change.opd,
        before=before,
        after=change.state,
        reason=change.reason.strip(),
    )
    facts.report(
        conn,
        facts.Fact(
            "source.state-changed",
            change.name,
            {"before": before, "after": change.state},
            source=REPORTER,
            occurred_at=change.at,
            actor=by.name,
            role=by.role,
            unit=by.opd,
        ),
    )

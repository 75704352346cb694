"""A person's yes or no to a load that waits: with its reason, and an entry of the audit in the same transaction."""

from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import announced
from hub_db.announced import Announced
from identity.actors import Actor, note
from identity.acts import Act
from schemas.names import TopicName


def decide(
    conn: Connection[TupleRow], topic: TopicName, load: str, *, approved: bool, reason: str, by: Actor, now: datetime
) -> Announced:
    """Let a load be sent, or not; as it stands then. Raises NoSuchMove."""
    found = announced.decide(
        conn, topic, load, approved=approved, reason=reason, by=by.name, by_kind=by.kind, role=by.role, now=now
    )
    act = Act.LOAD_APPROVE if approved else Act.LOAD_REFUSE
    note(
        conn,
        by,
        act,
        f"load:{topic}/{load}",
        now=now,
        opd=topic.split(".")[1],
        reason=reason.strip(),
        changed=found.counts.changed,
        deleted=found.counts.deleted,
        source_rows=found.counts.source_rows,
    )
    return found

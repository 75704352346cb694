"""Entries of the audit wait for their seal; somebody opens many masked values."""

from datetime import timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import duration, number
from identity.audit_chain import unsealed
from identity.looks import mass_looks
from identity.permissions import Role
from jobs.notices import Severity
from jobs.watch import Finding, Rule, WatchContext


def unsealed_entries(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    waiting = unsealed(conn)
    if waiting.oldest_at is None:
        return []
    age_s = (context.now - waiting.oldest_at).total_seconds()
    if age_s < context.settings.unsealed_s:
        return []
    title = f"{number(waiting.count)} catatan audit belum disegel sejak {duration(age_s)}."
    return [Finding(subject="entries", title=title)]


def many_looks(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    since = context.now - timedelta(hours=1)
    return [
        Finding(
            subject=f"{look.actor_kind}:{look.actor}",
            title=f"{look.actor} membuka {number(look.looks)} data pribadi dalam satu jam.",
            body=f"OPD: {look.opd or 'tidak tercatat'}. Tujuan setiap pembukaan tercatat dalam jejak audit.",
        )
        for look in mass_looks(conn, since=since, most=context.settings.looks_an_hour)
    ]


UNSEALED = Rule(
    "unsealed-audit", "Segel jejak audit", Role.OPERATOR, Severity.DISTURBANCE, unsealed_entries, urgent=True
)
MASS_LOOKS = Rule("mass-looks", "Pembukaan data pribadi", Role.AUDITOR, Severity.DISTURBANCE, many_looks, urgent=True)

"""What the hub has to publish does not leave."""

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import duration, moment
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Severity
from jobs.watch import EXCHANGE, Finding, Rule, WatchContext

SQL = load("jobs", "sql/watch_exchange.sql")
_WHAT = {
    "rounds": "Penerbitan yang sudah dimulai",
    "changes": "Perubahan data rujukan",
    "letters": "Data yang dikembalikan",
    "facts": "Fakta SOP",
}


def look(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    findings = []
    for what, oldest in conn.execute(SQL["unpublished"]):
        age_s = 0.0 if oldest is None else (context.now - oldest).total_seconds()
        if age_s >= context.settings.outbox_s:
            findings.append(
                Finding(
                    subject=what,
                    title=f"{_WHAT[what]} belum terkirim sejak {duration(age_s)}.",
                    body=f"Yang terlama menunggu sejak {moment(oldest, context.zone)}.",
                )
            )
    return findings


RULE = Rule("outbox", "Pengiriman dari hub", Role.OPERATOR, Severity.DISTURBANCE, look, urgent=True, link=EXCHANGE)

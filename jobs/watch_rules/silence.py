"""A document is silent past its promise: no event on a working day, or for the days that its contract names."""

from psycopg import Connection
from psycopg.rows import TupleRow

from base.freshness import is_stale, promise, worked_days
from base.indonesian import moment, number
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Office, Severity
from jobs.watch import EXCHANGE, Finding, Rule, WatchContext

SQL = load("jobs", "sql/watch_exchange.sql")


def look(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    findings = []
    for opd, document, freshness, provisioned_at, newest in conn.execute(SQL["newest_events"]):
        since = newest or provisioned_at
        if not is_stale(since, freshness, now=context.now, zone=context.zone, worked=context.worked):
            continue
        local = since.astimezone(context.zone).date()
        days = worked_days(local, context.now.astimezone(context.zone).date(), context.worked)
        ago = f"pembaruan terakhir {number(days)} hari kerja lalu" if newest else "belum pernah ada data"
        findings.append(
            Finding(
                subject=f"opd.{opd}.{document}",
                title=f"Data {opd}.{document} tidak mutakhir: {ago}, janji {promise(freshness)}.",
                body=f"Pembaruan terakhir: {moment(newest, context.zone) if newest else 'belum ada'}.",
                office=Office(opd, Role.OPD_ADMIN),
            )
        )
    return findings


RULE = Rule("silence", "Kemutakhiran data", Role.OPERATOR, Severity.DISTURBANCE, look, every_s=300, link=EXCHANGE)

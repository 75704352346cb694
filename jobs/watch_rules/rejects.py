"""Many events of a document are returned."""

from datetime import timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import decimal, number
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Office, Severity
from jobs.watch import EXCHANGE, Finding, Rule, WatchContext

SQL = load("jobs", "sql/watch_exchange.sql")


def look(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    settings = context.settings
    since = context.now - timedelta(hours=settings.reject_window_h)
    named = {"since": since, "at_least": settings.reject_at_least}
    findings = []
    for opd, document, records, dead in conn.execute(SQL["returned"], named).fetchall():
        share = dead / records
        if share <= settings.reject_share:
            continue
        bad = share > settings.reject_disturbance_share
        most = conn.execute(SQL["returned_most"], {"topic": f"opd.{opd}.{document}", "since": since}).fetchone()
        findings.append(
            Finding(
                subject=f"opd.{opd}.{document}",
                title=f"{decimal(share * 100, 1)} % data {opd}.{document} dikembalikan.",
                body=f"{number(int(dead))} dari {number(int(records))} kejadian dalam "
                f"{settings.reject_window_h} jam terakhir dikembalikan."
                + (f" Sebab terbanyak: {most[0]}{f' pada kolom {most[1]}' if most[1] else ''}." if most else ""),
                office=Office(opd, Role.OPD_ADMIN),
                severity=Severity.DISTURBANCE if bad else Severity.ATTENTION,
            )
        )
    return findings


RULE = Rule("rejects", "Data yang dikembalikan", Role.OPERATOR, Severity.ATTENTION, look, every_s=300, link=EXCHANGE)

"""Records that others refer to are not registered, or have ended: both agencies are told."""

from datetime import timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import moment, number
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Office, Severity
from jobs.watch import EXCHANGE, Finding, Rule, WatchContext
from schemas.formats import FORMATS

SQL = load("jobs", "sql/watch_exchange.sql")


def unregistered(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    """One cause for the agency that sends, and one for each agency that could register what it names."""
    before = context.now - timedelta(hours=context.settings.unregistered_h)
    findings = []
    for opd, document, entity, form, count, oldest, registrars in conn.execute(
        SQL["unregistered"], {"before": before}
    ).fetchall():
        key = FORMATS[form].label if form in FORMATS else f"Kunci {entity}"
        body = f"Yang terlama menunggu sejak {moment(oldest, context.zone)}. OPD yang mendaftarkan {entity}: "
        findings += [
            Finding(
                subject=f"opd.{opd}.{document}:{entity}:{office}",
                title=f"{key} belum terdaftar: {number(count)} data {opd}.{document} menunggu {entity}.",
                body=body + (", ".join(registrars) or "belum ada") + ".",
                office=Office(office, Role.OPD_ADMIN),
            )
            for office in sorted({opd, *registrars})
        ]
    return findings


def ended(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    """One cause for each document: its rows that name records that have ended, as the daily look has found them."""
    return [
        Finding(
            subject=f"opd.{opd}.{document}",
            title=f"{number(int(rows))} baris {opd}.{document} merujuk data yang sudah berakhir.",
            body=f"Kolom: {', '.join(fields)}. Diperiksa {moment(seen_at, context.zone)}.",
            office=Office(opd, Role.OPD_ADMIN),
        )
        for opd, document, rows, fields, seen_at in conn.execute(SQL["ended"]).fetchall()
    ]


UNREGISTERED = Rule(
    "unregistered", "Rujukan belum terdaftar", Role.STEWARD, Severity.ATTENTION, unregistered, 600.0, link=EXCHANGE
)
ENDED = Rule(
    "ended-references", "Rujukan sudah berakhir", Role.STEWARD, Severity.ATTENTION, ended, 3600.0, link=EXCHANGE
)

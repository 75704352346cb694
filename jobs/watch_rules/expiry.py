"""Something ends soon: a service token, a grant, a PKS. Told 30, 7 and 1 days before, and for a week after."""

import math
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import moment, number
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Office, Severity
from jobs.watch import Finding, Rule, WatchContext

SQL = load("jobs", "sql/watch_house.sql")


def tokens(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    return [
        _finding(
            context,
            subject=str(token),
            what=f"Token layanan {hint}… milik {opd}/{system} ({purpose})",
            ends_at=ends_at,
            office=Office(opd, Role.OPD_ADMIN),
            link="/token",
        )
        for token, hint, opd, system, purpose, ends_at in conn.execute(SQL["expiring_tokens"], _window(context))
    ]


def grants(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    """Told to both sides: who reads, and who owns the data."""
    found = []
    for grant, reader, entity, ends_at, owner in conn.execute(SQL["expiring_grants"], _window(context)):
        sides = {str(grant): reader, f"{grant}:pemilik": owner} if owner not in (None, reader) else {str(grant): reader}
        found += [
            _finding(
                context,
                subject=subject,
                what=f"Hak Akses {reader} atas {entity}",
                ends_at=ends_at,
                office=Office(opd, Role.OPD_ADMIN),
                link="/hak-akses" if opd == reader else "/permohonan-akses",
            )
            for subject, opd in sides.items()
        ]
    return found


def agreements(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    return [
        _finding(
            context,
            subject=name,
            what=f"PKS {name} dengan {reader}",
            ends_at=ends_at,
            office=None,
            link="/hak-akses",
            more=f" {number(grants_of_it)} Hak Akses berakhir bersamanya.",
        )
        for name, reader, ends_at, grants_of_it in conn.execute(SQL["expiring_agreements"], _window(context))
    ]


def _window(context: WatchContext) -> dict[str, datetime]:
    settings = context.settings
    return {
        "until": context.now + timedelta(days=max(settings.expiry_days)),
        "since": context.now - timedelta(days=settings.expired_days),
    }


def _finding(
    context: WatchContext,
    *,
    subject: str,
    what: str,
    ends_at: datetime,
    office: Office | None,
    link: str,
    more: str = "",
) -> Finding:
    days = math.ceil((ends_at - context.now) / timedelta(days=1))
    passed = [each for each in context.settings.expiry_days if days <= each]
    over = ends_at <= context.now
    when = "sudah berakhir" if over else f"berakhir dalam {number(days)} hari"
    urgent_days = min(context.settings.expiry_days)
    return Finding(
        subject=subject,
        title=f"{what} {when}.",
        body=f"Berlaku sampai {moment(ends_at, context.zone)}.{more}",
        office=office,
        severity=Severity.DISTURBANCE if days <= urgent_days else Severity.ATTENTION,
        level=len(passed) + over,
        link=link,
    )


_EVERY_S = 3600.0
TOKENS = Rule("token-expiry", "Masa berlaku token layanan", Role.OPERATOR, Severity.ATTENTION, tokens, _EVERY_S)
GRANTS = Rule("grant-expiry", "Masa berlaku Hak Akses", Role.TIM_TEKNIS, Severity.ATTENTION, grants, _EVERY_S)
AGREEMENTS = Rule("agreement-expiry", "Masa berlaku PKS", Role.KABID_APTIKA, Severity.ATTENTION, agreements, _EVERY_S)

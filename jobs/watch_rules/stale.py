"""A whole source has gone stale: most of what it sends is older than what the hub has. Its numbering has restarted."""

from datetime import timedelta
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import moment, number
from hub_db import stale
from hub_db.stale import Standing
from identity.permissions import Role
from jobs.notices import Office, Severity
from jobs.watch import EXCHANGE, Finding, Rule, WatchContext

LOOKED_BACK: Final = timedelta(days=7)


def look(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    """One cause for the operator and one for the owner; it ends with a new epoch, or when newer events come again."""
    found = [each for each in stale.sources(conn, context.now - LOOKED_BACK) if each.is_stale]
    return [_finding(each, office, context) for each in found for office in _offices(each, context)]


def _offices(found: Standing, context: WatchContext) -> list[Office]:
    opd = found.topic.split(".")[1]
    return [Office(context.walidata, Role.OPERATOR), Office(opd, Role.OPD_ADMIN)]


def _finding(found: Standing, office: Office, context: WatchContext) -> Finding:
    name = found.topic.partition(".")[2]
    first, last = (moment(at, context.zone) for at in (found.first_at, found.last_at))
    counts = f"{number(found.older)} dari {number(found.events)} kejadian terakhir"
    return Finding(
        subject=f"{found.topic}:{office.opd}.{office.role}",
        title=f"Sumber {name} tertinggal: {counts} lebih tua daripada isi hub.",
        body=f"Sejak {first}, terakhir {last}. Data hub tidak berubah oleh kejadian itu. Biasanya penomoran di sistem "
        "asal dimulai lagi, misalnya setelah cadangan dipulihkan. Operator membandingkannya dengan isi hub: "
        f"'./simpul source epoch {name}'.",
        office=office,
    )


RULE = Rule("stale-source", "Sumber yang tertinggal", Role.OPERATOR, Severity.DISTURBANCE, look, 60.0, link=EXCHANGE)

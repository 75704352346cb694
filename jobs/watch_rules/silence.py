"""A document is silent past its promise: no event on a working day, or for the days that its contract names."""

import re
from datetime import date, datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import moment, number
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Office, Severity
from jobs.notices_ways import IsWorkingDay
from jobs.watch import EXCHANGE, Finding, Rule, WatchContext

SQL = load("jobs", "sql/watch_exchange.sql")
_DURATION = re.compile(r"P(?:([0-9]+)([DWMY])|T([0-9]+)([HM]))")
_DAYS = {"D": 1, "W": 7, "M": 31, "Y": 366}
_WORDS = {"D": "hari", "W": "minggu", "M": "bulan", "Y": "tahun", "H": "jam", "m": "menit"}


def look(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    findings = []
    for opd, document, freshness, provisioned_at, newest in conn.execute(SQL["newest_events"]):
        since = newest or provisioned_at
        if not is_stale(since, freshness, context):
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


def is_stale(since: datetime, freshness: str, context: WatchContext) -> bool:
    """Whether the promise is broken: "P1D" means the end of the next working day, other days are calendar days."""
    match = _DURATION.fullmatch(freshness)
    if match is None:
        return False
    if match[3]:
        unit = timedelta(hours=1) if match[4] == "H" else timedelta(minutes=1)
        return context.now - since > int(match[3]) * unit
    local = since.astimezone(context.zone).date()
    today = context.now.astimezone(context.zone).date()
    if freshness == "P1D":
        return today > next_worked(local, context.worked)
    return today > next_worked(local + timedelta(days=int(match[1]) * _DAYS[match[2]] - 1), context.worked)


def next_worked(day: date, worked: IsWorkingDay) -> date:
    """The first working day after `day`."""
    day += timedelta(days=1)
    while not worked(day):
        day += timedelta(days=1)
    return day


def worked_days(after: date, until: date, worked: IsWorkingDay) -> int:
    """Working days later than `after`, up to and with `until`."""
    return sum(worked(after + timedelta(days=each)) for each in range(1, (until - after).days + 1))


def promise(freshness: str) -> str:
    """ "1 hari kerja", "7 hari"."""
    match = _DURATION.fullmatch(freshness)
    if match is None:
        return freshness
    if freshness == "P1D":
        return "1 hari kerja"
    return f"{match[1] or match[3]} {_WORDS[match[2] or match[4].replace('M', 'm')]}"


RULE = Rule("silence", "Kemutakhiran data", Role.OPERATOR, Severity.DISTURBANCE, look, every_s=300, link=EXCHANGE)

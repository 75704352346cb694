"""A field of a document suddenly looks otherwise than in the last eight working weeks: valid, but perhaps wrong."""

from datetime import date
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import day as day_text
from base.indonesian import number
from hub_db import layouts
from hub_db.profiles.reading import Profile, newest, profile
from identity.permissions import Role
from jobs.notices import Office, Severity
from jobs.watch import Finding, Rule, WatchContext

MOST_TOLD: Final = 8  # fields in the text of a notice; the page has all


def look(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    """One cause for the owner and one for the steward, for each document whose newest judged day has jumped."""
    days = newest(conn, context.now.astimezone(context.zone).date())
    contracts = [each for each in layouts.contracts(conn) if each.topic in days]
    found = [profile(conn, each, days[each.topic], context.worked) for each in contracts]
    offices = [Office(context.walidata, Role.STEWARD)]
    return [
        _finding(each, office)
        for each in found
        if each.jumped
        for office in [Office(each.contract.opd, Role.OPD_ADMIN), *offices]
    ]


def _finding(found: Profile, office: Office) -> Finding:
    jumped, name = found.jumped, found.contract.name
    fields = ", ".join(each.field.name for each in jumped[:3]) + ("" if len(jumped) <= 3 else ", …")
    lines = [f"- {each.field.name}: {'; '.join(each.sentences)}" for each in jumped[:MOST_TOLD]]
    rest = len(jumped) - MOST_TOLD
    lines += [f"- dan {number(rest)} isian lain"] if rest > 0 else []
    return Finding(
        subject=f"opd.{name}:{office.opd}.{office.role}",
        title=f"{number(len(jumped))} isian {name} tiba-tiba lain pada {day_text(found.day)}: {fields}.",
        body="Datanya sah menurut kontrak, tetapi lain daripada delapan minggu kerja terakhir:\n\n" + "\n".join(lines),
        office=office,
        level=len(jumped),
        link=way(found.contract.opd, found.contract.document, found.day),
    )


def way(opd: str, document: str, day: date) -> str:
    """The page that shows the profile of a day."""
    return f"/katalog/{opd}/{document}/profil?hari={day.isoformat()}"


RULE = Rule("profiles", "Isian yang tiba-tiba lain", Role.STEWARD, Severity.ATTENTION, look, every_s=900.0)

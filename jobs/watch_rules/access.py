"""Access: a request waits at a desk, was answered, or data of a grant that is over are not said to be deleted."""

from datetime import timedelta
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import moment, number
from hub_db.statements import load
from identity.deletions import due
from identity.opds import EVERYWHERE
from identity.permissions import ROLES_OF_ANY_OPD, Role
from jobs.notices import Office, Severity
from jobs.watch import Finding, Rule, WatchContext

SQL = load("jobs", "sql/watch_access.sql")
REMIND_DAYS: Final = 3  # a request that waits is told again after so many
DELETE_DAYS: Final = 7  # a deletion, after so many
LATE_DELETION_DAYS: Final = 30
ANSWERED_DAYS: Final = 7  # how long an answer is news
_DAY = timedelta(days=1)


def waiting(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    return [
        Finding(
            subject=f"{request}:{state}",
            title=f"Permohonan akses {request} ({reader} atas {document}) menunggu putusan Anda.",
            body=f"Sejak {moment(since, context.zone)}.",
            office=Office(owner, Role.OPD_ADMIN) if state == "asked" else Office(context.walidata, Role.KEPALA_DINAS),
            level=int((context.now - since) / (REMIND_DAYS * _DAY)),
            link=f"/permohonan-akses/{request}",
        )
        for request, reader, owner, document, state, since in conn.execute(SQL["undecided"])
    ]


def answered(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    since = context.now - ANSWERED_DAYS * _DAY
    return [
        Finding(
            subject=str(request),
            title=f"Permohonan akses {request} atas {document} "
            + ("disetujui; Hak Akses diberikan." if state == "granted" else "tidak disetujui."),
            body=f"Diputuskan {moment(at, context.zone)}; alasannya ada pada halaman permohonan.",
            office=Office(reader, _office_of(role)),
            link=f"/permohonan-akses/{request}",
        )
        for request, reader, document, state, at, role in conn.execute(SQL["answered"], {"since": since})
    ]


def deletions(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    found = []
    for task in due(conn, EVERYWHERE, now=context.now):
        days = int((context.now - task.over_at) / _DAY)
        how = "dicabut" if task.revoked else "berakhir"
        found.append(
            Finding(
                subject=str(task.id),
                title=f"Data dari Hak Akses {task.id} atas {task.entity} perlu dihapus; Hak Aksesnya sudah {how}.",
                body=f"Sejak {moment(task.over_at, context.zone)}, {number(days)} hari yang lalu.",
                office=Office(task.reader, Role.OPD_ADMIN),
                severity=Severity.DISTURBANCE if days >= LATE_DELETION_DAYS else Severity.ATTENTION,
                level=days // DELETE_DAYS,
                link=f"/permohonan-akses/penghapusan/{task.id}",
            )
        )
    return found


def _office_of(role: str | None) -> Role:
    """The office that asked: a role of an agency; what a command or the Walidata asked goes to the agency's admin."""
    asked = Role(role) if role else Role.OPD_ADMIN
    return asked if asked in ROLES_OF_ANY_OPD else Role.OPD_ADMIN


WAITING = Rule("access-waiting", "Permohonan akses menunggu", Role.KEPALA_DINAS, Severity.ATTENTION, waiting)
ANSWERED = Rule("access-answered", "Permohonan akses diputuskan", Role.TIM_TEKNIS, Severity.INFO, answered)
DELETIONS = Rule(
    "data-deletion", "Penghapusan data setelah Hak Akses", Role.PEJABAT_PENGAWAS, Severity.ATTENTION, deletions, 3600.0
)

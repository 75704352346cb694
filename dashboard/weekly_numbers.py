"""The numbers of each week: on the page of statistics, and on Mondays to those who lead.

Submitted, confirmed, sent back, live, ended in the week; open and late at its end. The notice tells the week that is
over, each number beside that of the week before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base import indonesian
from base.calendar import local_date
from base.instance import Instance
from dashboard.case_statistics import SQL
from identity.opds import EVERYWHERE
from identity.permissions import Role
from jobs.job import Job
from jobs.kinds import Kind, Step
from jobs.notices import Notice, Office, Severity, close_causes, open_causes, raise_notice
from jobs.schedule import Scheduled, Weekly
from sop.procedure import book
from sop.sought import Reach, of_reach

NAME: Final = "weekly_numbers"
SCHEDULE: Final = Scheduled("angka-mingguan", NAME, Weekly(0, time(6, 30)))
WEEKS: Final = 6  # on the page
PREFIX: Final = "case:mingguan:"
TOLD: Final = (Role.KEPALA_DINAS, Role.KABID_APTIKA, Role.PEJABAT_PENGAWAS)


@dataclass(frozen=True, slots=True)
class Week:
    """One week, from Monday on; the one that runs ends today."""

    first: date
    last: date
    submitted: int
    ended: int
    confirmed: int
    returned: int
    live: int
    open: int  # cases at the end of the week
    late: int  # of those

    @property
    def is_busy(self) -> bool:
        """Whether there was anything to tell of it."""
        return any((self.submitted, self.ended, self.confirmed, self.returned, self.live, self.open))

    @property
    def title(self) -> str:
        """ "23 sampai 29 November 2026"; what both days share is said once."""
        first, last = indonesian.day(self.first), indonesian.day(self.last)
        if first == last:
            return last
        told, shared = first.split(" "), last.split(" ")
        while told[-1] == shared[-1]:
            told.pop()
            shared.pop()
        return f"{' '.join(told)} sampai {last}"


def weeks(
    conn: Connection[TupleRow], reach: Reach, on: date, *, opd: str | None = None, count: int = WEEKS
) -> list[Week]:
    """So many weeks up to a day, the newest first, as the boards have them."""
    monday = on - timedelta(days=on.weekday())
    asked = {"first": monday - timedelta(weeks=count - 1), "on": on, "deciding": book().newest.deciding, "opd": opd}
    return [Week(*row) for row in conn.execute(SQL["weeks"], {**of_reach(reach), **asked})]


def tell(conn: Connection[TupleRow], walidata: str, on: date, *, now: datetime) -> str:
    """Tell the week that ended before the day; whoever holds two of the offices reads it once.

    Nothing is told while there are no requests. Returns its sentence.
    """
    sunday = on - timedelta(days=on.weekday() + 1)
    week, before = weeks(conn, EVERYWHERE, sunday, count=2)
    if not (week.is_busy or before.is_busy):
        close_causes(conn, open_causes(conn, PREFIX), now=now)
        return "Tidak ada permohonan pada dua minggu terakhir, jadi tidak ada angka yang disampaikan."
    matter = f"{PREFIX}{week.first.isoformat()}"
    title = (
        f"Angka minggu {week.title}: {indonesian.number(week.submitted)} permohonan baru, "
        f"{indonesian.number(week.open)} terbuka, {indonesian.number(week.late)} terlambat."
    )
    causes = {role: f"{matter}:{role}" for role in TOLD}
    for role, cause in causes.items():
        notice = Notice(
            cause=cause,
            matter=matter,
            kind="case.weekly",
            office=Office(walidata, role),
            severity=Severity.INFO,
            title=title,
            body="\n".join(_lines(week, before)),
            link="/statistik-permohonan#h-minggu",
        )
        raise_notice(conn, notice, now=now)
    close_causes(conn, [each for each in open_causes(conn, PREFIX) if each not in causes.values()], now=now)
    return title


def _lines(week: Week, before: Week) -> list[str]:
    numbers = (
        ("Permohonan baru", week.submitted, before.submitted),
        ("Tahap ditegaskan", week.confirmed, before.confirmed),
        ("Tahap dikembalikan", week.returned, before.returned),
        ("Menjadi Integrasi Aktif", week.live, before.live),
        ("Permohonan berakhir", week.ended, before.ended),
        ("Terbuka pada akhir minggu", week.open, before.open),
        ("Di antaranya terlambat", week.late, before.late),
    )
    return [
        f"{word}: {indonesian.number(now)} (minggu sebelumnya {indonesian.number(then)})" for word, now, then in numbers
    ]


def kind(instance: Callable[[], Instance]) -> Kind:
    """The kind of job, one step."""

    def step(conn: Connection[TupleRow], job: Job) -> Step:
        here, now = instance(), datetime.now(UTC)
        told = tell(conn, here.sop.walidata, local_date(now, here.zone), now=now)
        return Step(None, 1, total=1, finished=True, message=told)

    return Kind(NAME, "Menyampaikan angka mingguan permohonan", step)

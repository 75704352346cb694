"""How good a document's data are today: fresh as promised, and what was accepted, waited or was returned day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from base.calendar import IsWorkingDay
from base.freshness import is_stale, promise, worked_days
from base.indonesian import duration, number
from base.instance import Instance
from dashboard.catalogue import SQL, Entry
from dashboard.exchange import Tally
from dashboard.wording import Badge, share
from hub_db.calendar import working_calendar
from schemas.names import TopicName

DAYS = 30  # that the curves show, today among them
REASONS = 5  # that the page of a document names
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400

FRESH = Badge("ok", "ok", "Mutakhir")
STALE = Badge("bad", "late", "Tidak mutakhir")
EMPTY = Badge("known", "info", "Belum ada data")
CLOSED = Badge("", "held", "Belum dibuka")
# The badges by the word of the filter.
STATES: Mapping[str, Badge] = {"mutakhir": FRESH, "tidak-mutakhir": STALE, "belum-ada": EMPTY, "belum-dibuka": CLOSED}


@dataclass(frozen=True, slots=True)
class Quality:
    """A document today. `today.parked` are the events that wait now, whenever they came."""

    badge: Badge
    ago: str  # "12 menit lalu", "belum pernah ada data"
    promise: str  # "1 hari kerja"
    newest_at: datetime | None
    today: Tally

    @property
    def sentence(self) -> str:
        """Whether the promise is kept, in words."""
        if self.badge is CLOSED:
            return "Kontraknya disetujui; hub belum menerima datanya."
        if self.newest_at is None:
            return f"Belum pernah ada data; janji pembaruan {self.promise}."
        stale = "Data ini tidak mutakhir: pembaruan" if self.badge is STALE else "Pembaruan"
        return f"{stale} terakhir {self.ago}, janji {self.promise}."

    @property
    def line(self) -> str:
        """Today in one line: "1.397 diterima, 28 dikembalikan"."""
        parts = [f"{number(self.today.accepted)} diterima"] if self.today.accepted else []
        parts += [f"{number(self.today.known)} sudah dikenal"] if self.today.known else []
        parts += [f"{number(self.today.dead)} dikembalikan"] if self.today.dead else []
        parts += [f"{number(self.today.parked)} menunggu"] if self.today.parked else []
        return ", ".join(parts) or "Belum ada kejadian hari ini"

    @property
    def is_returning(self) -> bool:
        return self.today.dead > 0

    @property
    def accepted_share(self) -> str:
        """ "98 %" of what was settled today."""
        return share(self.today.accepted + self.today.known, self.today.records)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why events were returned; shapes and rules, never values."""

    fault: str
    code: str
    field: str | None
    expected: str
    letters: int


@dataclass(frozen=True, slots=True)
class Course:
    """The last DAYS days of one document, the oldest first."""

    days: tuple[date, ...]
    tallies: tuple[Tally, ...]

    def of(self, state: str) -> list[int]:
        """ "accepted", "known", "parked" or "dead" of each day."""
        return [getattr(tally, state) for tally in self.tallies]

    def total(self, state: str) -> int:
        return sum(self.of(state))

    def most(self, state: str) -> int:
        return max(self.of(state), default=0)


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment, here."""

    now: datetime
    zone: tzinfo
    worked: IsWorkingDay

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def begins(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone)


def clock(conn: Connection[TupleRow], instance: Instance, now: datetime) -> Clock:
    return Clock(now, instance.zone, working_calendar(conn, instance).is_working_day)


def qualities(conn: Connection[TupleRow], entries: Sequence[Entry], at: Clock) -> dict[TopicName, Quality]:
    """Each document today."""
    totals = {TopicName(topic): (newest, parked) for topic, newest, parked in conn.execute(SQL["totals"])}
    today = {topic: tallies.get(at.today, Tally()) for topic, tallies in _days(conn, at, at.today, None).items()}
    found = {}
    for entry in entries:
        topic = entry.contract.topic
        newest, parked = totals.get(topic, (None, 0))
        tally = today.get(topic, Tally())
        shown = Tally(tally.records, tally.accepted, tally.known, parked, tally.dead)
        found[topic] = quality(entry, newest, shown, at)
    return found


def quality(entry: Entry, newest: datetime | None, today: Tally, at: Clock) -> Quality:
    """What the figures say."""
    freshness = entry.contract.freshness
    since = newest or entry.provisioned_at
    if since is None:
        badge = CLOSED
    elif is_stale(since, freshness, now=at.now, zone=at.zone, worked=at.worked):
        badge = STALE
    else:
        badge = FRESH if newest else EMPTY
    return Quality(badge, ago(newest, at), promise(freshness), newest, today)


def ago(since: datetime | None, at: Clock) -> str:
    """How long it is, in one unit; days are working days."""
    if since is None:
        return "belum pernah ada data"
    seconds = max(0.0, (at.now - since).total_seconds())
    if seconds < _MINUTE_S:
        return "baru saja"
    if seconds < _DAY_S:
        unit = _HOUR_S if seconds >= _HOUR_S else _MINUTE_S
        return f"{duration(seconds // unit * unit)} lalu"
    days = worked_days(since.astimezone(at.zone).date(), at.today, at.worked)
    return f"{number(days)} hari kerja lalu" if days else f"{duration(seconds // _DAY_S * _DAY_S)} lalu"


def course(conn: Connection[TupleRow], topic: TopicName, at: Clock) -> Course:
    """The last days of one document. What still waits counts on the day it came, all else on the day it was settled."""
    first = at.today - timedelta(days=DAYS - 1)
    settled = _days(conn, at, first, topic).get(topic, {})
    values = {"topic": topic, "zone": str(at.zone), "since": at.begins(first)}
    waiting: dict[date, int] = dict(conn.execute(SQL["waiting_days"], values).fetchall())
    days = tuple(first + timedelta(days=each) for each in range(DAYS))
    tallies = []
    for day in days:
        found = settled.get(day, Tally())
        tallies.append(Tally(found.records, found.accepted, found.known, waiting.get(day, 0), found.dead))
    return Course(days, tuple(tallies))


def reasons(conn: Connection[TupleRow], topic: TopicName, at: Clock) -> list[Reason]:
    """Why events were returned in the last days, the commonest first."""
    since = at.begins(at.today - timedelta(days=DAYS - 1))
    with conn.cursor(row_factory=class_row(Reason)) as cursor:
        return cursor.execute(SQL["reasons"], {"topic": topic, "since": since, "limit": REASONS}).fetchall()


def _days(
    conn: Connection[TupleRow], at: Clock, first: date, topic: TopicName | None
) -> dict[TopicName, dict[date, Tally]]:
    values = {"topic": topic, "zone": str(at.zone), "since": at.begins(first)}
    found: dict[TopicName, dict[date, Tally]] = {}
    for name, day, records, accepted, known, dead in conn.execute(SQL["days"], values):
        found.setdefault(TopicName(name), {})[day] = Tally(records, accepted, known, 0, dead)
    return found

"""Courses of cases for measurements: decided by the machine once for each stage, then told of as many as wanted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from base.calendar import Calendar
from sop.actors import SYSTEM, Actor, Office
from sop.case import Attempt, Case
from sop.commands import (
    Attach,
    Begin,
    Command,
    Confirm,
    Expected,
    Fact,
    File,
    Freeze,
    Letter,
    Report,
    Rework,
    Seal,
    Sign,
    State,
    Submit,
)
from sop.events import Event
from sop.folding import apply
from sop.machine import decide
from sop.moments import Moment, World
from sop.procedure import Book, Side

OPD: Final = "bench"
DOCUMENT: Final = f"{OPD}.contoh"
ENTERED: Final = date(2026, 1, 5)
READ_ON: Final = date(2026, 3, 6)  # when all of it has happened
NOTES_A_DAY: Final = 4
WHY: Final = "Catatan yang dibuat untuk pengukuran."
_SINCE: Final = date(2020, 1, 1)
_PDF: Final = File("0" * 64, "application/pdf", 1_000)
_ROLES: Final = ("tim_teknis", "pejabat_pengawas", "kabid_aptika")


@dataclass
class _Course:
    """One case on its way; each command is a second after the last, each stage takes some days."""

    calendar: Calendar
    book: Book
    walidata: str
    zone: tzinfo
    case: Case | None = None
    events: list[Event] = field(default_factory=list)
    seconds: int = 0
    on: date = ENTERED

    def do(self, command: Command, by: Actor) -> None:
        self.seconds += 1
        at = datetime.combine(self.on, time(8), self.zone) + timedelta(seconds=self.seconds)
        world = World(self.calendar, self.walidata)
        for event in decide(self.case, command, by, Moment(at, self.on), world, self.book):
            self.case = apply(self.case, event)
            self.events.append(event)

    def who(self, role: str, name: str = "satu") -> Actor:
        unit = self.walidata if role in _ROLES else OPD
        return Actor(f"{role}-{name}", (Office(role, unit, _SINCE),))

    @property
    def attempt(self) -> Attempt:
        found = self.case.current if self.case else None
        if found is None:
            raise RuntimeError("the case has no open stage")
        return found

    @property
    def seen(self) -> Expected:
        return Expected(self.attempt.stage, self.attempt.round, self.attempt.state)

    def submit(self) -> None:
        admin = self.who("opd_admin")
        self.do(Begin("-", OPD, "-", (DOCUMENT,)), admin)
        for slot in self.book.newest.at(1).input:
            self.do(Attach(slot.slot, _PDF), admin)
        self.do(Submit(Letter("1/2026", ENTERED), has_contact=True), admin)

    def finish_stage(self) -> None:
        """Evidence, papers, and the confirmation."""
        stage = self.book.newest.at(self.attempt.stage)
        for each in stage.evidence:
            if each.source == "statement":
                self.do(State(each.code, yes=True), self.who(each.roles[0]))
            elif each.source == "fact":
                subject = {"document": DOCUMENT, "opd": f"{OPD}.sistem", "case": "-"}[each.per]
                at = datetime.combine(self.on, time(9), self.zone) + timedelta(seconds=self.seconds)
                self.do(Report(Fact(each.met[0], subject, at, f"{each.code}-{self.seconds}")), SYSTEM)
        for slot in stage.output:
            self.do(Attach(slot.slot, _PDF), self.who("opd_programmer"))
            if slot.signed:
                letter, signer = Letter("2/2026", self.on), self.who("tim_teknis", "dua")
                self.do(Freeze(slot.slot, _PDF, letter, 1), signer)
                self.do(Sign(slot.slot, _PDF, Seal(1, 1, letter)), signer)
        self.pass_days(2)
        self.do(Confirm(self.seen), self.who(stage.role))

    def pass_days(self, count: int) -> None:
        self.on = self.calendar.add_working_days(self.on, count)

    def pad(self, events: int) -> None:
        """Rework notes until the case has so many events, a few on each day."""
        for count, side in enumerate(_alternating()):
            if len(self.events) >= events:
                return
            if count % NOTES_A_DAY == NOTES_A_DAY - 1:
                self.pass_days(1)
            self.do(Rework(self.seen, side, WHY), self.who("tim_teknis"))


def courses(calendar: Calendar, book: Book, walidata: str, zone: tzinfo, *, events: int) -> list[Sequence[Event]]:
    """A course that has come to each stage, in order, and one that is closed; each of at least so many events, but the
    closed one."""
    found: list[Sequence[Event]] = []
    for stage in range(1, book.newest.last + 2):
        course = _Course(calendar, book, walidata, zone)
        course.submit()
        while course.case and course.case.current and course.case.current.stage < stage:
            course.finish_stage()
        if stage <= book.newest.last:
            course.pad(events)
        found.append(course.events)
    return found


def told(found: Sequence[Sequence[Event]], cases: int) -> Iterator[Event]:
    """The events of so many cases, spread over the courses evenly and mixed as they would come: side by side."""
    longest = max(map(len, found))
    for step in range(longest):
        for number in range(cases):
            course = found[number % len(found)]
            if step < len(course):
                yield replace(course[step], case=f"PI-2026-{number + 1:05}")


def _alternating() -> Iterator[Side]:
    while True:
        yield Side.OPD
        yield Side.KOMINFO

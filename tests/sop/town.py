"""An invented town's officers, one case, and the shortest way through its stages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

from base.calendar import Calendar, pinned
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
    Hold,
    Letter,
    Report,
    Resume,
    Return,
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
from sop.procedure import Book, Side, Stage, book
from sop.slots import frozen_last

WIB = timezone(timedelta(hours=7))
LONG_AGO = date(2024, 1, 1)
OPD, WALIDATA, CASE = "disdik", "kominfo", "PI-2026-0001"
DOCUMENTS = ("disdik.gtk", "disdik.sekolah")
PDF, ODT = "application/pdf", "application/vnd.oasis.opendocument.text"
WHY = "Alasan yang cukup panjang untuk dibaca."


def officer(name: str, role: str, unit: str, **more: object) -> Actor:
    return Actor(name, (Office(role, unit, LONG_AGO, **more),))  # type: ignore[arg-type]


ADMIN = officer("wati", "opd_admin", OPD)
PROGRAMMER = officer("joko", "opd_programmer", OPD)
TEKNIS = officer("bagus", "tim_teknis", WALIDATA)
TEKNIS_TOO = officer("dewi", "tim_teknis", WALIDATA)
PENGAWAS = officer("agus", "pejabat_pengawas", WALIDATA)
KABID = officer("sri", "kabid_aptika", WALIDATA)
HEAD = officer("budi", "kepala_dinas", WALIDATA)
OPERATOR = officer("tono", "operator", WALIDATA)
EVERYBODY = (
    ADMIN,
    PROGRAMMER,
    TEKNIS,
    TEKNIS_TOO,
    PENGAWAS,
    KABID,
    HEAD,
    OPERATOR,
    officer("rina", "steward", WALIDATA),
    officer("hadi", "auditor", "inspektorat"),
    officer("yuni", "reader", "bappeda"),
    officer("eko", "administrator", WALIDATA),
    officer("lala", "opd_admin", "dinkes"),  # of another OPD
    officer("plh", "kabid_aptika", WALIDATA, until_on=date(2026, 1, 30), acting="Plh.", letter="800/1/2026"),
)
BY_ROLE = {each.offices[0].role: each for each in (ADMIN, TEKNIS, PENGAWAS, KABID)}


def sha(text: str) -> str:
    return text.encode().hex().ljust(64, "0")[:64]


def moment(day: date, seconds: int = 0) -> Moment:
    return Moment(datetime.combine(day, time(9), WIB) + timedelta(seconds=seconds), day)


@dataclass
class Walk:
    """A case on its way: everything that was decided, and the facts that came."""

    day: date = date(2026, 1, 5)
    calendar: Calendar = field(default_factory=pinned)
    book: Book = field(default_factory=book)
    case: Case | None = None
    events: list[Event] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    seconds: int = 0  # since nine o'clock, one for each command

    def do(self, command: Command, by: Actor) -> tuple[Event, ...]:
        """What follows, applied. Raises Forbidden, and nothing has changed then."""
        if isinstance(command, Report):
            self.facts.append(command.fact)
        self.seconds += 1
        world = World(self.calendar, WALIDATA)
        said = decide(self.case, command, by, self.moment, world, self.book, tuple(self.facts))
        for event in said:
            self.case = apply(self.case, event)
        self.events += said
        return said

    @property
    def moment(self) -> Moment:
        return moment(self.day, self.seconds)

    @property
    def now(self) -> Case:
        assert self.case is not None
        return self.case

    @property
    def attempt(self) -> Attempt:
        found = self.now.current
        assert found is not None
        return found

    @property
    def stage(self) -> Stage:
        return self.book.of(self.now.procedure).at(self.attempt.stage)

    @property
    def seen(self) -> Expected:
        return Expected(self.attempt.stage, self.attempt.round, self.attempt.state)

    def begin(self) -> None:
        self.do(Begin(CASE, OPD, "800/254/411.312/2024", DOCUMENTS), ADMIN)

    def submit(self) -> None:
        self.begin()
        for slot in self.book.newest.at(1).input:
            self.do(Attach(slot.slot, File(sha(slot.slot), PDF, 1000)), ADMIN)
        self.do(Submit(Letter("421/7/2026", self.day), has_contact=True), ADMIN)

    def show(self) -> None:
        """Everything that the stage wants to see, but its papers."""
        for each in self.stage.evidence:
            if each.source == "statement":
                self.do(State(each.code, yes=True), BY_ROLE[each.roles[0]])
            elif each.source == "fact" and not each.optional:
                self.tell(each.met[0], each.per)

    def tell(self, label: str, per: str = "document") -> None:
        """The fact, of each document or of what it is about."""
        subjects: Sequence[str] = DOCUMENTS
        if per != "document":
            subjects = (f"{OPD}.dapodik",) if per == "opd" else (CASE,)
        for subject in subjects:
            fact = Fact(label, subject, moment(self.day, self.seconds + 1).at, f"{label}/{subject}/{len(self.facts)}")
            self.do(Report(fact), SYSTEM)

    def file(self, by: Actor = PROGRAMMER, signer: Actor = TEKNIS_TOO) -> None:
        """Each output as a draft, and signed where the stage wants it so."""
        for slot in self.stage.output:
            self.do(Attach(slot.slot, File(sha(f"{slot.slot}-draft"), ODT, 1000)), by)
            if slot.signed:
                self.sign(slot.slot, signer)

    def sign(self, slot: str, by: Actor) -> None:
        """The paper made ready, and the signed one."""
        letter = Letter("500/9/2026", self.day)
        again = [each for each in self.now.past if each.stage == self.attempt.stage]
        version = 1 + max((frozen_last(each, slot) or 0 for each in (*again, self.attempt)), default=0)
        self.do(Freeze(slot, File(sha(f"{slot}-frozen"), PDF, 1000), letter, version), by)
        self.do(Sign(slot, File(sha(f"{slot}-signed"), PDF, 1000), Seal(1, version, letter)), by)

    def fulfil(self) -> None:
        """Everything but the confirmation."""
        self.show()
        self.file()

    def confirm(self, by: Actor | None = None) -> tuple[Event, ...]:
        return self.do(Confirm(self.seen), by or BY_ROLE[self.stage.role])

    def to(self, stage: int) -> "Walk":
        """The first attempt at a stage is open."""
        if self.case is None:
            self.submit()
        while self.attempt.stage < stage:
            self.fulfil()
            self.confirm()
        return self

    def send_back(self, to: int, by: Actor, documents: tuple[str, ...] = DOCUMENTS[:1]) -> tuple[Event, ...]:
        return self.do(Return(self.seen, to, WHY, documents), by)

    def hold(self, days: int, by: Actor = TEKNIS) -> tuple[Event, ...]:
        until = self.calendar.add_working_days(self.day, days)
        return self.do(Hold(self.seen, until, WHY), by)

    def resume(self, by: Actor = TEKNIS) -> tuple[Event, ...]:
        return self.do(Resume(self.seen), by)

    def rework(self, holder: Side, by: Actor = TEKNIS) -> tuple[Event, ...]:
        return self.do(Rework(self.seen, holder, WHY), by)

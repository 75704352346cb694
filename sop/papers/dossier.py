"""Everything that papers about a case are made from, as it was found: pure data, no connection and no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from base import indonesian
from base.calendar import Calendar
from base.instance import Instance
from schemas.contract import Contract
from sop.case import Attempt, Case
from sop.events import Event
from sop.papers.parts import GAP, Letterhead
from sop.papers.typed import Typed
from sop.procedure import Procedure
from sop.store import Contact


@dataclass(frozen=True, slots=True)
class Officer:
    """A person as papers name one: the shown name and the office."""

    name: str
    office: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Events of a topic in final states; each is in exactly one."""

    records: int = 0
    accepted: int = 0
    known: int = 0
    parked: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Returned events of a topic for one reason, and how many of them are settled."""

    topic: str
    code: str
    field: str
    expected: str
    count: int
    settled: int


@dataclass(frozen=True, slots=True)
class Access:
    """What a reader may read of an entity."""

    reader: str  # code of the OPD
    entity: str
    fields: tuple[str, ...]
    purpose: str
    agreement: str | None
    until: date


@dataclass(frozen=True, slots=True)
class Interchange:
    """A document of the case. Without a contract only its name is known."""

    name: str  # <opd>.<document>
    contract: Contract | None
    standing: str  # "berlaku, versi 3"
    source_state: str | None
    sandbox: Tally
    production: Tally


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case on a day, with its surroundings."""

    case: Case
    events: tuple[Event, ...]
    procedure: Procedure
    instance: Instance
    calendar: Calendar
    on: date
    interchanges: tuple[Interchange, ...]
    agencies: Mapping[str, str]  # full names by code
    officers: Mapping[str, Officer] = field(default_factory=dict)  # by login name
    systems: tuple[str, ...] = ()  # names of the OPD's systems
    accesses: tuple[Access, ...] = ()  # to what the case's documents feed
    readings: tuple[Access, ...] = ()  # of the OPD itself
    faults: tuple[Fault, ...] = ()
    contact: Contact | None = None  # only for who may see it
    arms: bytes | None = None
    typed: Typed | None = None  # into the paper that is made ready for signing

    @property
    def letterhead(self) -> Letterhead:
        """The head of this office's papers."""
        kop = self.instance.kop
        return Letterhead(kop.baris, f"{kop.alamat} · Telepon {kop.telepon} · {kop.surel}", self.arms)

    @property
    def opd(self) -> str:
        """The full name of the agency whose case it is."""
        return self.agency(self.case.opd)

    @property
    def walidata(self) -> str:
        """The full name of the agency that guards data."""
        return self.agency(self.instance.sop.walidata)

    @property
    def zone(self) -> tzinfo:
        """The office's time zone."""
        return self.instance.zone

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt that has begun, in the order in which they did."""
        found = [*self.case.past, *self.case.attempts.values()]
        begun = [(each.started_at, each.stage, each) for each in found if each.started_at is not None]
        return tuple(each for _, _, each in sorted(begun, key=lambda one: one[:2]))

    def agency(self, code: str) -> str:
        """The full name of an agency; its code where nobody has told a name."""
        return self.agencies.get(code, code)

    def officer(self, login: str) -> Officer:
        """A person by login name; one who is not known stays that name."""
        return self.officers.get(login, Officer(login, ""))

    def last(self, kind: str, stage: int | None = None) -> Event | None:
        """The newest event of a kind, at a stage if one is told."""
        found = (each for each in reversed(self.events) if each.kind == kind and stage in (None, each.stage))
        return next(found, None)

    def letter_of(self, slot: str) -> tuple[str, datetime | None]:
        """Number of the paper in a slot as a person typed it, and when it was filed; a form with gaps before."""
        for each in reversed(self.events):
            if each.detail.get("slot") == slot and each.detail.get("letter"):
                return str(each.detail["letter"]), each.at
        blank = "…………"
        form = self.instance.nomor
        number = form.surat.format(klasifikasi=blank, urut=blank, unit=form.unit, tahun=self.on.year)
        return number, None

    @property
    def place_and_date(self) -> str:
        """The date line over a signature; on a draft the day is written by who signs."""
        if self.typed is not None:
            return f"{self.instance.ibu_kota}, {indonesian.day(self.typed.dated)}"
        return f"{self.instance.ibu_kota}, {GAP[:6]} {self.on.year}"

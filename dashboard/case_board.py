"""Where all cases stand, as the board and the register show them: cards by stage, the worst first, and filters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.calendar import Calendar, local_date
from base.instance import Instance
from dashboard.case_duties import Duty, asked_of, duties
from dashboard.case_wording import due_badge
from dashboard.wording import Badge
from hub_db.calendar import working_calendar
from identity.opds import opds
from identity.permissions import Permission
from identity.principals import Principal
from sop import boards
from sop.case import Case
from sop.events import CaseState
from sop.lag import Lag, lag
from sop.procedure import Book, Stage, book
from sop.reading import Standing, standing
from sop.sought import Sought

MANY: Final = 150  # open cases; all of so many are shown
FIRST: Final = 5  # of each stage, and drafts, where there are more
LATE, TODAY = "terlambat", "hari-ini"


@dataclass(frozen=True, slots=True)
class Card:
    """A case on a day for one person; `look` is a class of the style sheet."""

    found: Standing
    agency: str
    badge: Badge
    look: str
    duties: tuple[Duty, ...]  # what of it waits for this person

    @property
    def order(self) -> tuple[int, str]:
        """The most urgent first."""
        left = self.found.at.days_left if self.found.at else None
        return (10**6 if left is None else left, self.found.number)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are looked for; "" = any."""

    opd: str = ""
    holder: str = ""
    due: str = ""
    mine: bool = False

    def sought(self, on: date) -> Sought:
        """The same for the boards, but for what waits for the person."""
        return Sought(
            opd=self.opd or None,
            holder=self.holder or None,
            due_from=on if self.due == TODAY else None,
            due_until={LATE: on - timedelta(days=1), TODAY: on}.get(self.due),
        )


ANYTHING: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of the board."""

    stage: Stage
    limit: str
    cards: list[Card]
    count: int  # of the cases that are looked for, shown or not


@dataclass(frozen=True, slots=True)
class Office:
    """What a day at this office is reckoned by."""

    on: date
    calendar: Calendar
    book: Book
    walidata: str
    agencies: Mapping[str, str]  # names by code


def office_of(conn: Connection[TupleRow], instance: Instance, now: datetime) -> Office:
    """The office as of now."""
    return Office(
        on=local_date(now, instance.zone),
        calendar=working_calendar(conn, instance),
        book=book(),
        walidata=instance.sop.walidata,
        agencies={each.code: each.name for each in opds(conn)},
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """How many cases are at a stage, and how many of them are late, due today, or held."""

    running: int = 0
    late: int = 0
    today: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Wall:
    """The board for one person; `totals` are of all that the person may see, whatever is looked for."""

    columns: list[Column]
    drafts: list[Card]
    totals: Totals
    lag: Lag
    only_first: int  # of each stage only so many are shown; 0: all are

    @property
    def cards(self) -> list[Card]:
        """Those that are shown, the most urgent first."""
        return sorted((each for column in self.columns for each in column.cards), key=lambda each: each.order)


@dataclass(frozen=True, slots=True)
class Mine:
    """Cases of which something waits for one person, the most urgent first: one page, and how many there are."""

    cards: list[Card]
    count: int
    lag: Lag


def lag_for(conn: Connection[TupleRow], principal: Principal) -> Lag:
    """What the boards lack of what the person may see."""
    return lag(conn, principal.scope(Permission.VIEW_CASES), me=principal.name)


def wall(
    conn: Connection[TupleRow],
    principal: Principal,
    office: Office,
    wanted: Wanted = ANYTHING,
    *,
    many: int = MANY,
    first: int = FIRST,
) -> Wall:
    """The board: every case at its stage, and of more than `many` those `first` of each stage that are due first."""
    scope, missed = principal.scope(Permission.VIEW_CASES), lag_for(conn, principal)
    totals = _totals(boards.board(conn, scope, office.on, office.book, lag=missed, limit=0))
    limit = many if totals.running <= many else first
    sought = wanted.sought(office.on)
    if wanted.mine:
        sought = replace(sought, numbers=frozenset(_waiting(conn, principal, office, missed)))
    found = boards.board(conn, scope, office.on, office.book, sought=sought, lag=missed, limit=limit)
    in_draft = replace(sought, states=frozenset({CaseState.DRAFT}))
    drafts = boards.register(conn, scope, sought=in_draft, lag=missed, limit=limit)
    return Wall(
        columns=[_column(each, principal, office) for each in found],
        drafts=cards(drafts, principal, office),
        totals=totals,
        lag=missed,
        only_first=0 if limit == many else first,
    )


def mine(conn: Connection[TupleRow], principal: Principal, office: Office, *, skip: int = 0, limit: int = MANY) -> Mine:
    """What waits for the person."""
    missed = lag_for(conn, principal)
    numbers = _waiting(conn, principal, office, missed)
    page = frozenset(numbers[skip : skip + limit])
    lacking = [each for each in missed.cases if each.number in page]
    drawn = boards.some_drawn(conn, page.difference(missed.numbers))
    return Mine(cards([*drawn, *lacking], principal, office), len(numbers), missed)


def agencies(conn: Connection[TupleRow], principal: Principal, office: Office, missed: Lag) -> list[tuple[str, str]]:
    """Agencies that have cases, by name: what lists can be filtered by."""
    codes, _ = boards.kinds(conn, principal.scope(Permission.VIEW_CASES), lag=missed)
    return named(codes, office)


def named(codes: Iterable[str], office: Office) -> list[tuple[str, str]]:
    """Codes and names of agencies, by name."""
    return sorted(((code, office.agencies.get(code, code)) for code in codes), key=lambda each: each[1])


def _waiting(conn: Connection[TupleRow], principal: Principal, office: Office, missed: Lag) -> list[str]:
    lacking = [
        each for each in missed.cases if any(duties(each, principal, office.book.of(each.procedure), office.walidata))
    ]
    return boards.waiting(conn, asked_of(principal, office.book, office.walidata), lag=missed, also=lacking)


def _totals(columns: Iterable[boards.Column]) -> Totals:
    told = [(each.cases, each.overdue, each.today, each.held) for each in columns]
    return Totals(*map(sum, zip(*told, strict=True)))


def _column(found: boards.Column, principal: Principal, office: Office) -> Column:
    stage = office.book.newest.at(found.stage)
    return Column(stage, limit_word(stage), cards(found.cards, principal, office), found.cases)


def cards(found: Iterable[Case], principal: Principal, office: Office) -> list[Card]:
    """The cases as cards, the most urgent first."""
    return sorted((card(case, principal, office) for case in found), key=lambda each: each.order)


def card(case: Case, principal: Principal, office: Office) -> Card:
    found = standing(case, office.on, office.calendar, office.book)
    theirs = tuple(duties(case, principal, office.book.of(case.procedure), office.walidata))
    badge, agency = due_badge(found, office.on), office.agencies.get(found.opd, found.opd)
    looks = {"bad": "late", "wait": "soon", "held": "paused"}
    return Card(found, agency, badge, looks.get(badge.look, "") if found.at else "", theirs)


def limit_word(stage: Stage) -> str:
    """ "1–3 hk", "1 bulan"."""
    unit = "hk" if stage.due.unit == "d" else "bulan"
    if stage.target != stage.due and stage.target.unit == stage.due.unit:
        return f"{stage.target.count}–{stage.due.count} {unit}"
    return f"{stage.due.count} {unit}"

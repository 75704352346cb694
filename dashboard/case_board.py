"""Where all cases stand, as the board and the register show them: cards by stage, the worst first, and filters."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.calendar import Calendar, local_date
from base.instance import Instance
from dashboard.case_duties import Duty, duties
from dashboard.case_wording import due_badge
from dashboard.wording import Badge
from hub_db.calendar import working_calendar
from hub_db.statements import load
from identity.opds import opds
from identity.permissions import Permission
from identity.principals import Principal
from sop import boards
from sop.actors import ROLES_OF_THE_OPD
from sop.case import Case
from sop.events import CaseState
from sop.procedure import Book, Stage, book
from sop.reading import OPEN_STATES, Standing, some, standing

SQL = load("dashboard", "sql/cases.sql")
MANY: Final = 150  # open cases; about as many are read and folded in the time of a page
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

    def fits(self, card: Card, on: date) -> bool:
        at = card.found.at
        return (
            self.opd in ("", card.found.opd)
            and (not self.holder or (at is not None and at.holder == self.holder))
            and (self.due != LATE or (at is not None and at.overdue))
            and (self.due != TODAY or (at is not None and at.due == on))
            and (not self.mine or bool(card.duties))
        )


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of the board."""

    stage: Stage
    limit: str
    cards: list[Card]
    count: int  # of cases at the stage, shown or not


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
class OpenCases:
    """The open cases that a person may see, drafts too, the most urgent first.

    Of many only those of each stage that are due first; `counts` (by stage) and `late`, `held` are of all.
    """

    cards: list[Card]
    counts: Mapping[int, int]
    late: int
    held: int

    @property
    def running(self) -> int:
        return sum(self.counts.values())


def open_cases(conn: Connection[TupleRow], principal: Principal, office: Office, *, many: int = MANY) -> OpenCases:
    """All of them while they are few; of more than `many` the boards say which are due first."""
    scope = principal.scope(Permission.VIEW_CASES)
    asked = {"states": sorted(OPEN_STATES), "everywhere": scope.everywhere, "opds": sorted(scope.opds)}
    row = conn.execute(SQL["count_open"], asked).fetchone()
    if row is None or row[0] <= many:
        found = cards(boards.cases(conn, scope), principal, office)
        at = [each.found.at for each in found if each.found.at is not None]
        held = sum(each.found.state is CaseState.HELD for each in found)
        return OpenCases(found, Counter(each.stage for each in at), sum(each.overdue for each in at), held)
    how = (scope, office.on, office.calendar, office.book)
    board = boards.board(conn, *how, limit=FIRST)
    drafts = boards.register(conn, *how, states={CaseState.DRAFT}, limit=FIRST)
    shown = [*drafts, *(each for column in board.columns for each in column.cards)]
    counts = {column.stage: column.cases for column in board.columns}
    late, held = (sum(getattr(column, what) for column in board.columns) for what in ("overdue", "held"))
    found = [*_cards_of(conn, shown, principal, office)]
    return OpenCases(sorted(found, key=lambda each: each.order), counts, late, held)


def _cards_of(
    conn: Connection[TupleRow], shown: Iterable[Standing], principal: Principal, office: Office
) -> Iterator[Card]:
    """Only what may wait for this person is read event by event; the others are as the boards have them."""
    roles = {each.role.value for each in principal.roles}
    stages = {each.number for each in office.book.newest.stage if roles & _roles_of(each)}
    anywhere = bool(roles & ROLES_OF_THE_OPD)
    near = {each.number for each in shown if anywhere or (each.at is not None and each.at.stage in stages)}
    yield from cards(some(conn, near), principal, office)
    yield from (card_of(each, (), office) for each in shown if each.number not in near)


def _roles_of(stage: Stage) -> set[str]:
    """Who confirms the stage or gives a word at it."""
    return {stage.role, *(role for each in stage.evidence for role in each.roles)}


def cards(found: Iterable[Case], principal: Principal, office: Office) -> list[Card]:
    """The cases as cards, the most urgent first."""
    return sorted((card(case, principal, office) for case in found), key=lambda each: each.order)


def card(case: Case, principal: Principal, office: Office) -> Card:
    mine = duties(case, principal, office.book.of(case.procedure), office.walidata)
    return card_of(standing(case, office.on, office.calendar, office.book), tuple(mine), office)


def card_of(found: Standing, mine: tuple[Duty, ...], office: Office) -> Card:
    badge = due_badge(found, office.on)
    looks = {"bad": "late", "wait": "soon", "held": "paused"}
    agency = office.agencies.get(found.opd, found.opd)
    return Card(found, agency, badge, looks.get(badge.look, "") if found.at else "", mine)


def columns(found: Iterable[Card], book: Book, counts: Mapping[int, int] | None = None) -> list[Column]:
    """The stages of the newest procedure with the cards that stand at each; `counts`: with those not shown."""
    by_stage: dict[int, list[Card]] = {}
    for each in found:
        if each.found.at is not None:
            by_stage.setdefault(each.found.at.stage, []).append(each)
    found_at = counts or {stage: len(cards) for stage, cards in by_stage.items()}
    return [
        Column(stage, limit_word(stage), by_stage.get(stage.number, []), found_at.get(stage.number, 0))
        for stage in book.newest.stage
    ]


def limit_word(stage: Stage) -> str:
    """ "1–3 hk", "1 bulan"."""
    unit = "hk" if stage.due.unit == "d" else "bulan"
    if stage.target != stage.due and stage.target.unit == stage.due.unit:
        return f"{stage.target.count}–{stage.due.count} {unit}"
    return f"{stage.due.count} {unit}"

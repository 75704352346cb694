"""Where all cases stand, as the board and the register show them: cards by stage, the worst first, and filters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from base.calendar import Calendar, local_date
from base.instance import Instance
from dashboard.case_duties import Duty, duties
from dashboard.case_wording import due_badge
from dashboard.wording import Badge
from hub_db.calendar import working_calendar
from identity.opds import opds
from identity.permissions import Permission
from identity.principals import Principal
from sop import boards
from sop.case import Case
from sop.procedure import Book, Stage, book
from sop.reading import Standing, standing

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


def open_cards(conn: Connection[TupleRow], principal: Principal, office: Office) -> list[Card]:
    """The open cases that the person may see, drafts too, the most urgent first."""
    scope = principal.scope(Permission.VIEW_CASES)
    return cards(boards.cases(conn, scope), principal, office)


def cards(found: Iterable[Case], principal: Principal, office: Office) -> list[Card]:
    """The cases as cards, the most urgent first."""
    return sorted((card(case, principal, office) for case in found), key=lambda each: each.order)


def card(case: Case, principal: Principal, office: Office) -> Card:
    found = standing(case, office.on, office.calendar, office.book)
    badge = due_badge(found, office.on)
    looks = {"bad": "late", "wait": "soon", "held": "paused"}
    mine = tuple(duties(case, principal, office.book.of(case.procedure), office.walidata))
    agency = office.agencies.get(case.opd, case.opd)
    return Card(found, agency, badge, looks.get(badge.look, "") if found.at else "", mine)


def columns(found: Iterable[Card], book: Book) -> list[Column]:
    """The stages of the newest procedure with the cards that stand at each."""
    by_stage: dict[int, list[Card]] = {}
    for each in found:
        if each.found.at is not None:
            by_stage.setdefault(each.found.at.stage, []).append(each)
    return [Column(stage, limit_word(stage), by_stage.get(stage.number, [])) for stage in book.newest.stage]


def limit_word(stage: Stage) -> str:
    """ "1–3 hk", "1 bulan"."""
    unit = "hk" if stage.due.unit == "d" else "bulan"
    if stage.target != stage.due and stage.target.unit == stage.due.unit:
        return f"{stage.target.count}–{stage.due.count} {unit}"
    return f"{stage.due.count} {unit}"

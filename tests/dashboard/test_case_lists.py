"""Board, *mine*, register, statistics come out of the boards, and show what was decided where these are behind."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from base.calendar import pinned
from cli.stack.local import Stack
from dashboard import case_board, case_wording
from dashboard.case_board import Office as Day
from dashboard.case_board import Wanted
from dashboard.case_duties import duties
from dashboard.case_register import register, sought_of
from dashboard.case_statistics import statistics
from dashboard.weekly_numbers import Week, tell, weeks
from hub_db.connection import transaction
from identity.opds import EVERYWHERE
from identity.permissions import Role
from identity.principals import Appointment, Principal, Scope
from sop import clock, drawing
from sop.case import Case
from sop.commands import Cancel, Letter
from sop.events import StageState
from sop.lag import Lag, lag
from sop.procedure import Side, book
from tests.conftest import one_database
from tests.dashboard.exchange_rows import INSTANCE
from tests.dashboard.statistics_model import model
from tests.sop.office import Office, make_office
from tests.sop.test_boards import TOPIC, Wall
from tests.sop.town import ADMIN, OPD, TEKNIS, WALIDATA, WHY, moment

ON = date(2026, 2, 12)
DAY = Day(ON, pinned(), book(), WALIDATA, {OPD: "Dinas Pendidikan"})
PERSONS = {
    name: Principal(at, name, name.title(), tuple(Appointment(role, opd) for role, opd in held))
    for at, (name, held) in enumerate(
        {
            "wati": [(Role.OPD_ADMIN, OPD)],
            "joko": [(Role.OPD_PROGRAMMER, OPD)],
            "bagus": [(Role.TIM_TEKNIS, WALIDATA)],
            "agus": [(Role.PEJABAT_PENGAWAS, WALIDATA)],
            "sri": [(Role.KABID_APTIKA, WALIDATA)],
            "rangkap": [(Role.KABID_APTIKA, WALIDATA), (Role.OPD_ADMIN, OPD)],
            "lala": [(Role.OPD_ADMIN, "dinkes")],
            "tersesat": [(Role.TIM_TEKNIS, "dinkes")],  # an office of the Walidata counts there alone
            "hadi": [(Role.AUDITOR, WALIDATA)],
        }.items()
    )
}


@dataclass
class Hall:
    """Many cases, of which the boards have as much as is drawn."""

    wall: Wall
    numbers: list[str]

    @property
    def office(self) -> Office:
        return self.wall.office

    def cases(self) -> list[Case]:
        """As they were decided."""
        return [self.office.find(number) for number in self.numbers]

    def draw(self, events: int | None = None) -> None:
        """The boards get so many events more, or all."""
        self.wall.publish()
        with self.office.connect("simpul_intake") as conn:
            with transaction(conn):
                last = drawing.place(conn, TOPIC).last_number
            for read in [each for each in self.wall.topic if each.number > last][:events]:
                self.wall.one(conn, read)

    def lists(self, who: Principal) -> dict[str, Any]:
        """Everything that lists tell a person, without what they say of the boards' lag."""
        wants = {"all": Wanted(), "some": Wanted(due="terlambat", holder="opd"), "mine": Wanted(mine=True)}
        with self.office.connect() as conn:
            walls = {name: case_board.wall(conn, who, DAY, wanted) for name, wanted in wants.items()}
            mine = case_board.mine(conn, who, DAY)
            pages = [register(conn, who, DAY, limit=6)]
            while pages[-1].older:
                pages.append(register(conn, who, DAY, before=pages[-1].older, limit=6))
            closed = register(conn, who, DAY, sought_of("", "closed", "2026"))
            none = register(conn, who, DAY, sought_of("", "tiada", ""))
        return {
            **{name: (seen.columns, seen.drafts, seen.totals) for name, seen in walls.items()},
            "cards of mine": (mine.cards, mine.count),
            "register": [(each.card, each.letter, each.case.number) for page in pages for each in page.entries],
            "closed": ([each.case.number for each in closed.entries], closed.found, closed.every),
            "kinds": (closed.opds, closed.years),
            "none": (none.entries, none.found),
        }


@pytest.fixture(scope="module")
def hall(stack: Stack, template: str) -> Iterator[Hall]:
    with one_database(stack, template) as database, make_office(database) as office:
        yield Hall(Wall(office), led(office))


def led(office: Office) -> list[str]:
    """Cases at several stages; some late, held, sent back, with the other side, cancelled, closed; and a draft."""
    numbers: list[str] = []
    for stage in (1, 2, 3, 7, 11, 3, 3, 2, 4, 12, 5):
        office.day = date(2026, 1, 5) + timedelta(days=len(numbers))
        numbers.append(office.begin().case.number)
        office.walk(numbers[-1]).to(stage)
    back, held, other, cancelled, closed, ready = (office.walk(number) for number in numbers[-6:])
    for walk in (back, held, other, cancelled, closed, ready):
        walk.day = date(2026, 1, 28)
    back.send_back(2, TEKNIS)
    held.hold(4)
    other.rework(Side.KOMINFO, ADMIN)
    cancelled.do(Cancel(Letter("421/8/2026", office.day), WHY), ADMIN)
    for walk in (closed, ready):
        walk.fulfil()
    closed.confirm()
    return [*numbers, office.begin().case.number]


def test_lists_say_the_same_whether_the_boards_have_it_yet_or_not(hall: Hall) -> None:
    some = {name: PERSONS[name] for name in ("wati", "bagus", "rangkap")}
    before = {name: hall.lists(who) for name, who in some.items()}
    with hall.office.connect() as conn:
        nothing_drawn = lag(conn, EVERYWHERE, me="-")
    hall.draw(150)
    with hall.office.connect() as conn:
        some_drawn = lag(conn, EVERYWHERE, me="-")
    half = {name: hall.lists(who) for name, who in some.items()}
    hall.draw()
    with hall.office.connect() as conn:
        all_drawn = lag(conn, EVERYWHERE, me="-")
    after = {name: hall.lists(who) for name, who in some.items()}

    assert (nothing_drawn.count, all_drawn) == (len(hall.numbers), Lag())
    assert 0 < some_drawn.count < len(hall.numbers)
    for name in some:
        for what in before[name]:
            assert before[name][what] == after[name][what], (name, what)
            assert half[name][what] == after[name][what], (name, what)


def test_what_waits_for_a_person_is_what_one_finds_by_going_through_all_cases(hall: Hall) -> None:
    hall.draw()
    found, expected = {}, {}
    for name, who in PERSONS.items():
        with hall.office.connect() as conn:
            found[name] = {each.found.number for each in case_board.mine(conn, who, DAY).cards}
        expected[name] = {
            case.number for case in hall.cases() if any(duties(case, who, book().of(case.procedure), WALIDATA))
        }

    assert found == expected
    assert {name for name, numbers in expected.items() if not numbers} == {"lala", "tersesat", "hadi"}
    assert len(expected["rangkap"]) > len(expected["wati"]) > 3


@pytest.mark.parametrize(("opd", "year"), [(None, None), (OPD, 2026), ("dinkes", None), (None, 2025)])
def test_statistics_are_those_of_a_model_that_goes_through_all_cases(
    hall: Hall, opd: str | None, year: int | None
) -> None:
    hall.draw()
    with hall.office.connect() as conn:
        told = statistics(conn, EVERYWHERE, DAY, opd=opd, year=year)
        nothing = statistics(conn, Scope(everywhere=False, opds=frozenset({"dinkes"})), DAY)

    chosen = [
        case
        for case in hall.cases()
        if opd in (None, case.opd) and (year is None or (case.submitted_on and case.submitted_on.year == year))
    ]
    assert told == model(chosen, book().newest, ON, pinned())
    assert nothing == model([], book().newest, ON, pinned())


def test_of_more_than_fit_the_first_of_each_stage_are_shown_and_all_are_counted(hall: Hall) -> None:
    hall.draw()
    with hall.office.connect() as conn:
        whole = case_board.wall(conn, PERSONS["sri"], DAY)
        first = case_board.wall(conn, PERSONS["sri"], DAY, many=0, first=1)
        page = case_board.mine(conn, PERSONS["bagus"], DAY, skip=1, limit=2)
        mine = case_board.mine(conn, PERSONS["bagus"], DAY)

    assert (first.totals, first.only_first, whole.only_first) == (whole.totals, 1, 0)
    assert [each.count for each in first.columns] == [each.count for each in whole.columns]
    assert [each.cards for each in first.columns] == [each.cards[:1] for each in whole.columns]
    assert (page.cards, page.count) == (mine.cards[1:3], mine.count)


def test_whoever_has_acted_sees_it_and_more_than_fit_are_told_of(hall: Hall) -> None:
    hall.draw()
    fresh = [hall.office.begin().case.number for _ in range(3)]
    hall.numbers += fresh
    hall.office.walk(fresh[0]).submit()
    with hall.office.connect() as conn:
        seen = lag(conn, EVERYWHERE, me="wati", most=2)
        others = lag(conn, EVERYWHERE, me="bagus", most=1)
        page = register(conn, PERSONS["wati"], DAY)
    since = seen.since
    assert since is not None
    now = since + timedelta(seconds=9)

    assert (len(seen.cases), seen.left_out) == (2, 1)
    assert others.numbers == [fresh[-1]]
    assert [each.case.number for each in page.entries[:3]] == fresh[::-1]
    assert case_wording.lag_sentence(seen, now, INSTANCE.zone) == ""
    late = now + timedelta(seconds=2)
    some, whole = (case_wording.lag_sentence(each, late, INSTANCE.zone) for each in (seen, replace(seen, left_out=0)))
    assert "1 permohonan yang berubah masih tampil seperti sebelumnya" in some
    assert "2 permohonan yang berubah ditampilkan langsung" in whole
    assert case_wording.lag_sentence(Lag(), datetime.now(UTC), INSTANCE.zone) == ""


@pytest.mark.parametrize("opd", [None, OPD, "dinkes"])
def test_the_numbers_of_each_week_are_those_of_going_through_all_cases(hall: Hall, opd: str | None) -> None:
    hall.draw()
    with hall.office.connect() as conn:
        found = weeks(conn, EVERYWHERE, ON, opd=opd)

    cases = [each for each in hall.cases() if opd in (None, each.opd)]
    assert found == [of_week(cases, monday, min(monday + timedelta(days=6), ON)) for monday in MONDAYS]
    assert [each.last for each in found][:2] == [ON, date(2026, 2, 8)]


MONDAYS = [date(2026, 2, 9) - timedelta(weeks=back) for back in range(6)]


def of_week(cases: list[Case], first: date, last: date) -> Week:
    def within(on: date | None) -> bool:
        return on is not None and first <= on <= last

    begun = [each for each in cases if each.submitted_on is not None and each.submitted_on <= last]
    tries = [(each, case) for case in cases for each in (*case.past, *case.attempts.values())]
    done = [each for each, _ in tries if each.state is StageState.DONE and within(each.ended)]
    late = {
        case.number
        for each, case in tries
        if each.entered and each.entered <= last and clock.is_overdue(replace(each, ended=None), last)
        and (each.ended is None or each.ended > last)
    }  # fmt: skip
    return Week(
        first,
        last,
        submitted=sum(within(each.submitted_on) for each in begun),
        ended=sum(within(each.ended_on) for each in begun),
        confirmed=len(done),
        returned=sum(each.state is StageState.RETURNED and within(each.ended) for each, _ in tries),
        live=sum(each.stage == 11 for each in done),
        open=sum(each.ended_on is None or each.ended_on > last for each in begun),
        late=len(late),
    )


@pytest.mark.parametrize(
    ("first", "last", "title"),
    [
        (date(2026, 11, 23), date(2026, 11, 29), "23 sampai 29 November 2026"),
        (date(2026, 9, 28), date(2026, 10, 4), "28 September sampai 4 Oktober 2026"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 Desember 2026 sampai 3 Januari 2027"),
        (date(2026, 11, 30), date(2026, 11, 30), "30 November 2026"),
        (date(2026, 3, 2), date(2026, 3, 3), "2 sampai 3 Maret 2026"),
    ],
)
def test_a_week_is_named_by_its_days_and_what_they_share_is_said_once(first: date, last: date, title: str) -> None:
    assert Week(first, last, *[0] * 7).title == title


def test_nothing_is_told_of_weeks_without_requests(hall: Hall) -> None:
    hall.draw()
    with hall.office.connect("simpul_jobs") as conn:
        tell(conn, WALIDATA, date(2026, 2, 16), now=moment(date(2026, 2, 16)).at)
        said = tell(conn, WALIDATA, date(2025, 6, 2), now=moment(date(2026, 2, 23)).at)
        left = conn.execute(
            "select count(*) from notice.notice where kind = 'case.weekly' and state <> 'closed'"
        ).fetchone()

    assert said.startswith("Tidak ada permohonan ")
    assert left == (0,)


def test_the_week_that_is_over_is_told_on_monday_and_the_one_before_ends(hall: Hall) -> None:
    hall.draw()
    with hall.office.connect("simpul_jobs") as conn:
        mondays = (date(2026, 2, 2), date(2026, 2, 9))
        _, said = [tell(conn, WALIDATA, monday, now=moment(monday).at) for monday in mondays]
        rows = conn.execute(
            "select role, state, title, body from notice.notice where matter = any(%s) order by id",
            [["case:mingguan:2026-01-26", "case:mingguan:2026-02-02"]],
        ).fetchall()

    roles = ["kepala_dinas", "kabid_aptika", "pejabat_pengawas"]
    assert [(role, state) for role, state, *_ in rows] == [(role, s) for s in ("closed", "open") for role in roles]
    assert said == rows[-1][2]
    assert said.startswith("Angka minggu 2 sampai 8 Februari 2026: 0 permohonan baru, ")
    assert "Tahap ditegaskan: 0 (minggu sebelumnya " in rows[-1][3]

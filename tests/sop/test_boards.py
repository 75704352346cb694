"""Boards are drawn from the events of cases, each once and in its turn; drawn anew they are the same."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from psycopg import Connection
from psycopg.rows import dict_row

from cli.stack.local import Stack
from hub_db.connection import connect, transaction
from identity.principals import Scope
from sop import boards, clock, drawing, outgoing, reading, status
from sop.actors import SYSTEM
from sop.case import Case
from sop.commands import Correct, Remind
from sop.drawing import Drawn
from sop.errors import Skipped, UnknownCase
from sop.events import CaseState, Event, Kind
from sop.procedure import Side
from sop.projection import Sight, case_of_row
from sop.redrawing import NUMBER, Told, redraw
from sop.sought import Sought
from tests.conftest import one_database
from tests.sop.office import SETTING, TODAY, Office, make_office
from tests.sop.test_any_course import started
from tests.sop.town import DOCUMENTS, KABID, OPD, OPERATOR, TEKNIS, WHY, Walk

TOPIC = "sop.status"
CALENDAR, BOOK = SETTING.world.calendar, SETTING.book
EVERYWHERE = Scope(everywhere=True, opds=frozenset())
NOWHERE = Scope(everywhere=False, opds=frozenset({"dinkes"}))
TABLES = {
    "event": '"case", version',
    "standing": "number",
    "attempt": '"case", stage, round',
    "place": "topic",
}


@dataclass(frozen=True)
class Read:
    """An event of the topic, with its number and the offset after it."""

    event: Event
    number: int
    next_offset: int


def told(reads: Sequence[Read]) -> list[Told]:
    """The events as they come out of the topic at once."""
    rows = [{**status.record(each.event), NUMBER: each.number} for each in reads]
    columns = {"documents": pl.List(pl.String)}
    return (
        [Told(pl.DataFrame(rows, schema_overrides=columns, infer_schema_length=None), reads[-1].next_offset)]
        if reads
        else []
    )


@dataclass
class Wall:
    """An office whose events are drawn as a reader of the topic would: in the order of their numbers."""

    office: Office
    topic: list[Read] = field(default_factory=list)

    def publish(self) -> list[Read]:
        """What was committed goes to the topic; what is new there."""
        with self.office.connect("simpul_publisher") as conn:
            outgoing.OUTBOX.number_committed(conn)
            found = outgoing.OUTBOX.unsent(conn, limit=10_000)
            if found:
                outgoing.OUTBOX.mark_sent(conn, found)
        new = [Read(each.event, each.number, len(self.topic) + each.number) for each in found]
        self.topic += new
        return new

    def draw(self) -> list[Drawn]:
        """Everything that is new, as the reader's role, a transaction each."""
        self.publish()
        with self.office.connect("simpul_intake") as conn:
            with transaction(conn):
                stands = drawing.place(conn, TOPIC)
            drawn = [self.one(conn, read) for read in self.topic if read.number > stands.last_number]
        return [each for each in drawn if each is not None]

    def one(self, conn: "Connection[Any]", read: Read, **more: bool) -> Drawn | None:
        with transaction(conn):
            return drawing.draw(
                conn, TOPIC, read.event, number=read.number, next_offset=read.next_offset, **more
            )  # fmt: skip

    def contents(self) -> dict[str, list[dict[str, Any]]]:
        """All rows of the boards."""
        with self.office.connect() as conn, conn.cursor(row_factory=dict_row) as cursor:
            return {
                table: cursor.execute(f"select * from board.{table} order by {key}").fetchall()  # noqa: S608
                for table, key in TABLES.items()
            }


@pytest.fixture(scope="module")
def building(stack: Stack, template: str) -> Iterator[Wall]:
    with one_database(stack, template) as database, make_office(database) as office:
        yield Wall(office)


@pytest.fixture
def wall(building: Wall) -> Wall:
    """On the same day for each test."""
    building.office.day = TODAY
    return building


def test_a_board_shows_each_case_at_its_stage_as_the_case_itself_says(wall: Wall) -> None:
    numbers = [wall.office.begin().case.number for _ in range(3)]
    wall.office.walk(numbers[0]).to(4)
    wall.office.walk(numbers[1]).to(2)
    wall.draw()
    on = date(2026, 1, 12)
    with wall.office.connect() as conn:
        board = boards.board(conn, EVERYWHERE, on, BOOK)
        nothing = boards.board(conn, NOWHERE, on, BOOK)
        drafts = boards.register(conn, EVERYWHERE, sought=Sought(states=frozenset({CaseState.DRAFT})))
        late = boards.register(conn, EVERYWHERE, sought=Sought(due_until=date(2026, 1, 11)))
        page = boards.register(conn, EVERYWHERE, before=numbers[1], sought=Sought(opd=OPD))

    cards = {
        each.stage: tuple(reading.standing(case, on, CALENDAR, BOOK) for case in each.cards)
        for each in board
        if each.cards
    }
    expected = {
        stage: (reading.standing(wall.office.find(number), on, CALENDAR, BOOK),)
        for number, stage in ((numbers[0], 4), (numbers[1], 2))
    }
    assert cards == expected
    assert [(each.cases, each.overdue) for each in board][:5] == [(0, 0), (1, 1), (0, 0), (1, 0), (0, 0)]
    assert [each.number for each in drafts] == [numbers[2]]
    assert [each.number for each in late] == [numbers[1]]
    assert [each.number for each in page] == [numbers[0]]
    assert sum(each.cases for each in nothing) == 0


def test_cases_are_as_they_are_decided_also_where_the_board_is_behind(wall: Wall) -> None:
    drawn, behind, new = (wall.office.begin().case.number for _ in range(3))
    wall.office.walk(drawn).to(3)
    walk = wall.office.walk(behind).to(2)
    with wall.office.connect() as conn:
        before = boards.cases(conn, EVERYWHERE)
    wall.draw()
    walk.to(3)
    wall.office.walk(new).submit()
    with wall.office.connect() as conn:
        found = {each.number: each for each in boards.cases(conn, EVERYWHERE)}
        nothing = boards.cases(conn, NOWHERE)

    assert {each.number for each in before} == set(found)
    for number in found:
        case = wall.office.find(number)
        assert reading.standing(found[number], TODAY, CALENDAR, BOOK) == reading.standing(case, TODAY, CALENDAR, BOOK)
        assert (found[number].version, current(found[number])) == (case.version, current(case))
    assert found[new].attempts[1].papers  # out of its events
    assert nothing == []


def current(case: Case) -> object:
    """Stage and evidence of the open attempt."""
    return case.current and (case.current.stage, case.current.state, case.current.met)


def test_the_time_line_and_the_attempts_of_a_case_are_those_of_its_events(wall: Wall) -> None:
    number = wall.office.begin().case.number
    walk = wall.office.walk(number).to(3)
    walk.day = date(2026, 1, 9)
    walk.send_back(2, TEKNIS)
    wall.draw()
    with wall.office.connect() as conn:
        events, past = boards.time_line(conn, number), boards.attempts(conn, number)
        case = boards.case(conn, number)
        with pytest.raises(UnknownCase):
            boards.case(conn, "PI-2026-9999")

    assert events == wall.office.events(number)
    assert [(each.stage, each.round, each.state, each.days, each.ended) for each in past] == [
        (1, 1, "done", 0, date(2026, 1, 5)),
        (2, 1, "done", 0, date(2026, 1, 5)),
        (3, 1, "returned", 4, date(2026, 1, 9)),
        (2, 2, "active", None, None),
    ]
    assert (case.returns, case.version) == ({(3, 2): 1}, walk.now.version)


def test_a_correction_takes_attempts_off_the_board_again(wall: Wall) -> None:
    number = wall.office.begin().case.number
    walk = wall.office.walk(number).to(3)
    walk.send_back(2, TEKNIS)
    wall.draw()
    undo = walk.now.undo
    assert undo is not None
    walk.do(Correct(undo.version, WHY), OPERATOR)
    wall.draw()

    with wall.office.connect() as conn:
        past = boards.attempts(conn, number)

    assert [(each.stage, each.round, each.state, each.days) for each in past] == [
        (1, 1, "done", 0), (2, 1, "done", 0), (3, 1, "active", None),
    ]  # fmt: skip


def test_what_comes_twice_is_drawn_once_and_what_is_missing_leads_back(wall: Wall) -> None:
    wall.office.begin()
    first, *_ = wall.publish()
    wall.office.begin()
    (second,) = wall.publish()
    before = wall.contents()
    with wall.office.connect("simpul_intake") as conn:
        with pytest.raises(Skipped):
            wall.one(conn, second)
        assert wall.contents() == before
        assert wall.one(conn, first) is not None
        assert wall.one(conn, first) is None
        assert wall.one(conn, second) is not None

    assert wall.contents()["place"][0]["last_number"] == second.number


def test_boards_drawn_anew_are_the_same_and_go_on(wall: Wall) -> None:
    number = wall.office.begin().case.number
    walk = wall.office.walk(number).to(4)
    walk.rework(Side.OPD)
    walk.hold(3)
    wall.draw()
    before = wall.contents()
    waiting = iter([told([*wall.topic, *wall.topic[-3:]]), told(wall.topic[-1:])])  # the end came twice

    with connect(wall.office.database.dsn(), process="simpul-uji") as conn:
        redrawn = redraw(conn, TOPIC, lambda: next(waiting))

    assert wall.contents() == before
    assert (redrawn.events, redrawn.cases) == (len(before["event"]), len(before["standing"]))
    walk.resume()
    (drawn,) = wall.draw()
    assert (drawn.event.kind, drawn.before, drawn.after.version) == (Kind.RESUMED, walk_before(walk), walk.now.version)


@pytest.mark.parametrize("reason", ["", "\\N", '"a", {b}\\', "\\.\nsatu\r\ndua\tχ", None])
def test_any_text_is_the_same_on_boards_drawn_anew(wall: Wall, reason: str | None) -> None:
    wall.office.begin()
    wall.publish()
    awkward = replace(wall.topic[-1].event, reason=reason, documents=('a"b', "c,d", "{}", "e\\f"))
    wall.topic[-1] = replace(wall.topic[-1], event=awkward)
    wall.draw()
    before = wall.contents()
    waiting = iter([told(wall.topic), []])

    with connect(wall.office.database.dsn(), process="simpul-uji") as conn:
        redraw(conn, TOPIC, lambda: next(waiting))

    assert wall.contents() == before
    (row,) = [each for each in before["event"] if (each["case"], each["version"]) == (awkward.case, awkward.version)]
    assert (row["reason"], row["documents"]) == (reason, list(awkward.documents))


def walk_before(walk: Walk) -> Any:
    """The case before its last event."""
    return Sight.of(walk.office.events(walk.now.number)[:-1]).case  # type: ignore[attr-defined]


def test_what_comes_while_boards_are_drawn_anew_is_on_them(wall: Wall) -> None:
    wall.draw()
    before = list(wall.topic)

    def read_on() -> list[Told]:
        if wall.topic == before:  # the first time: somebody acts afterwards, and the reader draws it
            wall.office.begin()
            wall.draw()
            return told(before)
        return told(wall.topic[len(before) :])

    with connect(wall.office.database.dsn(), process="simpul-uji") as conn:
        redraw(conn, TOPIC, read_on)

    contents = wall.contents()
    assert len(contents["event"]) == len(wall.topic) == contents["place"][0]["last_number"]
    assert wall.draw() == []


def test_boards_that_cannot_be_drawn_anew_stay(wall: Wall) -> None:
    wall.draw()
    before = wall.contents()

    with connect(wall.office.database.dsn(), process="simpul-uji") as conn, pytest.raises(ValueError, match="turn"):
        redraw(conn, TOPIC, lambda: told(wall.topic[1:]))

    assert wall.contents() == before


def test_a_page_waits_for_the_version_that_came_of_its_own_act(wall: Wall) -> None:
    wall.draw()
    case = wall.office.begin().case
    with wall.office.connect() as conn:
        conn.autocommit = True
        assert not boards.wait_for(conn, case.number, case.version, 0.1)
        thread = threading.Thread(target=wall.draw)
        thread.start()
        assert boards.wait_for(conn, case.number, case.version, 20)
        thread.join()
        assert not boards.wait_for(conn, case.number, case.version + 1, 0)


def test_durations_are_of_closed_cases_with_all_rounds_together(wall: Wall) -> None:
    walk = Walk().to(3)
    walk.day = date(2026, 1, 9)
    walk.send_back(2, TEKNIS)
    walk.to(12)
    walk.day = date(2026, 1, 14)
    walk.fulfil()
    walk.confirm(KABID)

    with wall.office.connect("simpul_intake") as conn, conn.transaction(force_rollback=True):
        for number, event in enumerate(walk.events, start=1):
            told = replace(event, case="PI-2030-0001")
            drawing.draw(conn, "sop.lain", told, number=number, next_offset=number)
        found = boards.durations(conn, 1)

    assert {stage: days for stage, days in found.items() if days != [0]} == {3: [4], 12: [3]}
    assert sorted(found) == list(range(1, 13))


@pytest.mark.parametrize("stage", range(13))
def test_a_row_tells_all_that_a_board_reckons_with(stage: int) -> None:
    walk = started(stage)
    if not stage:
        walk = Walk()
        walk.begin()
    case, on = walk.now, date(2026, 2, 12)

    back = case_of_row(Sight.of(walk.events).standing())

    assert reading.standing(back, on, CALENDAR, BOOK) == reading.standing(case, on, CALENDAR, BOOK)
    assert clock.days_by_holder(back, on, CALENDAR) == clock.days_by_holder(case, on, CALENDAR)
    assert (back.last, back.stale, back.returns, current(back)) == (case.last, case.stale, case.returns, current(case))


def test_a_reminder_is_drawn_too(wall: Wall) -> None:
    number = wall.office.begin().case.number
    wall.office.walk(number).to(2)
    wall.office.day = date(2026, 1, 12)
    wall.office.do(number, Remind(), SYSTEM)

    kinds = [each.event.kind for each in wall.draw() if each.event.case == number]

    assert kinds[-1] is Kind.OVERDUE
    assert DOCUMENTS[0] in wall.office.find(number).documents

"""What happens to cases tells whoever must act, once for each cause, and stops telling when it is over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from cli.stack.local import Stack
from consumers import stages_notices
from sop.actors import SYSTEM
from sop.case import Case
from sop.commands import Fact, Remind, Report
from sop.drawing import Drawn
from sop.evidence import FRESH, NOT_FRESH
from sop.folding import fold
from sop.procedure import Side, book
from tests.conftest import Database, one_database
from tests.sop.town import ADMIN, CASE, DOCUMENTS, OPD, TEKNIS, WALIDATA, Walk


@dataclass
class Board:
    """The notices of one case, told of each of its events by the reader's role."""

    database: Database
    told: int = 0

    def tell(self, walk: Walk) -> None:
        """Whatever has happened since the last time."""
        before: Case | None = fold(walk.events[: self.told])
        with self.database.connect("simpul_intake") as conn:
            for count, event in enumerate(walk.events[self.told :], start=self.told + 1):
                after = fold(walk.events[:count])
                assert after is not None
                stages_notices.tell(conn, Drawn(before, event, after), WALIDATA, book())
                before = after
        self.told = len(walk.events)

    def open(self) -> list[tuple[Any, ...]]:
        """Kind, agency and role of what is open."""
        with self.database.connect() as conn:
            rows = conn.execute("select kind, opd, role from notice.notice where state <> 'closed' order by cause")
            return rows.fetchall()

    def titles(self) -> list[str]:
        with self.database.connect() as conn:
            rows = conn.execute("select title from notice.notice where state <> 'closed' order by cause").fetchall()
        return [title for (title,) in rows]


@pytest.fixture(scope="module")
def database(stack: Stack, template: str) -> Iterator[Database]:
    with one_database(stack, template) as made:
        yield made


@pytest.fixture
def board(database: Database) -> Iterator[Board]:
    yield Board(database)
    with database.connect() as conn:
        conn.execute("update notice.notice set state = 'closed', closed_at = now() where state <> 'closed'")


def test_the_holder_is_reminded_the_superior_when_it_is_late_and_both_end_with_the_stage(board: Board) -> None:
    walk = Walk().to(2)
    walk.day = date(2026, 1, 6)
    walk.do(Remind(), SYSTEM)
    board.tell(walk)
    assert board.open() == [("case.due-soon", OPD, "opd_admin")]
    assert board.titles() == [f"{CASE}: tahap 2 Definisi Data jatuh tempo 6 Januari 2026."]
    walk.day = date(2026, 1, 9)
    walk.do(Remind(), SYSTEM)
    board.tell(walk)
    assert board.open() == [("case.due-soon", OPD, "opd_admin"), ("case.overdue", WALIDATA, "pejabat_pengawas")]
    assert board.titles() == [
        f"{CASE}: tahap 2 Definisi Data terlambat 3 hari kerja.",
        f"{CASE}: tahap 2 Definisi Data terlambat 3 hari kerja di OPD.",
    ]
    walk.fulfil()
    walk.confirm(ADMIN)
    board.tell(walk)

    assert board.open() == []


def test_each_reminder_is_told_anew(board: Board) -> None:
    walk = Walk().to(3)
    for day in (date(2026, 1, 26), date(2026, 2, 4), date(2026, 2, 5)):
        walk.day = day
        walk.do(Remind(), SYSTEM)
    board.tell(walk)

    with board.database.connect() as conn:
        steps = conn.execute(
            "select s.act from notice.step s join notice.notice n on n.id = s.notice"
            " where n.cause like %s and n.state = 'open' order by s.id",
            [f"case:tenggat:{CASE}:3:%"],
        ).fetchall()
    assert [act for (act,) in steps][1:] == ["worse", "worse"]


def test_whoever_gets_the_ball_is_told_instead(board: Board) -> None:
    walk = Walk().to(3)
    walk.day = date(2026, 2, 9)
    walk.do(Remind(), SYSTEM)
    board.tell(walk)
    first = board.open()
    walk.rework(Side.OPD)
    board.tell(walk)
    second = board.open()
    walk.day = date(2026, 2, 12)
    walk.do(Remind(), SYSTEM)
    board.tell(walk)

    assert first[0][1:] == (WALIDATA, "tim_teknis")
    assert second == []
    assert [each[1:] for each in board.open()] == [(OPD, "opd_admin"), (WALIDATA, "pejabat_pengawas")]


def test_a_hold_is_silent(board: Board) -> None:
    walk = Walk().to(3)
    walk.day = date(2026, 2, 5)
    walk.do(Remind(), SYSTEM)
    walk.hold(5)
    board.tell(walk)

    assert board.open() == []


def test_the_third_return_of_an_edge_is_told_to_the_head_until_the_case_goes_live(board: Board) -> None:
    walk = Walk().to(3)
    for _ in range(3):
        walk.send_back(2, TEKNIS)
        walk.to(3)
    board.tell(walk)

    assert board.open() == [("case.returned-often", WALIDATA, "kepala_dinas")]
    assert board.titles() == [f"{CASE} sudah 3 kali dikembalikan dari tahap 3 ke tahap 2."]
    walk.to(12)
    board.tell(walk)
    assert board.open() == []


def test_an_integration_that_is_not_kept_fresh_is_a_disturbance_until_it_is(board: Board) -> None:
    walk = Walk().to(12)
    walk.do(Report(Fact(NOT_FRESH, DOCUMENTS[0], walk.moment.at, "basi")), SYSTEM)
    board.tell(walk)
    assert board.open() == [("case.stale", OPD, "opd_admin")]
    walk.do(Report(Fact(FRESH, DOCUMENTS[0], walk.moment.at, "segar")), SYSTEM)
    board.tell(walk)

    assert board.open() == []

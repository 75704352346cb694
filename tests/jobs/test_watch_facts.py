"""Documents that cases depend on: what the watch sees goes to `sop.fact` once for each change, and what follows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from base.calendar import pinned
from hub_db import case_facts
from hub_db.facts import report
from jobs import watch_facts
from jobs.watch import WatchContext
from jobs.watch_settings import WatchSettings
from sop.actors import SYSTEM
from sop.commands import Fact as Told
from sop.commands import Report
from sop.events import Kind
from sop.evidence import FRESH, WATCHES
from sop.facts import label, labels, stages_asking
from sop.procedure import book
from tests.conftest import Database
from tests.jobs.offices import settings
from tests.sop.town import DOCUMENTS, Walk, moment

STAGES = stages_asking(book(), FRESH)
FIRST, SECOND = DOCUMENTS
NOON = datetime(2026, 1, 5, 5, tzinfo=UTC)  # Monday, 12.00 WIB


@pytest.fixture
def hub(database: Database) -> Iterator["Hub"]:
    made = Hub(database)
    yield made
    made.conn.close()


class Hub:
    """Two documents in production, a case on the board, and the watch's own connection."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.conn = database.connect("simpul_jobs", autocommit=True)
        with database.connect() as owner:
            for document in DOCUMENTS:
                opd, _, name = document.partition(".")
                owner.execute(
                    "insert into hub.document (topic, opd, document, entity, subject, contract, schema_id,"
                    " provisioned_at) values (%s, %s, %s, 'uji', 'uji', %s, 1, %s)",
                    [f"opd.{document}", opd, name, '{"contract": {"freshness": "P1D"}}', NOON],
                )

    def board(self, state: str, stage: int | None, withdrawn: tuple[str, ...] = (), begun: datetime = NOON) -> None:
        """One case stands on the board, at a stage that has begun at a moment."""
        with self.database.connect() as owner:
            owner.execute("delete from board.standing")
            owner.execute(
                "insert into board.standing (number, opd, documents, procedure, decree, state, version, stage, round,"
                " held_days, met, holder, spells, returns, outside, breaches, withdrawn) values"
                " ('PI-2026-0001', 'disdik', %s, 1, '-', %s, 1, %s, 1, 0, '[]', 'opd', '[]', '[]', '{}', '{}', %s)",
                [list(DOCUMENTS), state, stage, list(withdrawn)],
            )
            owner.execute(
                'insert into board.event ("case", version, opd, kind, case_state, at, "on", actor, stage, round,'
                " manual, documents, detail) values ('PI-2026-0001', %s, 'disdik', 'stage.started', 'running', %s, %s,"
                " 'system', %s, 1, false, '{}', '{}') on conflict do nothing",
                [stage or 99, begun, date(2026, 1, 6), stage],
            )

    def look(self, at: datetime) -> list[tuple[str, str]]:
        context = WatchContext(at, settings().zone, pinned().is_working_day, "kominfo", WatchSettings())
        return [(each.kind, each.key) for each in watch_facts.report(self.conn, context, stages=STAGES)]

    def sent(self) -> list[tuple[Any, ...]]:
        with self.database.connect() as owner:
            return owner.execute("select kind, key, source from hub.fact order by id").fetchall()


def test_a_live_document_is_told_of_once_for_each_change(hub: Hub) -> None:
    hub.board("live", 12, withdrawn=(SECOND,))

    first, again = hub.look(NOON), hub.look(NOON + timedelta(hours=1))
    broken, still = hub.look(NOON + timedelta(days=3)), hub.look(NOON + timedelta(days=4))
    with hub.database.connect() as owner:
        owner.execute("update hub.document set provisioned_at = %s", [NOON + timedelta(days=4)])
    kept = hub.look(NOON + timedelta(days=4, hours=1))

    assert first == [("freshness.kept", FIRST), ("rejects.settled", FIRST)]
    assert (again, still) == ([], [])
    assert (broken, kept) == ([("freshness.broken", FIRST)], [("freshness.kept", FIRST)])
    assert hub.sent() == [(kind, key, "/simpul/watch") for kind, key in [*first, *broken, *kept]]


def test_a_stage_that_asks_for_it_is_told_anew_and_others_are_not(hub: Hub) -> None:
    hub.board("running", 10)
    before = hub.look(NOON + timedelta(hours=1))
    hub.board("running", 11, begun=NOON + timedelta(hours=1))
    told, again = hub.look(NOON + timedelta(hours=2)), hub.look(NOON + timedelta(hours=3))
    with hub.database.connect() as owner:
        owner.execute("update board.event set at = %s", [NOON + timedelta(hours=4)])  # the next round of the stage
    anew = hub.look(NOON + timedelta(hours=5))

    expected = [(kind, document) for kind in ("freshness.kept", "rejects.settled") for document in DOCUMENTS]
    assert {11} == STAGES
    assert (before, again) == ([], [])
    assert sorted(told) == sorted(anew) == expected


def test_a_document_that_is_not_in_production_is_not_spoken_of(hub: Hub) -> None:
    hub.board("closed", None)
    with hub.database.connect() as owner:
        owner.execute("delete from hub.document where document = 'gtk'")

    assert {key for _, key in hub.look(NOON)} == {SECOND}


def told(walk: Walk, label: str, document: str = FIRST) -> tuple[Kind, ...]:
    said = walk.do(Report(Told(label, document, walk.moment.at, f"{label}/{walk.seconds}")), SYSTEM)
    return tuple(each.kind for each in said)


@pytest.mark.parametrize("watch", WATCHES)
def test_each_broken_promise_is_a_breach_of_its_own_and_ends_by_itself(watch: str) -> None:
    walk = Walk().to(12)
    broken, kept = WATCHES[watch]
    other = next(each for each in WATCHES if each != watch)

    opened, twice = told(walk, broken), told(walk, broken)
    told(walk, WATCHES[other][0])
    ended, again = told(walk, kept), told(walk, kept)

    assert (opened, twice, ended, again) == ((Kind.STALE,), (), (Kind.RECOVERED,), ())
    assert walk.now.breaches == {(other, FIRST)}
    assert walk.now.stale == ({FIRST} if other == "freshness" else set())
    assert {label for both in WATCHES.values() for label in both} <= labels(book())


def test_what_the_watch_reports_is_what_the_procedure_listens_to() -> None:
    assert {watch: (each.broken, each.kept) for watch, each in watch_facts.PROMISES.items()} == {
        watch: WATCHES[watch] for watch in watch_facts.PROMISES
    }


CONFORMANCE = case_facts.Conformance(FIRST, "run-7", "disdik.dapodik", checks=12, failed=0)
RECONCILIATION = case_facts.Reconciliation(FIRST, "run-8", there=100, here=100, different=0)
DIFFERENT = case_facts.Reconciliation(FIRST, "run-9", there=100, here=99, different=1)


def test_a_room_reports_conformance_and_reconciliation_and_they_are_evidence_of_stage_eight(database: Database) -> None:
    walk = Walk().to(8)
    evidence = {each.code: each for each in walk.stage.evidence}
    facts = [
        each.fact(source="/simpul/sandbox", occurred_at=moment(walk.day, 90).at)
        for each in (
            CONFORMANCE,
            RECONCILIATION,
            replace(CONFORMANCE, failed=1),
            replace(RECONCILIATION, here=99, different=1),
        )
    ]
    with database.connect("simpul_web") as conn:
        for fact in (*facts, facts[0]):
            report(conn, fact)
    met = []
    for fact in facts:
        walk.do(Report(Told(label(fact.kind, fact.data), fact.key, fact.occurred_at, fact.identity)), SYSTEM)
        met.append({code for code, subject in walk.attempt.met if subject == FIRST})

    assert set(evidence) == {"uji-kesesuaian", "pencocokan"}
    assert met == [{"uji-kesesuaian"}, {"uji-kesesuaian", "pencocokan"}, {"pencocokan"}, set()]
    with database.connect() as owner:
        assert owner.execute("select count(*) from hub.fact").fetchone() == (4,)  # a run told twice is told once


@pytest.mark.parametrize(
    "wrong",
    [
        replace(CONFORMANCE, checks=0),
        replace(CONFORMANCE, failed=13),
        replace(RECONCILIATION, here=99),
        replace(RECONCILIATION, different=-1),
    ],
)
def test_counts_that_cannot_be_are_refused(wrong: case_facts.Conformance | case_facts.Reconciliation) -> None:
    with pytest.raises(ValueError, match=r"checks|rows"):
        wrong.fact(source="/simpul/sandbox", occurred_at=NOON)

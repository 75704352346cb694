"""The watch: what is found is raised, what is found no more is closed, what cannot see says so; each rule's page."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from identity.permissions import Role
from jobs.notices import Office, Severity, State
from jobs.notices_views import list_notices, looks
from jobs.watch import BLIND, Blind, Finding, Rule, WatchContext, look_all, look_due, page, what_to_do
from jobs.watch_log_ends import log_ends
from jobs.watch_rules import RULES, lag
from schemas.wire.kafka import KafkaSettings
from tests.conftest import Database
from tests.jobs.offices import settings, worked
from tests.jobs.watched import EVERYWHERE, Watched

NOW = datetime(2026, 1, 5, 3, tzinfo=UTC)
ZONE = settings().zone
CONTEXT = WatchContext(NOW, settings().zone, worked, "kominfo")


@pytest.fixture
def conn(database: Database) -> Iterator[Connection[TupleRow]]:
    watched = Watched(database)
    yield watched.conn
    watched.close()


def rule(*subjects: str, name: str = "lag", error: Exception | None = None, **more: Any) -> Rule:
    """A rule that finds these subjects, or raises."""

    def look(_conn: Connection[TupleRow], _context: WatchContext) -> list[Finding]:
        if error is not None:
            raise error
        return [Finding(each, f"{each} perlu dilihat.", **more) for each in subjects]

    return Rule(name, "Aturan uji", Role.OPERATOR, Severity.ATTENTION, look)


def causes(conn: Connection[TupleRow], *states: State) -> list[str]:
    return sorted(row.cause for row in list_notices(conn, EVERYWHERE, states=states or (State.OPEN,)))


def test_each_finding_is_a_notice_of_the_rules_office_and_says_what_to_do(conn: Connection[TupleRow]) -> None:
    look_all(conn, CONTEXT, [rule("a", body="Sejak tadi.")])

    (row,) = list_notices(conn, EVERYWHERE)
    assert (row.cause, row.kind, row.title) == ("watch:lag:a", "watch.lag", "a perlu dilihat.")
    assert (row.office, row.severity) == (Office("kominfo", Role.OPERATOR), Severity.ATTENTION)
    assert row.body == f"Sejak tadi.\n\n{what_to_do('lag')}"


def test_a_finding_may_name_its_own_office_and_severity(conn: Connection[TupleRow]) -> None:
    office = Office("dinkes", Role.OPD_ADMIN)

    look_all(conn, CONTEXT, [rule("a", office=office, severity=Severity.DISTURBANCE, urgent=True, link="/token")])

    (row,) = list_notices(conn, EVERYWHERE)
    assert (row.office, row.severity, row.urgent, row.link) == (office, Severity.DISTURBANCE, True, "/token")


def test_what_is_found_no_more_is_closed_and_what_comes_back_is_new(conn: Connection[TupleRow]) -> None:
    look_all(conn, CONTEXT, [rule("a", "b"), rule("a", name="disk")])

    (looked,) = look_all(conn, CONTEXT, [rule("b", "c")])
    assert (len(looked.findings), looked.closed) == (2, 1)
    assert causes(conn) == ["watch:disk:a", "watch:lag:b", "watch:lag:c"]

    look_all(conn, CONTEXT, [rule("a")])
    assert causes(conn) == ["watch:disk:a", "watch:lag:a"]
    assert causes(conn, State.CLOSED) == ["watch:lag:a", "watch:lag:b", "watch:lag:c"]


@pytest.mark.parametrize(
    ("blind", "reason"),
    [
        pytest.param(rule(error=Blind("Kafka tidak menjawab.")), "Kafka tidak menjawab.", id="it says so"),
        pytest.param(
            Rule(
                "lag",
                "Aturan uji",
                Role.OPERATOR,
                Severity.ATTENTION,
                lambda conn, _context: [Finding("a", str(conn.execute("select 1 from hub.nowhere").fetchone()))],
            ),
            "Basis data menolak (Halted).",
            id="its statement fails",
        ),
    ],
)
def test_a_rule_that_cannot_see_leaves_its_notices_and_calls_the_operator(
    conn: Connection[TupleRow], blind: Rule, reason: str
) -> None:
    look_all(conn, CONTEXT, [rule("a")])

    looked, other = look_all(conn, CONTEXT, [blind, rule("x", name="disk")])
    assert (looked.reason, other.reason) == (reason, None)
    assert causes(conn) == ["watch:disk:x", "watch:lag:a"]
    look_all(conn, CONTEXT, [blind])
    assert causes(conn) == ["watch:blind:lag", "watch:disk:x", "watch:lag:a"]
    (row,) = [row for row in list_notices(conn, EVERYWHERE) if row.kind == "watch.blind"]
    assert row.title == "Pengawasan aturan uji tidak dapat berjalan."
    assert row.body == f"{reason}\n\n{what_to_do(BLIND)}"

    look_all(conn, CONTEXT, [rule("a")])
    assert causes(conn) == ["watch:disk:x", "watch:lag:a"]


def test_a_kafka_that_does_not_answer_is_a_rule_that_cannot_see(conn: Connection[TupleRow]) -> None:
    nowhere = KafkaSettings(bootstrap="127.0.0.1:9", username="hub-jobs", password=SecretStr("x"))
    context = WatchContext(NOW, settings().zone, worked, "kominfo", log_ends=lambda: log_ends(nowhere))

    (looked,) = look_all(conn, context, [lag.RULE])
    look_all(conn, context, [lag.RULE])

    assert looked.reason is not None
    assert looked.reason.startswith("Kafka tidak menjawab")
    assert causes(conn) == ["watch:blind:lag"]


def test_a_rule_looks_when_its_time_has_come(conn: Connection[TupleRow]) -> None:
    slow = Rule("disk", "Lambat", Role.OPERATOR, Severity.INFO, lambda _conn, _context: [], every_s=60)
    rules = [rule(name="lag"), slow]

    def due(after_s: float) -> list[str]:
        now = NOW + timedelta(seconds=after_s)
        context = WatchContext(now, settings().zone, worked, "kominfo")
        return [looked.rule for looked in look_due(conn, context, rules)]

    assert due(0) == ["lag", "disk"]
    assert due(59) == []
    assert due(60) == ["lag", "disk"]


def test_a_rule_that_could_not_see_looks_again_soon(conn: Connection[TupleRow]) -> None:
    hourly = Rule("disk", "Jarang", Role.OPERATOR, Severity.INFO, rule(error=Blind("Gelap.")).look, every_s=3600)

    def due(after_s: float) -> int:
        return len(look_due(conn, WatchContext(NOW + timedelta(seconds=after_s), ZONE, worked, "kominfo"), [hourly]))

    assert [due(0), due(29), due(30), due(60)] == [1, 0, 1, 1]
    assert causes(conn) == ["watch:blind:disk"]


def test_the_last_look_of_each_rule_is_kept(conn: Connection[TupleRow]) -> None:
    look_all(conn, CONTEXT, [rule("a", "b"), rule(name="disk", error=Blind("Disk dilepas."))])

    assert [(look.name, look.looked_at, look.findings, look.reason) for look in looks(conn)] == [
        ("disk", NOW, 0, "Disk dilepas."),
        ("lag", NOW, 2, None),
    ]


def test_all_rules_look_at_an_empty_hub_and_find_nothing(conn: Connection[TupleRow]) -> None:
    looked = look_all(conn, WatchContext(datetime.now(UTC), settings().zone, worked, "kominfo"), RULES)

    assert [(each.rule, each.reason, each.findings) for each in looked] == [(each.name, None, ()) for each in RULES]


# Pages and tests.


@pytest.mark.parametrize("name", [*(rule.name for rule in RULES), BLIND])
def test_each_rule_has_a_page_that_says_what_it_means_and_what_to_do(name: str) -> None:
    written = page(name)

    assert re.findall(r"^## (.+)$", written, re.MULTILINE) == ["Artinya", "Yang dilakukan"]
    assert len(written) < 1500
    assert what_to_do(name).startswith("1. ")


def test_there_is_no_page_without_a_rule() -> None:
    folder = Path(__file__).parents[2] / "jobs" / "watch_rules" / "pages"

    assert {path.stem for path in folder.iterdir()} == {*(rule.name for rule in RULES), BLIND}


def test_each_rule_has_a_test_that_fires_it_and_closes_it() -> None:
    tested = {
        match[1].replace("_", "-")
        for path in Path(__file__).parent.glob("test_watch_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (match := re.match(r"test_(\w+)_fires_and_closes", node.name))
    }

    assert {rule.name for rule in RULES} - tested == set()
    assert len({rule.name for rule in RULES}) == len(RULES)

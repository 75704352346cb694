"""One cause has one notice: raised, counted, taken, silenced, closed, raised anew."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from identity.actors import Actor
from identity.permissions import Role
from identity.principals import Scope
from jobs.errors import NoSuchNotice, NotPossible
from jobs.notices import (
    Act,
    NoticeId,
    Office,
    Severity,
    State,
    acknowledge,
    close,
    close_cause,
    close_causes,
    open_causes,
    raise_notice,
    silence,
)
from jobs.notices_views import counts, list_notices, notice
from tests.conftest import Database
from tests.jobs.offices import ADMIN, NOW, a_notice

ALL = Scope(everywhere=True, opds=frozenset())
OPERATOR_1 = Actor("operator1", "person", Role.OPERATOR, "kominfo")
WHY = "Server penerima sedang diganti."


@pytest.fixture
def conn(database: Database) -> Iterator[Connection[Any]]:
    """As the process that works on jobs."""
    with database.connect("simpul_jobs", autocommit=True) as connection:
        yield connection


def test_a_cause_that_is_raised_again_is_counted_and_gets_no_second_notice(conn: Connection[Any]) -> None:
    first = raise_notice(conn, a_notice(), now=NOW)
    later = NOW + timedelta(minutes=1)

    again = raise_notice(conn, a_notice(title="Data orang belum terolah sejak 11 menit."), now=later)

    (row,) = list_notices(conn, ALL)
    assert again == first
    assert (row.count, row.raised_at, row.last_seen_at, row.state) == (2, NOW, later, State.OPEN)
    assert row.title == "Data orang belum terolah sejak 11 menit."
    assert [step.act for step in notice(conn, first).steps] == [Act.RAISED]


def test_a_cause_that_got_worse_opens_its_notice_again(conn: Connection[Any]) -> None:
    number = raise_notice(conn, a_notice(severity=Severity.ATTENTION), now=NOW)
    acknowledge(conn, number, by=OPERATOR_1, now=NOW)

    raise_notice(conn, a_notice(severity=Severity.DISTURBANCE), now=NOW)
    raise_notice(conn, a_notice(severity=Severity.ATTENTION), now=NOW)

    view = notice(conn, number)
    assert (view.row.state, view.row.severity) == (State.OPEN, Severity.DISTURBANCE)
    assert [step.act for step in view.steps] == [Act.RAISED, Act.ACKNOWLEDGED, Act.WORSE]


def test_a_higher_level_is_worse_and_a_lower_one_says_nothing(conn: Connection[Any]) -> None:
    number = raise_notice(conn, a_notice(level=1), now=NOW)

    for level in (2, 1, 2):
        raise_notice(conn, a_notice(level=level), now=NOW)

    assert [step.act for step in notice(conn, number).steps] == [Act.RAISED, Act.WORSE]


def test_a_cause_that_ends_closes_its_notice_once(conn: Connection[Any]) -> None:
    number = raise_notice(conn, a_notice(), now=NOW)

    assert close_cause(conn, "watch:lag:opd.uji.orang", now=NOW) is True
    assert close_cause(conn, "watch:lag:opd.uji.orang", now=NOW) is False

    view = notice(conn, number)
    assert (view.row.state, view.row.closed_at) == (State.CLOSED, NOW)
    assert [step.act for step in view.steps] == [Act.RAISED, Act.CLOSED]


def test_a_cause_that_comes_back_is_a_new_notice_that_names_the_old_one(conn: Connection[Any]) -> None:
    first = raise_notice(conn, a_notice(), now=NOW)
    close_cause(conn, "watch:lag:opd.uji.orang", now=NOW)

    second = raise_notice(conn, a_notice(), now=NOW + timedelta(hours=1))

    view = notice(conn, second)
    assert second != first
    assert view.row.previous == first
    assert [each.id for each in view.earlier] == [first]
    assert [step.act for step in view.steps] == [Act.RECURRED]
    assert notice(conn, first).row.state is State.CLOSED


def test_causes_are_found_and_closed_by_their_beginning(conn: Connection[Any]) -> None:
    for name in ("watch:lag:a", "watch:lag:b", "watch:lagging:c"):
        raise_notice(conn, a_notice(cause=name), now=NOW)

    assert open_causes(conn, "watch:lag:") == ["watch:lag:a", "watch:lag:b"]
    assert close_causes(conn, ["watch:lag:a", "watch:lag:b", "unknown"], now=NOW) == 2
    assert open_causes(conn, "watch:") == ["watch:lagging:c"]


def test_a_rolled_back_transaction_raises_nothing(conn: Connection[Any]) -> None:
    with conn.transaction(force_rollback=True):
        raise_notice(conn, a_notice(), now=NOW)

    assert list_notices(conn, ALL) == []


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("NIK 3518131708909001 tidak dikenal.", id="a number of a person"),
        pytest.param("Surel budi@opd.example tidak dapat dikirim.", id="an address"),
    ],
)
def test_a_title_with_a_personal_value_is_refused(conn: Connection[Any], title: str) -> None:
    with pytest.raises(ValueError, match="number or address") as refusal:
        raise_notice(conn, a_notice(title=title), now=NOW)

    assert "3518131708909001" not in str(refusal.value)
    assert list_notices(conn, ALL) == []


def test_whoever_acts_stands_in_the_audit(conn: Connection[Any]) -> None:
    number = raise_notice(conn, a_notice(), now=NOW)
    until = NOW + timedelta(hours=3)

    acknowledge(conn, number, by=OPERATOR_1, now=NOW)
    silence(conn, number, until=until, by=OPERATOR_1, now=NOW, note=WHY)
    close(conn, number, by=OPERATOR_1, now=NOW, note=WHY)

    entries = conn.execute("select actor, role, act, subject, purpose, details from audit.entry order by id").fetchall()
    cause = {"cause": "watch:lag:opd.uji.orang"}
    assert entries == [
        ("operator1", "operator", "notice.acknowledge", f"notice:{number}", None, cause),
        ("operator1", "operator", "notice.silence", f"notice:{number}", WHY, cause | {"until": until.isoformat()}),
        ("operator1", "operator", "notice.close", f"notice:{number}", WHY, cause),
    ]
    assert [step.note for step in notice(conn, number).steps] == ["", "", WHY, WHY]


def test_taking_a_notice_twice_is_once(conn: Connection[Any]) -> None:
    number = raise_notice(conn, a_notice(), now=NOW)

    for _ in range(2):
        acknowledge(conn, number, by=OPERATOR_1, now=NOW)

    assert [step.act for step in notice(conn, number).steps] == [Act.RAISED, Act.ACKNOWLEDGED]


def test_what_makes_no_sense_is_refused(conn: Connection[Any]) -> None:
    number = raise_notice(conn, a_notice(), now=NOW)

    with pytest.raises(NotPossible, match="di depan"):
        silence(conn, number, until=NOW, by=OPERATOR_1, now=NOW, note=WHY)
    with pytest.raises(NotPossible, match="30 hari"):
        silence(conn, number, until=NOW + timedelta(days=31), by=OPERATOR_1, now=NOW, note=WHY)
    with pytest.raises(NotPossible, match="Alasan baru 4 huruf"):
        close(conn, number, by=OPERATOR_1, now=NOW, note="tahu")
    with pytest.raises(NoSuchNotice):
        acknowledge(conn, NoticeId(number + 1), by=OPERATOR_1, now=NOW)
    close(conn, number, by=OPERATOR_1, now=NOW, note=WHY)
    with pytest.raises(NotPossible, match="sudah ditutup"):
        acknowledge(conn, number, by=OPERATOR_1, now=NOW)


def test_a_list_shows_an_opd_its_own_notices_the_worst_first(conn: Connection[Any]) -> None:
    mine = Scope(everywhere=False, opds=frozenset({"dinkes"}))
    raise_notice(conn, a_notice(cause="hub"), now=NOW)
    mild = raise_notice(conn, a_notice(cause="mild", office=ADMIN, severity=Severity.INFO), now=NOW)
    bad = raise_notice(conn, a_notice(cause="bad", office=ADMIN), now=NOW)
    over = raise_notice(conn, a_notice(cause="over", office=ADMIN), now=NOW)
    close_cause(conn, "over", now=NOW)

    assert [row.id for row in list_notices(conn, mine)] == [bad, mild, over]
    assert [row.id for row in list_notices(conn, mine, severities=[Severity.INFO])] == [mild]
    assert [row.id for row in list_notices(conn, mine, states=[State.CLOSED])] == [over]
    assert len(list_notices(conn, ALL)) == 4
    assert counts(conn, mine).not_closed == 2
    assert (counts(conn, ALL).disturbances, counts(conn, ALL).untaken) == (2, 3)


def test_a_notice_of_another_opd_is_not_there(conn: Connection[Any]) -> None:
    number = raise_notice(conn, a_notice(), now=NOW)

    with pytest.raises(NoSuchNotice):
        notice(conn, number, Scope(everywhere=False, opds=frozenset({"dinkes"})))


@pytest.mark.parametrize("role", ["simpul_intake", "simpul_publisher", "simpul_registry", "simpul_web", "simpul_jobs"])
def test_every_process_may_raise_and_close(database: Database, role: str) -> None:
    with database.connect(role, autocommit=True) as conn:
        raise_notice(conn, a_notice(office=Office("dinkes", Role.OPD_ADMIN)), now=NOW)
        raise_notice(conn, a_notice(severity=Severity.DISTURBANCE, level=3), now=NOW)

        assert close_cause(conn, "watch:lag:opd.uji.orang", now=NOW)


def test_the_watchs_role_reads_no_column_that_holds_a_value(database: Database) -> None:
    """Keys, values, headers of events; passwords, secrets and tokens of people."""
    closed = [
        ("hub.history", "value"),
        ("hub.dead_letter", "value"),
        ("hub.dead_letter", "key"),
        ("hub.dead_letter", "headers"),
        ("hub.dead_letter", "found"),
        ("hub.parked", "value"),
        ("hub.parked", "key"),
        ("hub.parked", "missing_key"),
        ("identity.password", "hash"),
        ("identity.second_factor", "secret"),
        ("identity.service_token", "token_sha256"),
        ("identity.session", "token_sha256"),
    ]
    with database.connect(autocommit=True) as conn:
        open_ones = [
            (table, column)
            for table, column in closed
            if conn.execute("select has_column_privilege('simpul_jobs', %s, %s, 'select')", (table, column)).fetchone()
            != (False,)
        ]

    assert open_ones == []

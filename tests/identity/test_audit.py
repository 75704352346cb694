"""Entries of the audit: what may stand in one, that it goes with its transaction, that nobody changes it."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from identity.audit import AuditEntry, canonical, record, record_all
from tests.conftest import Database

AT = datetime(2026, 1, 5, 7, 5, 0, 120_000, tzinfo=UTC)
INVITED = AuditEntry("sari", "person", "people.invite", role="administrator", opd="kominfo", subject="person:12")
WRITERS = ("simpul_intake", "simpul_publisher", "simpul_registry", "simpul_web", "simpul_jobs")


def test_an_entry_has_one_canonical_text() -> None:
    entry = AuditEntry("sari", "person", "people.invite", details={"z": [1, True, None], "a": 'é"\n\x1f'}, at=AT)

    text = canonical(7, 2**60, AT, entry)

    assert text.decode() == (
        '{"act":"people.invite","actor":"sari","actor_kind":"person","at":"2026-01-05T07:05:00.120000Z",'
        '"details":{"a":"é\\"\\n\\u001f","z":[1,true,null]},"id":"7","opd":null,"purpose":null,"role":null,'
        '"subject":null,"transaction":"1152921504606846976","v":1}'
    )


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(1.5, "cannot hold a float", id="a fraction"),
        pytest.param(2**53, "beyond", id="an integer that readers round"),
        pytest.param("a\0b", "NUL", id="a NUL"),
        pytest.param("\ud800", "surrogates", id="half of a character"),
        pytest.param({"é": 1}, "not an ASCII text", id="a key that sorts differently elsewhere"),
        pytest.param(b"x", "cannot hold a bytes", id="bytes"),
        pytest.param([{"deep": {1}}], "cannot hold a set", id="something deep inside"),
    ],
)
def test_what_may_not_stand_in_an_entry_is_refused(database: Database, value: Any, reason: str) -> None:
    with database.connect() as conn, pytest.raises(ValueError, match=reason):
        record(conn, AuditEntry("sari", "person", "people.invite", details={"inner": value}))


@pytest.mark.parametrize("details", ['{"a": 1.5}', '{"a": [{"b": 1e300}]}', '{"a": -9007199254740992}', "[]"])
def test_the_database_too_lets_nothing_in_that_cannot_be_sealed(database: Database, details: str) -> None:
    statement = "insert into audit.entry (actor, actor_kind, act, details) values ('a', 'system', 'a.b', %s)"
    with database.connect("simpul_web") as conn, pytest.raises(psycopg.errors.CheckViolation) as refused:
        conn.execute(statement, (details,))

    assert refused.value.diag.constraint_name in {"entry_details_have_whole_numbers", "entry_details_are_an_object"}


def test_an_entry_goes_with_the_transaction_of_its_act(database: Database) -> None:
    with database.connect("simpul_web") as conn:
        record(conn, INVITED)
        conn.rollback()
        record_all(conn, [INVITED, AuditEntry("hub", "system", "audit.anchor", details={"number": 3})])
    with database.connect("simpul_web") as conn:
        rows = conn.execute("select actor, actor_kind, role, opd, act, subject, details from audit.entry order by id")

        assert rows.fetchall() == [
            ("sari", "person", "administrator", "kominfo", "people.invite", "person:12", {}),
            ("hub", "system", None, None, "audit.anchor", None, {"number": 3}),
        ]


def test_the_moment_is_the_databases_unless_it_is_given(database: Database) -> None:
    with database.connect() as conn:
        record(conn, INVITED)
        record(conn, AuditEntry("sari", "person", "people.invite", at=AT))
        apart = conn.execute("select clock_timestamp() - at < '1 minute', at from audit.entry order by id").fetchall()

        assert [row[0] for row in apart] == [True, False]
        assert apart[1][1] == AT


@pytest.mark.parametrize("role", ["simpul_owner", *WRITERS])
@pytest.mark.parametrize(
    "statement",
    [
        "update audit.entry set act = 'a.b'",
        "update audit.entry set act = 'a.b' where false",
        "delete from audit.entry",
        "truncate audit.entry",
        "update audit.link set number = 2",
        "delete from audit.link",
        "truncate audit.link",
        "insert into audit.entry select * from audit.entry on conflict (id) do update set act = excluded.act",
    ],
)
def test_nobody_changes_or_removes_an_entry(database: Database, role: str, statement: str) -> None:
    with database.connect() as owner:
        record(owner, INVITED)
    with database.connect(role) as conn, pytest.raises(psycopg.Error) as refused:
        conn.execute(statement)

    assert refused.value.sqlstate in {"42501", "428C9"}  # no right; or a column that only the database writes


@pytest.mark.parametrize("role", WRITERS)
@pytest.mark.parametrize("column", ["id", "transaction"])
def test_number_and_transaction_are_the_databases_to_say(database: Database, role: str, column: str) -> None:
    statement = SQL("insert into audit.entry (actor, actor_kind, act, {}) values ('a', 'system', 'a.b', '5')")
    with database.connect(role) as conn, pytest.raises(psycopg.Error) as refused:
        conn.execute(statement.format(Identifier(column)))

    assert refused.value.sqlstate in {"42501", "428C9"}

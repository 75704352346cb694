"""Service tokens: what one is good for, how long, and that its secret is nowhere."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from cli.stack.postgres import PROGRAMS, wheel
from identity.errors import NotAllowed, Unknown
from identity.opds import EVERYWHERE, add_system, switch_opd, switch_system
from identity.permissions import Permission
from identity.principals import Scope
from identity.tokens import LONGEST, NewToken, ServiceToken, issue_token, principal_of_token, revoke, tokens
from tests.conftest import Database
from tests.identity.town import BY, NOW, Town

SECOND = timedelta(seconds=1)
SEND = frozenset({Permission.SEND_EVENTS})
DINKES = Scope(everywhere=False, opds=frozenset({"dinkes"}))


@pytest.fixture
def new(town: Town) -> NewToken:
    """What a token for a system of Dinkes is asked for."""
    number = add_system(town.conn, "dinkes", "simrs", "SIMRS", by=BY, now=NOW)
    return NewToken(number, "kirim", SEND, frozenset({"rekam"}), NOW + LONGEST)


def issue(town: Town, new: NewToken, after: timedelta = timedelta()) -> tuple[int, ServiceToken]:
    with town.conn.transaction():
        return issue_token(town.conn, new, by=BY, now=NOW + after)


def opens(town: Town, token: str, after: timedelta = timedelta()) -> bool:
    return principal_of_token(town.conn, token, now=NOW + after) is not None


def test_a_token_tells_whose_it_is_and_what_for(town: Town, new: NewToken) -> None:
    number, token = issue(town, new)

    found = principal_of_token(town.conn, token, now=NOW)

    assert found is not None
    assert (found.token_id, found.opd, found.system, found.documents, found.permissions) == (
        number,
        "dinkes",
        "simrs",
        frozenset({"rekam"}),
        SEND,
    )
    assert town.acts("token.issue") == [("token.issue", f"token:{number}")]


def test_the_secret_is_in_no_dump_of_the_database(town: Town, new: NewToken, database: Database) -> None:
    _, token = issue(town, new)
    principal_of_token(town.conn, token, now=NOW)

    dump = subprocess.run(
        [wheel() / PROGRAMS / "bin" / "pg_dump", database.dsn("simpul_owner").get_secret_value()],
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout

    assert b"service_token" in dump
    assert token.encode() not in dump
    assert token.removeprefix("smp_").encode() not in dump


def revoke_it(town: Town, number: int) -> None:
    revoke(town.conn, number, by=BY, within=EVERYWHERE, now=NOW)


def switch_its_system_off(town: Town, _number: int) -> None:
    switch_system(town.conn, "dinkes", "simrs", active=False, by=BY, now=NOW)


def switch_its_agency_off(town: Town, _number: int) -> None:
    switch_opd(town.conn, "dinkes", active=False, by=BY, now=NOW)


@pytest.mark.parametrize("end", [revoke_it, switch_its_system_off, switch_its_agency_off], ids=lambda end: end.__name__)
def test_a_token_ends_at_once_in_every_process(
    town: Town, new: NewToken, database: Database, end: Callable[[Town, int], None]
) -> None:
    number, token = issue(town, new)
    with database.connect("simpul_web", autocommit=True) as other:
        assert principal_of_token(other, token, now=NOW) is not None

        end(town, number)

        assert principal_of_token(other, token, now=NOW) is None


def test_a_token_ends_when_its_time_is_over(town: Town, new: NewToken) -> None:
    _, token = issue(town, new)

    assert opens(town, token, LONGEST - SECOND)
    assert not opens(town, token, LONGEST)


@pytest.mark.parametrize(
    "token", ["", "smp_", "smp_" + "A" * 43, "SMP_" + "A" * 43, "A" * 47, "smp_" + "A" * 42 + "\n", "\x00", "\ud800"]
)
def test_what_is_no_token_opens_nothing(town: Town, new: NewToken, token: str) -> None:
    issue(town, new)

    assert not opens(town, token)


def test_two_are_valid_at_once_for_a_purpose_so_that_one_can_replace_the_other(town: Town, new: NewToken) -> None:
    (first, old), (_, young) = issue(town, new), issue(town, new)
    with pytest.raises(NotAllowed, match="Sudah ada 2 token"):
        issue(town, new)
    other_purpose = issue(town, replace(new, purpose="baca"))

    revoke(town.conn, first, by=BY, within=EVERYWHERE, now=NOW)
    third = issue(town, new)

    assert not opens(town, old)
    assert all(opens(town, token) for token in (young, other_purpose[1], third[1]))


def test_an_expired_token_makes_room_for_another(town: Town, new: NewToken) -> None:
    soon = replace(new, expires_at=NOW + timedelta(days=1))
    issue(town, soon), issue(town, soon)

    assert issue(town, new, timedelta(days=1))[0] == 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"expires_at": NOW + LONGEST + SECOND}, "paling lama 365 hari", id="more than a year"),
        pytest.param({"expires_at": NOW}, "paling lama", id="over before it begins"),
        pytest.param({"permissions": frozenset({Permission.MANAGE_PEOPLE})}, "hanya untuk", id="managing people"),
        pytest.param({"permissions": frozenset()}, "hanya untuk", id="nothing"),
        pytest.param({"documents": frozenset()}, "Dokumen", id="no document"),
        pytest.param({"documents": frozenset({"../rekam"})}, "Dokumen", id="no name of a document"),
        pytest.param({"purpose": "Apa Saja"}, "Keperluan", id="no word"),
    ],
)
def test_a_token_beyond_the_rules_is_not_issued(
    town: Town, new: NewToken, change: dict[str, object], reason: str
) -> None:
    with pytest.raises(NotAllowed, match=reason):
        issue(town, replace(new, **change))  # type: ignore[arg-type]

    assert town.count("select count(*) from identity.service_token") == 0


def test_an_agency_sees_and_revokes_its_own_tokens_only(town: Town, new: NewToken) -> None:
    mine, token = issue(town, new)
    system = add_system(town.conn, "disdukcapil", "siak", "SIAK", by=BY, now=NOW)
    others, _ = issue(town, replace(new, system_id=system))

    with pytest.raises(Unknown):
        revoke(town.conn, others, by=BY, within=DINKES, now=NOW)
    with pytest.raises(Unknown):
        revoke(town.conn, 10**9, by=BY, within=EVERYWHERE, now=NOW)
    listed = tokens(town.conn, DINKES)

    assert [each.id for each in listed] == [mine]
    assert listed[0].hint == token[4:8]
    assert [each.id for each in tokens(town.conn, EVERYWHERE)] == [others, mine]


def test_the_last_use_is_written_once_a_minute_at_most(town: Town, new: NewToken) -> None:
    _, token = issue(town, new)

    def last_used_after(seconds: int) -> float:
        opens(town, token, timedelta(seconds=seconds))
        used = tokens(town.conn, EVERYWHERE)[0].last_used_at
        assert used is not None
        return (used - NOW).total_seconds()

    assert [last_used_after(seconds) for seconds in (0, 30, 59, 60, 100, 120)] == [0, 0, 0, 60, 60, 120]


def test_revoking_twice_is_revoking_once(town: Town, new: NewToken) -> None:
    number, _ = issue(town, new)

    for _ in range(2):
        revoke(town.conn, number, by=BY, within=DINKES, now=NOW)

    assert town.acts("token.revoke") == [("token.revoke", f"token:{number}")]

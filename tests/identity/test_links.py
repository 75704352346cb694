"""Links that let somebody in: once, for a while, and nobody else."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from identity import accounts, demo, links
from identity.appointments import disable, dismiss
from identity.errors import LinkGone, NotAllowed, WeakPassword
from identity.first_administrator import first_administrator
from identity.links import LASTS, Link, Purpose
from identity.people import find_person
from identity.permissions import ROLES_OF_ANY_OPD, Role
from identity.sessions import look
from identity.sign_in import SignedIn
from tests.conftest import Database
from tests.identity.town import BY, NOW, OTHER_PASSWORD, PASSWORD, POLICY, REGION, ZONE, Town

SECOND = timedelta(seconds=1)
OFFICES = [(role, "dinkes" if role in ROLES_OF_ANY_OPD else "kominfo") for role in Role]


def set_password(town: Town, token: str, password: str = PASSWORD, after: timedelta = timedelta()) -> Link:
    with town.conn.transaction():
        return accounts.set_password_by_link(town.conn, token, password, policy=POLICY, region=REGION, now=NOW + after)


def invited(town: Town, name: str = "sari") -> tuple[int, str]:
    number = town.person(name, password=None)
    with town.conn.transaction():
        return number, links.issue_link(town.conn, number, Purpose.INVITATION, by=BY, now=NOW)


def test_an_invitation_sets_the_first_password(town: Town) -> None:
    number, token = invited(town)

    found = set_password(town, token)

    assert (found.person_id, found.purpose) == (number, Purpose.INVITATION)
    assert town.signed_in().person_id == number
    assert town.acts("link.issue", "link.redeem", "password.set") == [
        ("link.issue", "account:sari"),
        ("link.redeem", "account:sari"),
        ("password.set", "account:sari"),
    ]


def use(town: Town, token: str) -> None:
    set_password(town, token)


def let_it_expire(town: Town, _token: str) -> None:
    town.conn.execute("update identity.link set redeemed_at = null")  # the clock does it, in `after` below


def issue_another(town: Town, _token: str) -> None:
    with town.conn.transaction():
        links.invite_again(town.conn, find_person(town.conn, "sari").id, by=BY, now=NOW)


def close_the_account(town: Town, _token: str) -> None:
    with town.conn.transaction():
        disable(town.conn, find_person(town.conn, "sari").id, by=BY, now=NOW)


@pytest.mark.parametrize(
    ("ends", "after"),
    [
        pytest.param(use, timedelta(), id="used"),
        pytest.param(let_it_expire, timedelta(hours=72), id="expired"),
        pytest.param(issue_another, timedelta(), id="another was issued"),
        pytest.param(close_the_account, timedelta(), id="account closed"),
    ],
)
def test_a_link_ends(town: Town, ends: Callable[[Town, str], None], after: timedelta) -> None:
    _, token = invited(town)
    ends(town, token)

    with pytest.raises(LinkGone):
        links.look_at(town.conn, token, now=NOW + after)
    with pytest.raises(LinkGone):
        set_password(town, token, OTHER_PASSWORD, after)


def test_a_link_holds_to_its_last_second(town: Town) -> None:
    _, token = invited(town)

    assert set_password(town, token, after=LASTS[Purpose.INVITATION] - SECOND).name == "sari"


@pytest.mark.parametrize("token", ["", "A" * 43, "\x00", "\ud800", "../../etc/passwd", "' or true --"])
def test_what_is_no_link_leads_nowhere(town: Town, token: str) -> None:
    invited(town)

    with pytest.raises(LinkGone):
        links.look_at(town.conn, token, now=NOW)


def test_looking_at_a_link_changes_nothing(town: Town) -> None:
    _, token = invited(town)
    before = town.conn.execute("select l.* from identity.link l").fetchall()

    for _ in range(3):
        links.look_at(town.conn, token, now=NOW)

    assert town.conn.execute("select l.* from identity.link l").fetchall() == before


def test_a_weak_password_leaves_the_link(town: Town) -> None:
    _, token = invited(town)

    with pytest.raises(WeakPassword):
        set_password(town, token, "Sari-Contoh-2026")

    assert set_password(town, token).name == "sari"


def test_of_two_who_use_a_link_at_once_one_gets_in(town: Town, database: Database) -> None:
    _, token = invited(town)

    with database.connect("simpul_web") as other:
        accounts.set_password_by_link(other, token, PASSWORD, policy=POLICY, region=REGION, now=NOW)
        town.conn.execute("set lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            set_password(town, token, OTHER_PASSWORD)
        other.commit()
        with pytest.raises(LinkGone):
            set_password(town, token, OTHER_PASSWORD)

    assert isinstance(town.sign_in(), SignedIn)


def test_a_reset_forgets_known_devices_and_lifts_the_wait(town: Town) -> None:
    number = town.person()
    device = town.signed_in().device
    for each in range(5):
        town.sign_in(password=OTHER_PASSWORD, address=f"10.0.1.{each}")

    town.give_password(number, OTHER_PASSWORD)

    answer = town.signed_in(password=OTHER_PASSWORD, device=device, address="10.0.2.1")
    assert answer.device is not None


def test_no_account_of_a_fresh_installation_can_sign_in(database: Database) -> None:
    with database.connect() as conn:
        assert conn.execute("select count(*) from identity.person").fetchone() == (0,)
        assert conn.execute("select count(*) from identity.password").fetchone() == (0,)
        assert conn.execute("select count(*) from identity.link").fetchone() == (0,)


def link_of_first(town: Town, after: timedelta = timedelta()) -> str | None:
    with town.conn.transaction():
        return first_administrator(town.conn, by=BY, zone=ZONE, now=NOW + after)


def test_the_first_administrator_gets_in_by_the_newest_link_and_there_is_no_other(town: Town) -> None:
    first, second = link_of_first(town), link_of_first(town)
    assert first is not None
    assert second is not None

    with pytest.raises(LinkGone):
        set_password(town, first)
    set_password(town, second)

    assert town.count("select count(*) from identity.person") == 1
    assert link_of_first(town) is None
    found = look(town.conn, town.signed_in("administrator").session, now=NOW, zone=ZONE)
    assert found is not None
    assert [each.role for each in found.waiting] == [Role.ADMINISTRATOR]  # until a second factor is set up


def close(town: Town, number: int) -> None:
    disable(town.conn, number, by=BY, now=NOW)


def dismiss_them(town: Town, number: int) -> None:
    dismiss(town.conn, number, find_person(town.conn, number).held[0].id, by=BY, now=NOW)


@pytest.mark.parametrize("goes", [close, dismiss_them], ids=["account closed", "role ended"])
def test_a_link_is_given_again_when_the_last_administrator_has_gone(
    town: Town, goes: Callable[[Town, int], None]
) -> None:
    token = link_of_first(town)
    assert token is not None
    goes(town, set_password(town, token).person_id)

    again = link_of_first(town)

    assert again is not None
    assert links.look_at(town.conn, again, now=NOW).name == "administrator2"


def test_there_is_no_administrator_without_a_walidata(database: Database) -> None:
    with database.connect("simpul_web") as conn, pytest.raises(NotAllowed, match="Walidata"):
        first_administrator(conn, by=BY, zone=ZONE, now=NOW)


@pytest.fixture
def demo_town(town: Town, database: Database) -> Town:
    with database.connect(autocommit=True) as owner:
        demo.mark_as_demo(owner)
    return town


def test_a_demo_signs_in_by_a_link_for_each_role_as_often_as_one_likes(demo_town: Town) -> None:
    made = demo.demo_links(demo_town.conn, OFFICES, zone=ZONE, now=NOW)

    for link in made:
        for _ in range(2):
            session = demo.enter_demo(demo_town.conn, link.token, address="10.0.0.1", user_agent="", now=NOW)
            found = look(demo_town.conn, session, now=NOW, zone=ZONE)
            assert found is not None
            assert [(each.role, each.opd) for each in found.principal.roles] == [(link.role, link.opd)]
            assert found.waiting == ()
    assert [each.role for each in made] == list(Role)


def test_a_new_run_of_the_demo_takes_the_old_links_back(demo_town: Town) -> None:
    old = demo.demo_links(demo_town.conn, OFFICES, zone=ZONE, now=NOW)

    new = demo.demo_links(demo_town.conn, OFFICES, zone=ZONE, now=NOW)

    assert demo_town.count("select count(*) from identity.person") == len(Role)
    for link in old:
        with pytest.raises(LinkGone):
            demo.enter_demo(demo_town.conn, link.token, address="", user_agent="", now=NOW)
    assert links.look_at(demo_town.conn, new[0].token, now=NOW).purpose is Purpose.DEMO


def test_a_demo_link_sets_no_password_and_an_invitation_enters_no_demo(demo_town: Town) -> None:
    of_demo = demo.demo_links(demo_town.conn, OFFICES[:1], zone=ZONE, now=NOW)[0].token
    _, invitation = invited(demo_town)

    with pytest.raises(LinkGone):
        set_password(demo_town, of_demo)
    with pytest.raises(LinkGone):
        demo.enter_demo(demo_town.conn, invitation, address="", user_agent="", now=NOW)
    assert set_password(demo_town, invitation).name == "sari"


def test_outside_of_a_demo_there_are_no_demo_links(town: Town) -> None:
    number = town.person(password=None)
    planted = "insert into identity.link (token_sha256, person_id, purpose, issued_by, issued_at, expires_at)"
    town.conn.execute(f"{planted} values (sha256('planted'), %s, 'demo', 'x', %s, 'infinity')", (number, NOW))

    with pytest.raises(NotAllowed):
        demo.demo_links(town.conn, OFFICES, zone=ZONE, now=NOW)
    with pytest.raises(LinkGone):
        demo.enter_demo(town.conn, "planted", address="", user_agent="", now=NOW)


def test_the_pages_cannot_turn_a_database_into_a_demos(town: Town) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        demo.mark_as_demo(town.conn)


def test_a_database_that_was_said_to_be_no_demo_does_not_become_one(database: Database) -> None:
    with database.connect(autocommit=True) as owner:
        owner.execute("insert into identity.installation (demo) values (false)")

        with pytest.raises(NotAllowed):
            demo.mark_as_demo(owner)

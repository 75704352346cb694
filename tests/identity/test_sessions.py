"""Sessions: each way in which one ends, and that no token outlives it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from identity import accounts, second_factor, sessions
from identity.appointments import NewAppointment, appoint, disable, dismiss
from identity.errors import NotAllowed, Unknown, WeakPassword
from identity.people import find_person
from identity.permissions import Role
from identity.principals import Principal
from identity.sessions import IDLE, LONGEST, Session, csrf_token, csrf_valid, look, principal_of
from tests.identity.test_sign_in import Codes
from tests.identity.town import BY, NOW, OTHER_PASSWORD, PASSWORD, POLICY, REGION, TODAY, ZONE, Town

SECOND = timedelta(seconds=1)


def alive(town: Town, token: str, after: timedelta = timedelta()) -> bool:
    return look(town.conn, token, now=NOW + after, zone=ZONE) is not None


def of(town: Town, token: str) -> tuple[Session, Principal]:
    found = principal_of(town.conn, token, now=NOW, zone=ZONE)
    assert found is not None
    return found


def sign_out(town: Town, token: str) -> None:
    sessions.end_session(town.conn, token, now=NOW)


def end_by_list(town: Town, token: str) -> None:
    session, owner = of(town, token)
    sessions.end_one(town.conn, owner, session.id, now=NOW)


def end_from_elsewhere(town: Town, token: str) -> None:
    sessions.end_others(town.conn, of(town, token)[1], town.signed_in().session, now=NOW)


def change_password(town: Town, token: str) -> None:
    accounts.change_password(
        town.conn,
        of(town, token)[0],
        had=PASSWORD,
        password=OTHER_PASSWORD,
        policy=POLICY,
        region=REGION,
        now=NOW,
    )


def reset_password(town: Town, token: str) -> None:
    town.give_password(of(town, token)[1].person_id, OTHER_PASSWORD)


def close_account(town: Town, token: str) -> None:
    disable(town.conn, of(town, token)[1].person_id, by=BY, now=NOW)


def add_a_role(town: Town, token: str) -> None:
    appoint(town.conn, of(town, token)[1].person_id, NewAppointment(Role.READER, "disdukcapil", TODAY), by=BY, now=NOW)


def end_a_role(town: Town, token: str) -> None:
    person = find_person(town.conn, of(town, token)[1].person_id)
    dismiss(town.conn, person.id, person.held[0].id, by=BY, now=NOW)


def add_a_second_factor(town: Town, token: str) -> None:
    number = of(town, token)[1].person_id
    secret = second_factor.begin(town.conn, number, issuer="Simpul").secret
    assert second_factor.confirm(town.conn, number, Codes(secret).at(0), now=NOW) is not None


def lose_the_second_factor(town: Town, token: str) -> None:
    number = of(town, token)[1].person_id
    second_factor.begin(town.conn, number, issuer="Simpul")
    second_factor.remove(town.conn, number, by=BY, now=NOW)


@pytest.mark.parametrize(
    "end",
    [
        sign_out,
        end_by_list,
        end_from_elsewhere,
        change_password,
        reset_password,
        close_account,
        add_a_role,
        end_a_role,
        add_a_second_factor,
        lose_the_second_factor,
    ],
    ids=lambda end: end.__name__,
)
def test_a_session_ends_at_once(town: Town, end: Callable[[Town, str], None]) -> None:
    town.person("sari", (Role.OPD_ADMIN, "dinkes"))
    token = town.signed_in().session
    another = town.person("budi")
    of_another = town.signed_in("budi").session
    assert alive(town, token)

    end(town, token)

    assert not alive(town, token)
    assert principal_of(town.conn, token, now=NOW, zone=ZONE) is None
    assert alive(town, of_another)
    assert another


def test_a_session_ends_after_half_an_hour_without_use(town: Town) -> None:
    town.person()
    token = town.signed_in().session

    assert alive(town, token, IDLE - SECOND)
    assert not alive(town, token, IDLE)


def test_use_keeps_a_session_alive_but_no_longer_than_twelve_hours(town: Town) -> None:
    town.person()
    token = town.signed_in().session
    at = timedelta()

    while at + timedelta(minutes=29) < LONGEST:
        at += timedelta(minutes=29)
        assert principal_of(town.conn, token, now=NOW + at, zone=ZONE) is not None

    assert principal_of(town.conn, token, now=NOW + LONGEST - SECOND, zone=ZONE) is not None
    assert principal_of(town.conn, token, now=NOW + LONGEST, zone=ZONE) is None


def test_looking_does_not_keep_a_session_alive(town: Town) -> None:
    town.person()
    token = town.signed_in().session

    for minutes in range(30):
        assert alive(town, token, timedelta(minutes=minutes))

    assert not alive(town, token, IDLE)


def test_use_is_written_once_a_minute_at_most(town: Town) -> None:
    town.person()
    token = town.signed_in().session
    query = "select count(*) from identity.session where seen_at > started_at"

    principal_of(town.conn, token, now=NOW + timedelta(seconds=59), zone=ZONE)
    before = town.count(query)
    principal_of(town.conn, token, now=NOW + timedelta(seconds=60), zone=ZONE)

    assert (before, town.count(query)) == (0, 1)


def test_each_sign_in_has_a_token_of_its_own_and_the_database_holds_none(town: Town) -> None:
    town.person()

    tokens = [town.signed_in().session for _ in range(3)]

    stored = {bytes(row[0]) for row in town.conn.execute("select token_sha256 from identity.session")}
    assert len(set(tokens)) == len(stored) == 3
    assert all(token.encode() not in stored and len(token) == 43 for token in tokens)


def test_a_token_that_the_browser_brings_is_never_taken_over(town: Town) -> None:
    """Session fixation: what was there before sign-in opens nothing after it."""
    town.person()
    planted = "A" * 43

    token = town.signed_in().session

    assert token != planted
    assert not alive(town, planted)


def test_a_changed_password_gives_this_browser_a_new_session_that_ends_when_the_old_would_have(town: Town) -> None:
    town.person()
    session, _ = of(town, town.signed_in().session)

    new = accounts.change_password(
        town.conn,
        session,
        had=PASSWORD,
        password=OTHER_PASSWORD,
        policy=POLICY,
        region=REGION,
        now=NOW + timedelta(hours=1),
    )

    found = look(town.conn, new, now=NOW + timedelta(hours=1), zone=ZONE)
    assert found is not None
    assert found.session.expires_at == session.expires_at
    assert town.signed_in(password=OTHER_PASSWORD).second_factor is False


def test_a_password_is_not_changed_by_who_does_not_know_it_nor_to_a_weak_one(town: Town) -> None:
    town.person()
    session, _ = of(town, town.signed_in().session)

    def change(had: str, password: str) -> None:
        accounts.change_password(town.conn, session, had=had, password=password, policy=POLICY, region=REGION, now=NOW)

    with pytest.raises(WeakPassword, match="minimal 12 karakter"):
        change(PASSWORD, "Pendek-1")
    for _ in range(4):
        with pytest.raises(NotAllowed, match="tidak cocok"):
            change(OTHER_PASSWORD, OTHER_PASSWORD)
    with pytest.raises(NotAllowed, match="tunggu 60 detik"):
        change(PASSWORD, OTHER_PASSWORD)
    assert town.signed_in().second_factor is False


def test_people_see_and_end_their_own_sessions_only(town: Town) -> None:
    number = town.person()
    town.person("budi")
    mine, other = town.signed_in().session, town.signed_in(address="10.0.0.2").session
    of_budi, _ = of(town, town.signed_in("budi").session)
    _, sari = of(town, mine)

    listed = sessions.sessions_of(town.conn, number, now=NOW)
    with pytest.raises(Unknown):
        sessions.end_one(town.conn, sari, of_budi.id, now=NOW)
    ended = sessions.end_others(town.conn, sari, mine, now=NOW)

    assert sorted(each.address for each in listed) == ["10.0.0.1", "10.0.0.2"]
    assert ended == 1
    assert (alive(town, mine), alive(town, other)) == (True, False)


def test_a_role_counts_from_its_first_to_its_last_day_of_the_local_calendar(town: Town) -> None:
    town.person("sari", (Role.KABID_APTIKA, "kominfo"), acting="Plh.", until=TODAY)
    last_second = NOW.replace(hour=16, minute=59, second=59)  # 23.59.59 in Jakarta
    token = town.signed_in(after_s=(last_second - NOW).total_seconds()).session

    found = [look(town.conn, token, now=moment, zone=ZONE) for moment in (last_second, last_second + SECOND)]

    assert [each and [held.role for held in each.principal.roles] for each in found] == [[Role.KABID_APTIKA], []]


def test_a_steward_without_a_second_factor_signs_in_without_being_steward(town: Town) -> None:
    town.person("sari", (Role.STEWARD, "kominfo"), (Role.OPERATOR, "kominfo"))

    found = look(town.conn, town.signed_in().session, now=NOW, zone=ZONE)

    assert found is not None
    assert [each.role for each in found.principal.roles] == [Role.OPERATOR]
    assert [each.role for each in found.waiting] == [Role.STEWARD]


def test_a_form_needs_the_token_of_its_own_session() -> None:
    assert csrf_valid("a" * 43, csrf_token("a" * 43))
    assert not csrf_valid("b" * 43, csrf_token("a" * 43))
    assert not csrf_valid("a" * 43, "")
    assert not csrf_valid("a" * 43, "\ud800")
    assert "a" * 43 not in csrf_token("a" * 43)

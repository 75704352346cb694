"""Signing in: who gets in, who is refused, and what cannot be learnt by trying."""

import unicodedata
from datetime import timedelta
from typing import Any

import argon2
import pytest

from identity import passwords, second_factor, sessions, tries
from identity.appointments import disable
from identity.permissions import Role
from identity.sign_in import NOBODY, Refusal, SignedIn, SignInRefused, sign_ins_since
from tests.identity.town import BY, NOW, OTHER_PASSWORD, PASSWORD, ZONE, Town

WRONG = SignInRefused(Refusal.WRONG)


def test_name_and_password_open_a_session_with_the_persons_roles(town: Town) -> None:
    number = town.person("sari", (Role.OPD_ADMIN, "dinkes"), (Role.READER, "disdukcapil"))

    answer = town.signed_in()
    found = sessions.principal_of(town.conn, answer.session, now=NOW, zone=ZONE)

    assert found is not None
    assert found[1].person_id == number
    assert [(each.role, each.opd) for each in found[1].roles] == [
        (Role.OPD_ADMIN, "dinkes"),
        (Role.READER, "disdukcapil"),
    ]


@pytest.mark.parametrize("typed", ["SARI", "  sari "])
def test_case_and_spaces_around_the_name_do_not_matter(town: Town, typed: str) -> None:
    town.person()

    assert isinstance(town.sign_in(typed), SignedIn)


def test_the_password_may_be_typed_in_another_unicode_form(town: Town) -> None:
    composed = "Kafé-di-Ujung-Jalan-9"
    town.person(password=composed)

    assert isinstance(town.sign_in(password=unicodedata.normalize("NFD", composed)), SignedIn)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("sari", OTHER_PASSWORD, id="wrong password"),
        pytest.param("tidakada", PASSWORD, id="unknown name"),
        pytest.param("tanpa", PASSWORD, id="no password yet"),
        pytest.param("tutup", PASSWORD, id="closed account"),
        pytest.param("sari' or '1'='1", PASSWORD, id="SQL in the name"),
        pytest.param("sari\x00", PASSWORD, id="NUL in the name"),
        pytest.param("s" * 1_000_000, PASSWORD, id="a megabyte of name"),
        pytest.param("sari", "x" * 1_000_000, id="a megabyte of password"),
        pytest.param("sari", "\x00", id="NUL in the password"),
        pytest.param("sari", "\ud800", id="a lone surrogate"),
        pytest.param("\ud800", "\ud800", id="a lone surrogate as name"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_every_refusal_is_the_same(town: Town, name: str, password: str) -> None:
    town.person()
    town.person("tanpa", password=None)
    closed = town.person("tutup")
    with town.conn.transaction():
        disable(town.conn, closed, by=BY, now=NOW)

    assert town.sign_in(name, password) == WRONG


@pytest.mark.parametrize("name", ["sari", "tidakada", "tanpa", "tutup"])
def test_a_refusal_costs_one_verification_whoever_is_named(
    town: Town, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the time of an answer does not tell whether the name exists."""
    town.person()
    town.person("tanpa", password=None)
    closed = town.person("tutup")
    with town.conn.transaction():
        disable(town.conn, closed, by=BY, now=NOW)
    verified: list[argon2.Parameters] = []
    verify = argon2.PasswordHasher.verify

    def counting(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        verified.append(argon2.extract_parameters(stored))
        return verify(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counting)
    town.sign_in(name, OTHER_PASSWORD)

    assert [(each.memory_cost, each.time_cost, each.parallelism) for each in verified] == [(19456, 2, 1)]


def test_nobodys_password_has_todays_parameters() -> None:
    assert not passwords.is_outdated(passwords.NOBODYS)


def test_a_hash_of_weaker_parameters_is_made_anew_at_sign_in(town: Town) -> None:
    number = town.person()
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    town.conn.execute("update identity.password set hash = %s where person_id = %s", (weak, number))

    town.signed_in()

    row = town.conn.execute("select hash from identity.password where person_id = %s", (number,)).fetchone()
    assert row is not None
    assert row[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(PASSWORD, row[0])


def test_the_audit_tells_of_both_and_never_what_was_typed(town: Town) -> None:
    town.person()

    town.signed_in()
    town.sign_in("sari", OTHER_PASSWORD)
    town.sign_in(PASSWORD.lower(), OTHER_PASSWORD)

    rows = town.conn.execute(
        "select actor, act, subject, details from audit.entry where act like 'session.%%' order by id", ()
    ).fetchall()
    refused = {"address": "10.0.0.1", "known_device": False, "reason": "wrong"}
    begun = {"address": "10.0.0.1", "known_device": False, "second_factor": False}
    assert rows == [
        ("sari", "session.begin", "account:sari", begun),
        ("sari", "session.refuse", "account:sari", refused),
        (NOBODY, "session.refuse", None, refused),
    ]


def test_sign_ins_are_counted_for_the_watch(town: Town) -> None:
    town.person()

    town.signed_in()
    for _ in range(6):
        town.sign_in("tidakada")

    counted = sign_ins_since(town.conn, NOW - timedelta(minutes=1))
    assert (counted.done, counted.refused, counted.held_back) == (1, 5, 1)
    assert sign_ins_since(town.conn, NOW + timedelta(minutes=1)).done == 0


def test_after_five_wrong_tries_the_name_waits_longer_each_time_and_never_more_than_15_minutes(town: Town) -> None:
    town.person()
    waits: list[int] = []
    at = 0.0

    for address in range(12):
        answer = town.sign_in(password=OTHER_PASSWORD, address=f"10.0.1.{address}", after_s=at)
        if answer == WRONG:
            held = town.sign_in(password=OTHER_PASSWORD, address=f"10.0.2.{address}", after_s=at)
            if isinstance(held, SignInRefused) and held.reason is Refusal.WAIT:
                waits.append(held.wait_s)
                at += held.wait_s

    assert waits[:6] == [60, 120, 240, 480, 900, 900]


def test_a_name_that_does_not_exist_waits_as_one_that_does(town: Town) -> None:
    town.person()

    answers = {
        name: [town.sign_in(name, OTHER_PASSWORD, address=f"10.0.{number}.{each}") for each in range(8)]
        for number, name in enumerate(("sari", "tidakada"))
    }

    assert answers["sari"] == answers["tidakada"]
    assert answers["sari"][5] == SignInRefused(Refusal.WAIT, 60)


def test_the_right_password_is_not_even_looked_at_while_the_name_waits(town: Town) -> None:
    town.person()
    for each in range(5):
        town.sign_in(password=OTHER_PASSWORD, address=f"10.0.0.{each}")

    assert town.sign_in(address="10.0.1.1") == SignInRefused(Refusal.WAIT, 60)
    assert isinstance(town.sign_in(address="10.0.1.1", after_s=61), SignedIn)
    assert town.sign_in(password=OTHER_PASSWORD, after_s=62) == WRONG


def test_an_address_has_20_failures_a_minute_over_all_names(town: Town) -> None:
    town.person()

    answers = [town.sign_in(f"nama{each}", OTHER_PASSWORD) for each in range(25)]

    assert answers[:20] == [WRONG] * 20
    assert answers[20:] == [SignInRefused(Refusal.WAIT, 60)] * 5
    assert isinstance(town.sign_in(address="10.0.0.2"), SignedIn)
    assert isinstance(town.sign_in(after_s=61), SignedIn)


def test_an_office_behind_one_address_signs_in_all_at_once(town: Town) -> None:
    for each in range(25):
        town.person(f"orang{each}", password=None)
    stored = passwords.hashed(PASSWORD)
    town.conn.execute("insert into identity.password select id, %s, now() from identity.person", (stored,))

    answers = [town.sign_in(f"orang{each}") for each in range(25)]

    assert all(isinstance(answer, SignedIn) for answer in answers)


@pytest.mark.parametrize("wrong_tries", [1_000, pytest.param(10_000, marks=pytest.mark.full)])
def test_thousands_of_wrong_tries_do_not_keep_the_right_person_out(
    town: Town, wrong_tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.person()
    known = town.signed_in(address="10.0.0.9").device
    hashes = 0
    matches = passwords.matches

    def counting(password: str, stored: str | None) -> bool:
        nonlocal hashes
        hashes += 1
        return matches(password, stored)

    monkeypatch.setattr(passwords, "matches", counting)
    for each in range(wrong_tries):
        at = each * 1000 / wrong_tries
        answer = town.sign_in(password=f"{OTHER_PASSWORD}{each}", address=f"10.{each % 250}.7.7", after_s=at)
        assert isinstance(answer, SignInRefused)

    assert hashes <= 10  # 1,000 s: 5 tries, then after 1, 2, 4, 8 minutes
    assert town.sign_in(address="10.0.0.9", after_s=1000).__class__ is SignInRefused
    answer = town.sign_in(address="10.0.0.9", device=known, after_s=1000)
    assert isinstance(answer, SignedIn)
    assert answer.device is None


def test_a_known_device_waits_after_five_failures_of_its_own(town: Town) -> None:
    town.person()
    device = town.signed_in().device

    answers = [town.sign_in(password=OTHER_PASSWORD, device=device) for _ in range(6)]

    assert answers == [WRONG] * 5 + [SignInRefused(Refusal.WAIT, 60)]


@pytest.mark.parametrize("whose", ["another's", "made up", "unused for half a year"])
def test_a_device_that_is_not_known_counts_for_nothing(town: Town, whose: str) -> None:
    town.person()
    town.person("budi")
    later = 0.0
    device: Any = "A" * 43
    if whose == "another's":
        device = town.signed_in("budi").device
    if whose == "unused for half a year":
        device, later = town.signed_in().device, timedelta(days=181).total_seconds()

    answers = [
        town.sign_in(password=OTHER_PASSWORD, device=device, address=f"10.0.3.{each}", after_s=later)
        for each in range(6)
    ]

    assert answers[5] == SignInRefused(Refusal.WAIT, 60)
    fresh = town.signed_in(device=device, after_s=later + 61)
    assert fresh.device is not None


def test_tries_at_once_are_each_counted(town: Town) -> None:
    """A try is counted before its password is looked at, in a transaction of its own."""
    town.person()
    whose = (tries.counted(tries.CountOf.NAME, "sari"),)

    with town.conn.transaction():
        waits = [tries.take(town.conn, whose, now=NOW) for _ in range(7)]

    assert waits == [0, 0, 0, 0, 0, 60, 60]


def test_a_person_with_a_second_factor_needs_its_code(town: Town) -> None:
    number = town.person("sari", (Role.STEWARD, "kominfo"))
    secret = second_factor.begin(town.conn, number, issuer="Simpul").secret
    codes = Codes(secret)
    assert second_factor.confirm(town.conn, number, codes.at(0), now=NOW) is not None

    assert town.sign_in() == SignInRefused(Refusal.CODE_WANTED)
    assert town.sign_in(code="000000") == SignInRefused(Refusal.CODE_WRONG)
    assert town.sign_in(code=codes.at(0)) == SignInRefused(Refusal.CODE_WRONG)  # used when it was confirmed
    answer = town.signed_in(code=codes.at(30), after_s=30)
    assert answer.second_factor
    found = sessions.principal_of(town.conn, answer.session, now=NOW + timedelta(seconds=30), zone=ZONE)
    assert found is not None
    assert [each.role for each in found[1].roles] == [Role.STEWARD]
    assert town.sign_in(code=codes.at(30), after_s=31) == SignInRefused(Refusal.CODE_WRONG)


class Codes:
    """An authenticator, written anew from RFC 6238 so that it shares nothing with the code under test."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def at(self, after_s: int) -> str:
        import base64
        import hashlib
        import hmac

        step = (int(NOW.timestamp()) + after_s) // 30
        mac = hmac.new(base64.b32decode(self.secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
        start = mac[-1] & 15
        return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"

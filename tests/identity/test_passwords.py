"""Which passwords are good enough, and how they are kept."""

import threading

import argon2
import pytest

from identity import passwords
from identity.passwords import LONGEST, Policy, weaknesses

WORDS = ("simpul", "Kabupaten Contoh", "dinkes", "Dinas Kesehatan", "siti.aminah", "Siti Aminah", "rt")
GOOD = "Tujuh-Belas-Kelapa-8"
NO_MIX = Policy(mix=False)


@pytest.mark.parametrize(
    ("password", "policy"),
    [
        pytest.param(GOOD, Policy(), id="good"),
        pytest.param("Ab1!Cd2?Ef3/", Policy(), id="exactly 12"),
        pytest.param(("Ab1!" * 32), Policy(least=8), id="exactly 128"),
        pytest.param("kelapa tujuh belas biji", NO_MIX, id="a sentence where no mix is asked for"),
        pytest.param("Émigré-à-la-Carte-7", Policy(), id="letters with accents"),
        pytest.param("Part-Rt-Kelapa-Biru-9", Policy(), id="a word too short to matter"),
    ],
)
def test_a_good_password_has_no_weakness(password: str, policy: Policy) -> None:
    assert weaknesses(password, policy, WORDS) == []


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        pytest.param("Ab1!Cd2?Ef3", "minimal 12 karakter", id="11 characters"),
        pytest.param("Ab1!Cd2?" * 16 + "x", f"maksimal {LONGEST} karakter", id="129 characters"),
        pytest.param("tujuh-belas-kelapa-8", "perlu huruf besar", id="no upper case"),
        pytest.param("TUJUH-BELAS-KELAPA-8", "perlu huruf kecil", id="no lower case"),
        pytest.param("Tujuh-Belas-Kelapa", "perlu angka", id="no digit"),
        pytest.param("TujuhBelasKelapa8", "perlu tanda baca", id="no sign"),
        pytest.param("tujuhbelaskelapa", "perlu huruf besar dan angka dan tanda baca", id="three missing"),
        pytest.param("Tujuh-\x00-Kelapa-8", "tanpa karakter kendali", id="NUL"),
        pytest.param("Tujuh-\ud800-Kelapa-8", "tanpa karakter kendali", id="half a character"),
        pytest.param("Aa1!Aa1!Aa1!Aa1!", "terlalu banyak karakter yang sama", id="four characters over and over"),
    ],
)
def test_a_weakness_is_told(password: str, reason: str) -> None:
    assert weaknesses(password, Policy(), WORDS) == [reason]


@pytest.mark.parametrize(
    "password",
    [
        "Simpul-Kuat-2026!",
        "Nomor-1-sImPuL-Aja",
        "Ku-Contoh-Baru-2026",
        "Orang.Dinkes.2026",
        "Orang-Kesehatan-2026",
        "Aminah-Punya-2026!",
        "S.i.m.p.u.l-2026-Aja",
        "\uff33\uff49\uff4d\uff50\uff55\uff4c-Lebar-2026",
        "Símpül-Aksen-2026-x",
    ],
)
def test_words_that_anybody_would_try_are_refused(password: str) -> None:
    assert any("nama OPD" in reason for reason in weaknesses(password, Policy(), WORDS))


def test_the_hash_is_argon2id_with_the_parameters_of_the_requirement() -> None:
    stored = passwords.hashed(GOOD)

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(GOOD, stored)
    assert not passwords.matches(GOOD.lower(), stored)
    assert passwords.hashed(GOOD) != stored
    assert not passwords.is_outdated(stored)


@pytest.mark.parametrize("stored", [None, "", "$argon2id$broken", "plain"])
def test_nothing_matches_a_hash_that_is_none(stored: str | None) -> None:
    assert not passwords.matches(GOOD, stored)


def test_at_most_two_hashes_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, pair = threading.Lock(), threading.Barrier(2)
    now = most = 0

    def paired(_self: argon2.PasswordHasher, _password: bytes) -> str:
        """Ends when another is being made too: with one at once it would never end."""
        nonlocal now, most
        with turn:
            now += 1
            most = max(most, now)
        pair.wait(timeout=30)
        with turn:
            now -= 1
        return "$argon2id$"

    monkeypatch.setattr(argon2.PasswordHasher, "hash", paired)
    threads = [threading.Thread(target=passwords.hashed, args=(GOOD,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 2

"""The second factor: codes that count once, and what replaces a lost authenticator."""

import pytest

from identity import second_factor
from identity.errors import NotAllowed
from identity.second_factor import right_step
from identity.sign_in import Refusal, SignedIn, SignInRefused
from tests.identity.test_sign_in import Codes
from tests.identity.town import BY, NOW, Town

WRONG_CODE = SignInRefused(Refusal.CODE_WRONG)
# RFC 6238, appendix B: the secret "12345678901234567890", SHA-1; the last six digits of its eight.
SECRET_OF_RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(at: int, code: str) -> None:
    from datetime import UTC, datetime

    moment = datetime.fromtimestamp(at, UTC)

    assert right_step(SECRET_OF_RFC, code, moment, after=0) == at // 30


def enrolled(town: Town, number: int) -> tuple[Codes, list[str]]:
    """An authenticator, confirmed with the code of now, and the recovery codes."""
    codes = Codes(second_factor.begin(town.conn, number, issuer="Simpul Contoh").secret)
    recovery = second_factor.confirm(town.conn, number, codes.at(0), now=NOW)
    assert recovery is not None
    return codes, recovery


@pytest.mark.parametrize(
    ("off_s", "right"),
    [
        pytest.param(-60, False, id="two steps late"),
        pytest.param(-30, True, id="a step late"),
        pytest.param(0, True, id="on time"),
        pytest.param(30, True, id="a step early"),
        pytest.param(60, False, id="two steps early"),
    ],
)
def test_a_clock_may_be_a_step_wrong(town: Town, off_s: int, *, right: bool) -> None:
    codes, _ = enrolled(town, town.person())

    answer = town.sign_in(code=codes.at(300 + off_s), after_s=300)

    assert isinstance(answer, SignedIn) is right


def test_a_code_counts_once_and_no_earlier_one_after_it(town: Town) -> None:
    codes, _ = enrolled(town, town.person())

    assert isinstance(town.sign_in(code=codes.at(330), after_s=300), SignedIn)

    assert town.sign_in(code=codes.at(330), after_s=301) == WRONG_CODE
    assert town.sign_in(code=codes.at(300), after_s=302) == WRONG_CODE
    assert isinstance(town.sign_in(code=codes.at(360), after_s=361), SignedIn)


def test_a_code_may_be_typed_with_a_space(town: Town) -> None:
    codes, _ = enrolled(town, town.person())
    code = codes.at(300)

    assert isinstance(town.sign_in(code=f" {code[:3]} {code[3:]} ", after_s=300), SignedIn)


@pytest.mark.parametrize("code", ["000000", "12345", "١٢٣٤٥٦", "\x00", "\ud800", "x" * 100_000, "' or 1=1"])
def test_what_is_no_code_is_a_wrong_one(town: Town, code: str) -> None:
    enrolled(town, town.person())

    assert town.sign_in(code=code, after_s=300) == WRONG_CODE


def test_wrong_codes_wait_like_wrong_passwords(town: Town) -> None:
    enrolled(town, town.person())

    answers = [town.sign_in(code="000000", address=f"10.0.1.{each}", after_s=300) for each in range(6)]

    assert answers == [WRONG_CODE] * 5 + [SignInRefused(Refusal.WAIT, 60)]


def test_a_recovery_code_replaces_the_authenticator_once(town: Town) -> None:
    number = town.person()
    _, recovery = enrolled(town, number)

    first = town.sign_in(code=recovery[3].upper().replace("-", " "))
    second = town.sign_in(code=recovery[3])

    assert isinstance(first, SignedIn)
    assert second == WRONG_CODE
    assert second_factor.recovery_codes_left(town.conn, number) == 9
    assert town.acts("second_factor.recover") == [("second_factor.recover", "account:sari")]


def test_recovery_codes_are_nowhere_in_the_database(town: Town) -> None:
    _, recovery = enrolled(town, town.person())

    stored = {bytes(row[0]) for row in town.conn.execute("select code_sha256 from identity.recovery_code")}

    assert len(set(recovery)) == len(stored) == 10
    assert all(len(each) == 32 for each in stored)


def test_nothing_counts_until_a_code_was_given(town: Town) -> None:
    number = town.person()
    first = second_factor.begin(town.conn, number, issuer="Simpul")
    second = second_factor.begin(town.conn, number, issuer="Simpul")

    assert isinstance(town.sign_in(), SignedIn)
    assert second_factor.confirm(town.conn, number, Codes(first.secret).at(0), now=NOW) is None
    assert second_factor.confirm(town.conn, number, Codes(second.secret).at(0), now=NOW) is not None
    assert town.sign_in() == SignInRefused(Refusal.CODE_WANTED)
    assert "issuer=Simpul" in second.uri


def test_a_confirmed_authenticator_is_not_replaced_by_another(town: Town) -> None:
    number = town.person()
    codes, _ = enrolled(town, number)

    with pytest.raises(NotAllowed):
        second_factor.begin(town.conn, number, issuer="Simpul")
    with pytest.raises(NotAllowed):
        second_factor.confirm(town.conn, number, codes.at(30), now=NOW)


def test_an_administrator_takes_a_lost_one_away(town: Town) -> None:
    number = town.person()
    enrolled(town, number)

    second_factor.remove(town.conn, number, by=BY, now=NOW)

    assert isinstance(town.sign_in(), SignedIn)
    assert second_factor.recovery_codes_left(town.conn, number) == 0
    assert town.acts("second_factor.remove") == [("second_factor.remove", "account:sari")]


def test_a_missing_code_tells_nothing_to_who_has_not_the_password(town: Town) -> None:
    enrolled(town, town.person())

    assert town.sign_in(password="Lain-Sekali-2026!") == SignInRefused(Refusal.WRONG)

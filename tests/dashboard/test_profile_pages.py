"""The profile of a document: owner and steward see what is otherwise, and no value of a person."""

from datetime import UTC, datetime, timedelta

import pytest

from identity.permissions import Role
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.exchange_rows import INSTANCE, ExchangeRows
from tests.dashboard.people import FOREIGN, OWN, People
from tests.dashboard.profile_rows import enter_day, enter_weeks
from tests.identity.people_of_test import resident

WAY = "/katalog/disdukcapil/penduduk/profil"
OF = "\N{NO-BREAK SPACE}%"


@pytest.fixture
def steward(site: Site, people: People) -> Site:
    return site.with_session(people.sign_in(Role.STEWARD))


def test_a_field_that_is_otherwise_stands_first_with_what_is_usual(
    steward: Site, rows: ExchangeRows, database: Database
) -> None:
    contract = rows.contracts["opd.disdukcapil.penduduk"]
    today = datetime.now(UTC).astimezone(INSTANCE.zone).date()
    enter_weeks(database, contract, today)
    enter_day(database, contract, today, kode_wilayah=None, pendidikan=None, jenis_kelamin="L")

    page = steward.get(WAY)
    yesterday = steward.get(f"{WAY}?hari={(today - timedelta(days=1)).isoformat()}")

    assert page.status_code == yesterday.status_code == 200
    table = page.text.split("<tbody>")[1]
    assert table.index("pendidikan") < table.index("<code>nik</code>")
    assert "isian tiba-tiba lain daripada delapan minggu kerja sebelumnya" in page.text
    assert f"kosong 100,0{OF}, biasanya 0,0{OF}" in table
    assert f"sebaran kode bergeser pada 50,0{OF} baris" in table
    assert "1.100 baris sah datang, 220 di antaranya dilihat" in page.text
    assert [value for number in range(220) for value in (resident(number)["nik"], resident(number)["nama"])
            if str(value) in page.text] == []  # fmt: skip


def test_a_young_document_says_how_many_days_are_missing_and_an_empty_one_that_there_are_none(
    steward: Site, rows: ExchangeRows, database: Database
) -> None:
    before = steward.get(WAY)
    enter_weeks(database, rows.contracts["opd.disdukcapil.penduduk"], datetime.now(UTC).date(), days=8)

    page = steward.get(WAY)

    assert "Belum ada profil" in before.text
    assert "Belum cukup hari untuk membandingkan" in page.text
    assert "Tiba-tiba lain" not in page.text


def test_only_the_owner_and_who_watches_over_all_may_look(site: Site, people: People) -> None:
    answers = [
        site.with_session(people.sign_in(role, opd)).get(WAY).status_code
        for role, opd in ((Role.OPD_ADMIN, OWN), (Role.OPD_ADMIN, FOREIGN), (Role.READER, OWN))
    ]

    assert answers == [200, 404, 403]
    assert WAY in site.with_session(people.sign_in(Role.OPD_ADMIN, OWN)).get("/katalog/disdukcapil/penduduk").text

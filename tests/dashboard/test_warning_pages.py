"""What is told of stored rows on the pages: in a sentence under its field, and nothing of a value that is covered."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from dashboard.settings import Settings
from identity.permissions import Role
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import People
from tests.dashboard.test_record_pages import FILTERED, RESIDENTS, links, look
from tests.identity.people_of_test import PURPOSE, Population

ELSEWHERE = "kode_pos:kode-pos.daerah"
ONE_WORD = "nama:nama-orang.satu-kata"
RULE = "rule:nik_sesuai_lahir_dan_jenis_kelamin"
GONE = "kode_pos:sudah.tiada"
OF_POSTCODE = "Kode pos: biasanya kode pos yang diawali"
OF_NAME = "lebih dari satu kata"
OF_RULE = "berbeda dengan yang tersirat dalam NIK"
COVERED = "tentang isian yang tidak terbuka bagi Anda"


@pytest.fixture
def population(database: Database, people: People) -> Population:
    return Population.settle(database, 120)


@pytest.fixture
def site(serve: Callable[[Settings], Site], site_settings: Settings, population: Population) -> Site:
    return serve(site_settings)


def tell(database: Database, *codes: str, most: int = 1_000) -> None:
    """Store the same warnings with so many residents."""
    with database.connect() as conn:
        conn.execute(
            "update reference.penduduk set _warnings = %s"
            " where nik in (select nik from reference.penduduk where kode_pos = '16001' order by nik limit %s)",
            (" ".join(codes), most),
        )


def text_of(page: str) -> str:
    """What stands there for people."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", page)).split())


def cell_of(page: str, field: str) -> str:
    """A field's line on the page of a row."""
    found = re.search(rf'<tr[^>]*><th scope="row">[^<]*<span class="sub mono">{field}</span>.*?</tr>', page, re.DOTALL)
    assert found
    return text_of(found[0])


def test_a_warning_stands_under_its_field_where_the_value_is_open(
    site: Site, database: Database, people: People
) -> None:
    tell(database, ELSEWHERE, GONE)
    steward = site.with_session(people.sign_in(Role.STEWARD))

    page = steward.get(links(steward.get(FILTERED))[0]).text

    assert f"Peringatan: {OF_POSTCODE}" in cell_of(page, "kode_pos")
    assert f"Peringatan {GONE} dari versi kontrak sebelumnya." in cell_of(page, "kode_pos")
    assert "2 peringatan tampil pada isiannya." in text_of(page)
    assert COVERED not in text_of(page)


@pytest.mark.parametrize("role", [Role.STEWARD, Role.READER])
def test_a_warning_of_a_covered_value_says_neither_what_nor_where(
    site: Site, database: Database, people: People, role: Role
) -> None:
    tell(database, ONE_WORD, RULE)
    visitor = site.with_session(people.sign_in(role, *(["dinsos"] if role is Role.READER else [])))

    page = text_of(visitor.get(links(visitor.get(FILTERED))[0]).text)

    assert f"Diterima dengan peringatan Ada peringatan {COVERED}." in page
    assert not [each for each in (OF_NAME, OF_RULE, "Peringatan:", ONE_WORD, RULE) if each in page]


def test_a_row_without_warnings_says_nothing_of_them(site: Site, people: People) -> None:
    steward = site.with_session(people.sign_in(Role.STEWARD))

    page = text_of(steward.get(links(steward.get(FILTERED))[0]).text)

    assert "eringatan" not in page


def test_a_look_tells_the_warnings_of_what_it_opens(
    site: Site, database: Database, people: People, population: Population
) -> None:
    tell(database, ONE_WORD, RULE)
    grant = population.grant("nama", "jenis_kelamin")
    reader = site.with_session(people.sign_in(Role.READER, "dinsos"))

    opened = look(reader, links(reader.get(FILTERED))[0], hak=str(grant.id), tujuan=PURPOSE, isian="nama")

    assert opened.status_code == 200
    assert OF_NAME in text_of(opened.text)
    assert OF_RULE not in text_of(opened.text)  # it tells of the NIK and the day of birth, which stay covered


@pytest.mark.parametrize(("rows", "shown"), [(3, "<5"), (7, "7")])
def test_the_catalogue_counts_the_warnings_of_a_document(
    site: Site, database: Database, people: People, rows: int, shown: str
) -> None:
    tell(database, ELSEWHERE, RULE, most=rows)
    visitor = site.with_session(people.sign_in(Role.READER, "dinsos"))

    page = text_of(visitor.get("/katalog/disdukcapil/penduduk").text)

    told = page.partition("Diterima dengan peringatan, data yang tersimpan kini Peringatan Isian Data ")[2]
    assert re.match(rf"Kode pos: biasanya [^.]+\. kode_pos {shown} .*{OF_RULE}[^.]*\.[^.]* {shown} ", told)


def test_a_list_of_rows_says_nothing_of_warnings(site: Site, database: Database, people: People) -> None:
    tell(database, ELSEWHERE, ONE_WORD)
    steward = site.with_session(people.sign_in(Role.STEWARD))

    assert "eringatan" not in text_of(steward.get(FILTERED).text + steward.get(RESIDENTS).text)

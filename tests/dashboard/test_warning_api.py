"""What programs are told of rows that look wrong: open values in a sentence, of covered ones that there is more."""

from collections.abc import Callable

import pytest

from dashboard.settings import Settings
from identity.permissions import Permission
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import People
from tests.dashboard.programs import Program, programs
from tests.dashboard.test_warning_pages import ELSEWHERE, OF_NAME, OF_POSTCODE, ONE_WORD, tell
from tests.identity.people_of_test import PURPOSE, Population

PEOPLE = "/api/v1/reference/penduduk"
READ, OPEN = Permission.VIEW_RECORDS, Permission.UNMASK


@pytest.fixture
def population(database: Database, people: People) -> Population:
    return Population.settle(database, 3)


@pytest.fixture
def program(
    serve: Callable[[Settings], Site], site_settings: Settings, database: Database, population: Population
) -> Callable[..., Program]:
    return programs(serve(site_settings), database)


def test_a_program_reads_the_warnings_of_open_values_and_that_there_are_others(
    program: Callable[..., Program], population: Population, database: Database
) -> None:
    tell(database, ELSEWHERE, ONE_WORD)
    population.grant("nama")
    owner, reader, nik = program("disdukcapil", READ), program("dinsos", READ, OPEN), min(population.rows)
    handle = owner.get(f"{PEOPLE}?kode_pos=16001&limit=1").json()["rows"][0]["key"]

    masked = owner.get(f"{PEOPLE}/{handle}/warnings").json()
    opened = reader.get(f"{PEOPLE}/{nik}/warnings", Simpul_Purpose=PURPOSE).json()

    ((postcode,), covered) = masked["warnings"], masked["covered"]
    assert (masked["key"], postcode["field"], postcode["document"]) == (handle, "kode_pos", "disdukcapil.penduduk")
    assert OF_POSTCODE in postcode["text"]
    assert covered
    assert [each["field"] for each in opened["warnings"]][-1] == "nama"
    assert OF_NAME in opened["warnings"][-1]["text"]
    assert nik not in str(opened)


def test_warnings_of_a_person_are_asked_for_as_the_person_is(
    program: Callable[..., Program], population: Population, database: Database
) -> None:
    tell(database, ELSEWHERE)
    reader, nik = program("dinsos", READ, OPEN), min(population.rows)

    assert reader.code(f"{PEOPLE}/{nik}/warnings") == "tujuan-diperlukan"
    assert reader.code(f"{PEOPLE}/{nik}/warnings", Simpul_Purpose=PURPOSE) == "hak-akses-tidak-ada"
    assert reader.code("/api/v1/reference/wilayah/99.99/warnings") == "baris-tidak-ada"
    assert reader.get("/api/v1/reference/wilayah/32.01.01.2001/warnings").json() == {
        "key": "32.01.01.2001", "warnings": [], "covered": False,
    }  # fmt: skip

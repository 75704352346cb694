"""Integration requests for programs: an agency's own, told as they stand; nothing personal, nothing of others."""

from collections.abc import Callable

import pytest

from identity.permissions import Permission
from tests.conftest import Database
from tests.dashboard.cases import submitted_case
from tests.dashboard.conftest import Site
from tests.dashboard.people import FOREIGN, OWN
from tests.dashboard.programs import Program, programs
from tests.sop.office import SETTING


@pytest.fixture
def make(site: Site, database: Database) -> Callable[..., Program]:
    return programs(site, database)


def test_a_program_reads_the_cases_of_its_own_agency(make: Callable[..., Program], database: Database) -> None:
    with database.connect() as conn:
        number, foreign = submitted_case(conn, OWN), submitted_case(conn, FOREIGN)
    program = make(OWN, Permission.VIEW_CASES)

    listed, one, told = (program.get(f"/api/v1/cases{way}") for way in ("", f"/{number}", f"/{number}/events"))

    (case,) = listed.json()["cases"]
    assert (case["number"], case["state"], case["documents"]) == (number, "running", [f"{OWN}.uji"])
    stage = case["stage"]
    assert (stage["number"], stage["label"], stage["holder"], stage["overdue"]) == (1, "Koordinasi", "kominfo", False)
    attempts = one.json()["attempts"]
    assert len(attempts) == 12
    assert [each["code"] for each in attempts[0]["evidence"]] == ["narahubung", "permohonan-terdaftar"]
    assert list(attempts[0]["papers"]) == sorted(each.slot for each in SETTING.book.newest.at(1).input)
    events = told.json()["events"]
    assert [each["version"] for each in events] == list(range(1, len(events) + 1))
    assert [each["kind"] for each in events[:2]] == ["case.drafted", "document.attached"]
    assert program.get(f"/api/v1/cases/{number}", If_None_Match=one.headers["etag"]).status_code == 304
    for answer in (listed, one, told):
        assert "Kenari" not in answer.text
        assert "9001" not in answer.text
        assert f"admin.{OWN}" not in answer.text
    assert program.code(f"/api/v1/cases/{foreign}") == "permohonan-tidak-ada"


def test_what_may_not_be_or_is_not_there_is_a_problem(make: Callable[..., Program]) -> None:
    program = make(OWN, Permission.VIEW_CASES)

    assert make(OWN, Permission.VIEW_RECORDS).code("/api/v1/cases") == "token-tanpa-hak"
    assert program.code("/api/v1/cases/PI-2026-9999/events") == "permohonan-tidak-ada"
    assert program.code("/api/v1/cases?state=lari") == "nilai-tidak-sah"
    assert program.code("/api/v1/cases?stage=3") == "parameter-tidak-dikenal"
    assert program.get("/api/v1/cases?state=all").json() == {"cases": []}

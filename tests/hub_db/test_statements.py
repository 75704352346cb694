"""Named statements: what stands in a file is found by name, and a file that breaks the form is refused."""

from importlib import invalidate_caches
from pathlib import Path

import pytest

from hub_db import statements

GOOD = """-- Statements of a test.

-- name: first
-- Nothing; 100% of :it.
SELECT 1;

-- name: second
-- Two lines. Index: none.
SELECT %(a)s,
       -- inside
       2;
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"statements_{tmp_path.name}".replace("-", "_")
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    invalidate_caches()
    return name


def write(tmp_path: Path, package: str, text: str) -> None:
    (tmp_path / package / "some.sql").write_text(text, encoding="utf-8")


def test_statements_come_by_name_without_comments(tmp_path: Path, package: str) -> None:
    write(tmp_path, package, GOOD)

    assert dict(statements.load(package, "some.sql")) == {"first": "SELECT 1", "second": "SELECT %(a)s,\n       2"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(GOOD + GOOD, "doubled", id="a name twice"),
        pytest.param("-- name: a-b\n-- Text.\nSELECT 1;\n", "no identifier", id="no identifier"),
        pytest.param("SELECT 1;\n", "before the first name", id="no name"),
        pytest.param("-- name: a\nSELECT 1;\n", "no comment", id="no comment"),
        pytest.param("-- name: a\n-- Text.\n;\n", "is empty", id="no statement"),
    ],
)
def test_a_file_that_breaks_the_form_is_refused(tmp_path: Path, package: str, text: str, reason: str) -> None:
    write(tmp_path, package, text)

    with pytest.raises(ValueError, match=reason):
        statements.load(package, "some.sql")


def test_the_files_of_the_rooms_keep_the_form() -> None:
    root = Path(__file__).resolve().parents[2]
    files = [
        file for room in ("registry", "hub_db", "consumers", "dashboard") for file in root.glob(f"{room}/sql/*.sql")
    ]

    assert files
    assert all(statements.load(file.parent.parent.name, f"sql/{file.name}") for file in files)

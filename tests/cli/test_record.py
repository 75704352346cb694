"""`simpul record why`: where the values of a row come from, masked, and told by the audit where it is a person."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli import main
from cli.stack.postgres import SUPERUSER
from tests.conftest import Database
from tests.identity.lived import NAMES, SHE, lived
from tests.identity.people_of_test import PURPOSE
from tests.identity.real_rows import VILLAGE

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database
) -> Iterator[Run]:
    with database.connect() as conn:
        monkeypatch.setenv("SIMPUL_DATABASE_URL", f"postgresql://{conn.info.host}:{conn.info.port}/{database.name}")
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_SECRETS", str(database.stack.layout.secrets))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main.run(["record", "why", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    with lived(database):
        yield call


def test_a_row_tells_the_source_and_the_event_of_each_value(run: Run) -> None:
    code, table, _ = run("wilayah", VILLAGE)
    _, field, _ = run("wilayah", VILLAGE, "nama")

    assert code == 0
    assert f"opd.kominfo.wilayah[0]@1 kominfo.wilayah-{VILLAGE}-2" in table
    assert "Desa Uji" in table
    assert field.index("Desa Uji") < field.index("Desa Lama")


def test_a_person_needs_a_purpose_and_stays_masked(run: Run, database: Database) -> None:
    refused, _, why_not = run("penduduk", SHE)
    code, told, _ = run("penduduk", SHE, "nama", "--purpose", PURPOSE, "--json")

    name = json.loads(told)["fields"]["nama"]
    assert (refused, code) == (1, 0)
    assert "--purpose" in why_not
    assert [name["value"], *(each["value"] for each in name["others"])] == ["K***** S******", "K***** S"]
    assert not any(secret in told for secret in (*NAMES, SHE))
    with database.connect(SUPERUSER) as conn:
        entries = conn.execute("select act, actor_kind, purpose from audit.entry where act like 'records.%'").fetchall()
    assert entries == [("records.past", "command", PURPOSE)]


def test_what_is_not_there_is_refused(run: Run) -> None:
    assert run("wilayah", "99")[0] == run("gaji", "1")[0] == run("wilayah", VILLAGE, "gaji")[0] == 1

"""A document of this place alone is shown, exported and judged like any other, and is not there in another place."""

import json
from pathlib import Path

import pytest

from cli import main
from cli.settings import ROOT

ELSEWHERE = ROOT / "tests" / "instances" / "tanasari.toml"
PATIENTS = ROOT / "schemas" / "avro" / "dinkes" / "pasien.avsc"


def test_it_is_shown_and_exported_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["contract", "show", "rsudnganjuk.pasien", "--json"]) == main.DONE
    shown = json.loads(capsys.readouterr().out)
    assert main.run(["contract", "export", "json-schema", "rsudnganjuk.pasien"]) == main.DONE
    exported = json.loads(capsys.readouterr().out)

    assert (shown["contract"]["opd"], shown["contract"]["entity"]) == ("rsudnganjuk", "penduduk")
    assert set(exported["properties"]) >= {"nik", "telepon", "alamat_domisili"}


def test_it_is_not_there_in_another_place(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SIMPUL_INSTANCE", str(ELSEWHERE))

    assert main.run(["contract", "show", "--json"]) == main.DONE
    assert "rsudnganjuk" not in capsys.readouterr().out
    assert main.run(["contract", "show", "rsudnganjuk.pasien"]) == main.USAGE
    assert "tidak ada" in " ".join(capsys.readouterr().err.split())


def test_a_priority_that_it_has_already_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "dinkes" / "pasien.avsc"
    file.parent.mkdir()
    file.write_text(PATIENTS.read_text(encoding="utf-8").replace('"priority": 20', '"priority": 25'), encoding="utf-8")

    assert main.run(["contract", "lint", str(file)]) == main.REFUSED
    assert "is that of" in capsys.readouterr().out

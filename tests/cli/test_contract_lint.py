"""`simpul contract lint`: verdicts with file and line on standard output, and an exit code."""

import json
from pathlib import Path

import pytest

from cli import main
from cli.settings import ROOT

PENDUDUK = ROOT / "schemas" / "avro" / "disdukcapil" / "penduduk.avsc"


def bent(folder: Path, old: str, new: str) -> Path:
    """The contract of residents with one change, in a file of its own name."""
    file = folder / "disdukcapil" / "penduduk.avsc"
    file.parent.mkdir(exist_ok=True)
    text = PENDUDUK.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def test_a_refused_file_ends_with_1_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = bent(tmp_path, '"freshness": "P1D"', '"freshness": "daily"')

    assert main.run(["contract", "lint", str(PENDUDUK), str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"{PENDUDUK}:6: peringatan: Pengganti pemilik (deputy) belum disebut. (pengganti)" in lines
    assert any(line.startswith(f"{file}:16: tolak: contract.freshness: bentuknya") for line in lines)


def test_a_file_with_warnings_alone_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["contract", "lint", str(PENDUDUK), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "file": str(PENDUDUK),
            "line": 6,
            "severity": "warn",
            "code": "pengganti",
            "message": "Pengganti pemilik (deputy) belum disebut.",
        }
    ]


def test_a_file_is_held_against_the_other_contracts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = bent(tmp_path, '"references": "wilayah.kode"', '"references": "wilayah.nomor"')

    assert main.run(["contract", "lint", str(file)]) == 1
    assert "wilayah.nomor is no column of any document" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", None, b"[" * 3_000_000])
def test_what_is_no_contract_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    file = tmp_path / "x.avsc"
    if content is not None:
        file.write_bytes(content)

    assert main.run(["contract", "lint", str(file)]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{file}:1: tolak: ")

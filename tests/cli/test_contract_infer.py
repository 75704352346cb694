"""`simpul contract infer` and `new`: a file that passes the lint, guesses marked, no value of a person in it."""

from pathlib import Path

import pytest

from cli import main

SAID = [
    *("--opd", "dinsos", "--document", "uji-coba", "--entity", "uji_coba", "--owner", "Bidang"),
    *("--deputy", "Sekretariat", "--legal-basis", "UU", "--contact", "data@dinsos.example"),
    *("--freshness", "P7D", "--doc", "Uji."),
]


def test_a_draft_from_data_marks_its_guesses_and_copies_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = tmp_path / "data.csv", tmp_path / "uji-coba.avsc"
    rows = [f"3201131708{n:02}9{n:03};BUDI {'ABCDEFGHIJ'[n % 10]};PKH" for n in range(60, 99)]
    data.write_text("\n".join(["NIK;Nama;Bantuan", *rows]), encoding="utf-8")

    assert main.run(["contract", "infer", str(data), *SAID, "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert '"format": "nik"' in text
    assert '"enum": ["PKH"]' in text
    assert "BUDI" not in text
    assert capsys.readouterr().err.count("(dugaan)") == 3


def test_a_contract_from_options_passes_and_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "uji-coba.avsc"
    wanted = ["contract", "new", *SAID, "--field", "nik:nik:Nomor Induk", "--key", "nik", "--out", str(out)]

    assert main.run(wanted) == 0
    assert main.run(wanted) == 1


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        pytest.param(["--opd", "../../etc"], "huruf kecil", id="an agency that is a path"),
        pytest.param(["--document", "Uji Coba"], "tanda hubung", id="a document's name with a blank"),
        pytest.param(["--freshness", "harian"], "P1D", id="a promise in words"),
        pytest.param(["--field", "NIK:nik:Nomor"], "garis bawah", id="a field in capitals"),
        pytest.param(["--field", "nik:nik:Nomor"], "disebut dua kali", id="a field twice"),
        pytest.param(["--field", "nik:angka:Nomor"], "tidak dikenal", id="a type that is none"),
        pytest.param(["--field", "alamat:teks"], "nama:jenis:keterangan", id="a field without a text"),
        pytest.param(["--key", "nomor"], "tidak ada; yang ada: nik", id="a key that is no field"),
    ],
)
def test_wrong_options_are_told_and_nothing_is_written(
    more: list[str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "uji-coba.avsc"

    assert main.run(["contract", "new", *SAID, "--field", "nik:nik:Nomor", *more, "--out", str(out)]) == 2
    assert reason in " ".join(capsys.readouterr().err.replace("\u2502", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_a_new_contract_is_held_against_those_that_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [*SAID, "--entity", "penduduk", "--field", "nik:nik:Nomor Induk", "--key", "nik"]

    assert main.run(["contract", "new", *said, "--out", str(tmp_path / "uji-coba.avsc")]) == 1
    assert "contract.priority is that of disdukcapil.penduduk, too" in capsys.readouterr().err


def test_what_cannot_be_written_leaves_no_part_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "kontrak"
    blocked.write_text("a file, not a folder", encoding="utf-8")
    out = blocked / "uji-coba.avsc"

    assert main.run(["contract", "new", *SAID, "--field", "nik:nik:Nomor", "--key", "nik", "--out", str(out)]) == 2
    assert "tidak dapat ditulis" in " ".join(capsys.readouterr().err.split())
    assert [path.name for path in tmp_path.iterdir()] == ["kontrak"]

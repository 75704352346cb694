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

"""The questions of `simpul contract new` and `infer`, asked on a real terminal."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from cli.settings import ROOT
from tests.eventually import eventually

WITHIN_S = 60
CTRL_C, CTRL_D = "\x03", "\x04"


class Terminal:
    """A command on a terminal of its own, with a person who reads before he types."""

    def __init__(self, arguments: Sequence[str], contracts: Path) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=ROOT,
            env=os.environ | {"SIMPUL_CONTRACTS": str(contracts), "TERM": "dumb", "COLUMNS": "200"},
            preexec_fn=lambda: os.login_tty(theirs),
        )
        os.close(theirs)
        self.seen = ""
        self._read_to = 0

    def read(self, question: str) -> None:
        """Wait until it is on the screen, behind what was read before."""
        deadline = time.monotonic() + WITHIN_S
        while question not in self.seen[self._read_to :]:
            if not self._more(deadline - time.monotonic()):
                raise AssertionError(f"no {question!r}; on the screen: {self.seen[self._read_to :]!r}")
        self._read_to = self.seen.index(question, self._read_to) + len(question)

    def interrupt(self, keys: str) -> None:
        """Type keys once the command waits for them. CPython does not notice a Ctrl-C that comes in the instant between
        its question and its waiting; a person does not meet that, and would press again."""
        command, asleep = psutil.Process(self.process.pid), [False]

        def looks() -> list[bool]:
            asleep.append(command.status() == psutil.STATUS_SLEEPING)
            return asleep[-3:]

        eventually(looks, until=lambda last: last == [True] * 3)
        self.type(keys)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def answer(self, question: str, said: str) -> None:
        self.read(question)
        self.type(f"{said}\n")

    def end(self) -> int:
        """Its exit code."""
        deadline = time.monotonic() + WITHIN_S
        while self._more(deadline - time.monotonic()):
            pass
        return self.process.wait(WITHIN_S)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _more(self, within_s: float) -> bool:
        if within_s <= 0 or not select.select([self._ours], [], [], within_s)[0]:
            return False
        try:
            piece = os.read(self._ours, 65_536)
        except OSError:  # Linux says EIO when nobody holds the other end any more
            return False
        self.seen += piece.decode(errors="replace")
        return bool(piece)


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    folder = tmp_path / "kontrak"
    folder.mkdir()
    return folder


@pytest.fixture
def new(contracts: Path) -> Iterator[Terminal]:
    terminal = Terminal(["contract", "new"], contracts)
    yield terminal
    terminal.close()


def head(new: Terminal) -> None:
    """The answers up to the fields."""
    new.answer("Kode OPD:", "dinsos")
    new.answer("Nama dokumen", "uji-coba")
    new.answer("Isi dokumen", "Warga yang dibantu.")
    new.answer("Entitas rujukan [uji_coba]:", "")
    new.answer("Unit pemilik data", "Bidang Bantuan")
    new.answer("Unit pengganti [Sekretariat]:", "")
    new.answer("Surel dinas [data@dinsos.example]:", "")
    new.answer("Dasar hukum:", "UU 13/2011")
    new.answer("Janji pembaruan", "")


def test_the_questions_make_a_contract_that_passes(new: Terminal, contracts: Path) -> None:
    head(new)
    new.answer("Nama isian (kosong: selesai)", "nik")
    new.answer("Jenis [nik]:", "")
    new.answer("Keterangan [Nik]:", "Nomor Induk Kependudukan")
    new.answer("Wajib diisi?", "")
    new.answer("Nama isian (kosong: selesai)", "telepon")
    new.answer("Jenis [telepon]:", "")
    new.answer("Keterangan [Telepon]:", "Nomor telepon")
    new.answer("Wajib diisi?", "t")
    new.answer("Nama isian (kosong: selesai)", "")
    new.answer("Isian kunci (dipisah koma) [nik]:", "")

    assert new.end() == 0, new.seen
    made = json.loads((contracts / "dinsos" / "uji-coba.avsc").read_text(encoding="utf-8"))
    assert [(each["name"], each["type"]) for each in made["fields"][:2]] == [
        ("nik", "string"),
        ("telepon", ["null", "string"]),
    ]
    assert made["contract"]["key"] == ["nik"]
    assert made["contract"]["freshness"] == "P7D"


def test_a_wrong_answer_is_explained_and_asked_again(new: Terminal, contracts: Path) -> None:
    new.answer("Kode OPD:", "../../etc")
    new.read("Perlu 3 sampai 24 huruf kecil")
    new.answer("Kode OPD:", "dinsos")
    new.answer("Nama dokumen", "Uji Coba")
    new.read("dengan tanda hubung")
    new.answer("Nama dokumen", "uji-coba")
    new.answer("Isi dokumen", "   ")
    new.answer("Isi dokumen", "Warga yang dibantu.")
    new.answer("Entitas rujukan", "Uji")
    new.read("dengan garis bawah")
    new.answer("Entitas rujukan", "")
    new.answer("Unit pemilik data", "Bidang Bantuan")
    new.answer("Unit pengganti", "")
    new.answer("Surel dinas", "")
    new.answer("Dasar hukum:", "UU 13/2011")
    new.answer("Janji pembaruan", "harian")
    new.read("misalnya P1D")
    new.answer("Janji pembaruan", "P1D")
    new.answer("Nama isian (kosong: selesai)", "NIK")
    new.read("dengan garis bawah")
    new.answer("Nama isian (kosong: selesai)", "nik")
    new.answer("Jenis [nik]:", "angka")
    new.answer("Jenis 'angka' tidak dikenal. Jenis", "nik")
    new.answer("Keterangan", "Nomor Induk Kependudukan")
    new.answer("Wajib diisi?", "mungkin")
    new.read("Perlu y (ya) atau t (tidak)")
    new.answer("Wajib diisi?", "y")
    new.answer("Nama isian (kosong: selesai)", "nik")
    new.read("Isian nik sudah ada")
    new.answer("Nama isian (kosong: selesai)", "")
    new.answer("Isian kunci", "nomor")
    new.read("Isian kunci nomor tidak ada; yang ada: nik")
    new.answer("Isian kunci", "nik")

    assert new.end() == 0, new.seen
    assert [path.name for path in contracts.rglob("*") if path.is_file()] == ["uji-coba.avsc"]


@pytest.mark.parametrize("question", ["first", "last"])
@pytest.mark.parametrize("keys", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
def test_who_stops_leaves_nothing(keys: str, question: str, new: Terminal, contracts: Path) -> None:
    if question == "last":
        head(new)
        new.answer("Nama isian (kosong: selesai)", "nik")
        new.answer("Jenis [nik]:", "")
        new.answer("Keterangan", "")
        new.answer("Wajib diisi?", "")
        new.answer("Nama isian (kosong: selesai)", "")
        new.read("Isian kunci (dipisah koma) [nik]:")
    else:
        new.read("Kode OPD:")
    new.interrupt(keys)
    new.read("Dihentikan; tidak ada yang ditulis.")

    assert new.end() == 130
    assert "Traceback" not in new.seen
    assert list(contracts.iterdir()) == []


def test_a_file_that_is_there_is_said_before_the_other_questions(new: Terminal, contracts: Path) -> None:
    there = contracts / "dinsos" / "uji-coba.avsc"
    there.parent.mkdir()
    there.write_text("milik orang", encoding="utf-8")

    new.answer("Kode OPD:", "dinsos")
    new.answer("Nama dokumen", "uji-coba")

    assert new.end() == 1
    assert "sudah ada dan tidak ditimpa" in new.seen
    assert "Isi dokumen" not in new.seen
    assert there.read_text(encoding="utf-8") == "milik orang"


def test_no_field_is_no_contract(new: Terminal, contracts: Path) -> None:
    head(new)
    new.answer("Nama isian (kosong: selesai)", "")

    assert new.end() == 2
    assert "paling sedikit satu isian" in new.seen
    assert list(contracts.iterdir()) == []


def test_infer_asks_what_its_options_do_not_say(contracts: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("nik;nama\n3201131708609001;SITI AMINAH\n3201131708619002;BUDI UTOMO\n", encoding="utf-8")
    terminal = Terminal(["contract", "infer", str(data), "--opd", "dinsos"], contracts)
    try:
        terminal.answer("Nama dokumen", "uji-coba")
        terminal.answer("Isi dokumen", "Warga yang dibantu.")
        terminal.answer("Entitas rujukan", "")
        terminal.answer("Unit pemilik data", "Bidang Bantuan")
        terminal.answer("Unit pengganti", "")
        terminal.answer("Surel dinas", "")
        terminal.answer("Dasar hukum:", "UU 13/2011")
        terminal.answer("Janji pembaruan", "")
        ended = terminal.end()
    finally:
        terminal.close()

    assert ended == 0, terminal.seen
    assert (contracts / "dinsos" / "uji-coba.avsc").is_file()

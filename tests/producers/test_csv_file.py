"""Files as offices make them, and what is refused before anything is sent."""

import stat
from pathlib import Path

import pytest

from producers.csv_file import CsvFile, examine
from producers.errors import FileRefused
from producers.rejected_rows import RejectedRows, path_beside
from schemas.reasons import reject

KNOWN = ("kode", "nama", "tingkat", "catatan")
REQUIRED = ("kode", "nama")
ROWS = [["35.18", "Désa É", "x"], ["35.19", "B, C", ""]]


def written(folder: Path, content: bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def look(path: Path) -> CsvFile:
    return examine(path, known=KNOWN, required=REQUIRED)


def text(sign: str, end: str) -> str:
    lines = [["kode", "nama", "tingkat"], *ROWS]
    return "".join(
        sign.join(f'"{cell}"' if sign in cell or "," in cell else cell for cell in line) + end for line in lines
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("sign", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_every_encoding_separator_and_line_end_is_understood(
    tmp_path: Path, encoding: str, sign: str, end: str
) -> None:
    file = look(written(tmp_path, text(sign, end).encode(encoding)))

    assert (file.header, file.delimiter, file.rows) == (("kode", "nama", "tingkat"), sign, 2)
    assert [(line.number, line.cells) for line in file.lines()] == [(2, ROWS[0]), (3, ROWS[1])]


def test_line_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    file = look(written(tmp_path, b'kode,nama\n\n1,"a\nb"\n\n2,c\n'))

    assert [(line.number, line.cells) for line in file.lines()] == [(3, ["1", "a\nb"]), (6, ["2", "c"])]


def test_titles_may_be_typed_loosely(tmp_path: Path) -> None:
    assert look(written(tmp_path, b' Kode ,"NAMA"\n1,2\n')).fields == ("kode", "nama")


REFUSED = [
    (b"", "kosong"),
    (b"\n\n", "kosong"),
    (b"kode\n1\n", "Kolom wajib tidak ada dalam berkas data.csv: nama"),
    (b"kode,nama,kode\n1,2,3\n", "Kolom kode ada dua kali"),
    (b"kode,nama,warna\n1,2,3\n", "Kolom tidak dikenal dalam berkas data.csv: warna"),
    (b"kode,nama,tingkatt\n1,2,3\n", "tingkatt (mungkin tingkat)"),
    ("k\u043ede,nama\n1,2\n".encode(), "Kolom tidak dikenal"),  # a Cyrillic letter
    (b"kode,nama," + b",".join(b"x%d" % number for number in range(16_385)) + b"\n", "dan 16380 lagi"),
    (b'kode,nama\n1,a\n2,"b\n' + b"3,c\n" * 100, "Tanda kutip pada baris 3"),
    (b'kode,nama\n1,a\n2,"b\n3,c\n', "Tanda kutip pada baris 3"),
    (b'kode,nama\n1,"a"b\n', "Tanda kutip pada baris 2"),
    (b"kode,nama\n1," + b"x" * 200_000 + b"\n", "baris 2"),
    (b"kode,nama\n1,\x81\x8d\n", "tidak dapat dibaca"),
]


@pytest.mark.parametrize(("content", "reason"), REFUSED, ids=range(len(REFUSED)))
def test_a_file_that_cannot_be_read_safely_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        look(written(tmp_path, content))

    assert reason in str(refusal.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="tidak ditemukan"):
        look(tmp_path / "tidak-ada.csv")
    with pytest.raises(FileRefused, match="adalah folder"):
        look(tmp_path)


def test_a_quoted_cell_of_twenty_lines_is_a_cell(tmp_path: Path) -> None:
    file = look(written(tmp_path, b'kode,nama\n1,"' + b"\n".join([b"x"] * 20) + b'"\n'))

    assert file.rows == 1


def test_the_same_bytes_have_the_same_digest(tmp_path: Path) -> None:
    first = look(written(tmp_path, b"kode,nama\n1,2\n", "a.csv"))
    second = look(written(tmp_path, b"kode,nama\n1,2\n", "b.csv"))
    other = look(written(tmp_path, b"kode,nama\n1,3\n", "c.csv"))

    assert first.digest == second.digest != other.digest


def test_rejected_rows_stand_beside_the_file_with_line_and_reason(tmp_path: Path) -> None:
    file = look(written(tmp_path, b"kode;nama\n1;=1+1\n2;-5\n3;@x\n4;'a\n"))
    with RejectedRows(file) as rejected:
        for line in file.lines():
            rejected.add(line, [reject("enum", "nama", "1 huruf", "a")])

    raw = path_beside(file.path).read_bytes()
    assert path_beside(file.path) == tmp_path / "data.rejected.csv"
    assert raw.startswith(b"\xef\xbb\xbf")
    assert stat.S_IMODE(path_beside(file.path).stat().st_mode) == 0o600
    reason = '"nama: 1 huruf; seharusnya a. Mohon perbaiki kolom ini di sistem asal, lalu kirim lagi."'
    assert raw.decode("utf-8-sig").splitlines() == [
        "baris;alasan;kode;nama",
        f"2;{reason};1;'=1+1",
        f"3;{reason};2;'-5",
        f"4;{reason};3;'@x",
        f"5;{reason};4;'a",
    ]


def test_a_stale_file_of_rejected_rows_goes(tmp_path: Path) -> None:
    file = look(written(tmp_path, b"kode,nama\n1,2\n"))
    path_beside(file.path).write_text("lama", encoding="utf-8")

    with RejectedRows(file):
        pass

    assert not path_beside(file.path).exists()
    assert list(tmp_path.iterdir()) == [file.path]


def test_an_interrupted_run_leaves_what_was_rejected_so_far(tmp_path: Path) -> None:
    file = look(written(tmp_path, b"kode,nama\n1,2\n"))

    def interrupted() -> None:
        with RejectedRows(file) as rejected:
            rejected.add(next(file.lines()), [reject("enum", "nama", "1 huruf", "a")])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert len(path_beside(file.path).read_text(encoding="utf-8").splitlines()) == 2

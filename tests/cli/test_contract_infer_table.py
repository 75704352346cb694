"""`simpul contract infer` out of a table: of a real PostgreSQL and of a real MariaDB, as offices have them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import main
from tests.cli.mariadb import PASSWORD, MariaDb, mariadb
from tests.cli.test_contract_infer import SAID
from tests.conftest import Database

TABLE = """
create table {table} (
    nik char(16) not null primary key, nama varchar(60) not null, tgl_lahir date, jumlah integer not null,
    nilai decimal(15, 2) not null, aktif boolean not null, dicatat {moment} not null, bantuan varchar(10) not null,
    catatan text, foto {bytes})
"""
ROWS = [
    f"('3201131708{60 + n}9{n:03}', 'BUDI {'ABCDEFGHIJ'[n % 10]}', '1990-01-{n % 28 + 1:02}', {n}, {n}.50, true,"
    f" '2026-01-05 07:05:00', '{('PKH', 'BPNT')[n % 2]}', null, null)"
    for n in range(39)
]
FILL = f"insert into dinas.penerima values {', '.join(ROWS)}"  # noqa: S608 - rows of ours
DATE = {"type": "int", "logicalType": "date"}
MOMENT = {"type": "long", "logicalType": "timestamp-millis"}
MONEY = {"type": "bytes", "logicalType": "decimal", "precision": 15, "scale": 2}
Infer = Callable[..., int]


def fields(out: Path) -> dict[str, dict[str, Any]]:
    text = out.read_text(encoding="utf-8")
    assert "BUDI" not in text
    assert "3201131708609000" not in text
    return {field["name"]: field for field in json.loads(text)["fields"]}


def types(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {name: field["type"] for name, field in found.items()}


WANTED = {
    "nik": "string",
    "nama": "string",
    "tanggal_lahir": DATE,
    "jumlah": "long",
    "nilai": MONEY,
    "aktif": "boolean",
    "dicatat": MOMENT,
    "bantuan": "string",
    "catatan": ["null", "string"],
    "foto": ["null", "string"],
    "sumber_diubah": MOMENT,
}


@pytest.fixture
def infer(tmp_path: Path) -> Infer:
    def run(*arguments: str) -> int:
        return main.run(["contract", "infer", *arguments, *SAID, "--out", str(tmp_path / "uji-coba.avsc")])

    return run


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    with mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        table = TABLE.format(table="dinas.penerima", moment="datetime", bytes="blob")
        server.run(table, FILL, "create table dinas.kosong (a int)")
        yield server


def test_a_draft_from_a_table_of_postgresql(
    database: Database, infer: Infer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.connect() as conn:
        conn.execute("create schema dinas")
        conn.execute(TABLE.format(table="dinas.penerima", moment="timestamptz", bytes="bytea").encode())
        conn.execute(FILL.encode())

    assert infer(database.dsn().get_secret_value(), "--table", "dinas.penerima") == 0

    found = fields(tmp_path / "uji-coba.avsc")
    assert types(found) == WANTED
    assert (found["nik"]["format"], found["bantuan"]["enum"]) == ("nik", ["BPNT", "PKH"])
    assert capsys.readouterr().err.count("(dugaan)") == len(WANTED) - 1


def test_a_draft_from_a_table_of_mariadb(office: MariaDb, infer: Infer, tmp_path: Path) -> None:
    assert infer(office.address, "--table", "penerima") == 0

    found = fields(tmp_path / "uji-coba.avsc")
    assert types(found) == WANTED
    assert (found["nik"]["format"], found["bantuan"]["enum"]) == ("nik", ["BPNT", "PKH"])


@pytest.mark.parametrize(
    ("bend", "table", "reason"),
    [
        pytest.param(lambda url: url, "tiada", "Tabel tiada tidak ada", id="no such table"),
        pytest.param(lambda url: url, "dinas.tiada", "Tabel dinas.tiada tidak ada", id="no such table of a schema"),
        pytest.param(lambda url: url, "kosong", "Tabel kosong tidak berisi baris", id="an empty table"),
        pytest.param(lambda url: url.replace("sandi", "salah"), "penerima", "tidak dapat dibaca", id="wrong password"),
        pytest.param(lambda url: url.replace("@127.0.0.1:", "@127.0.0.1:x"), "x", "tidak terbaca", id="no address"),
        pytest.param(lambda _: "mysql://dinas@127.0.0.1:1/dinas", "x", "tidak dapat dibaca", id="nobody there"),
        pytest.param(lambda url: url.replace("mysql", "oracle"), "x", "tidak terpasang", id="another kind"),
    ],
)
def test_what_cannot_be_read_is_said_without_the_password_and_leaves_no_file(
    bend: Callable[[str], str],
    table: str,
    reason: str,
    office: MariaDb,
    infer: Infer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert infer(bend(office.address), "--table", table) == 1

    said = capsys.readouterr().err
    assert reason in said
    assert PASSWORD not in said
    assert PASSWORD.replace("sandi", "salah") not in said
    assert list(tmp_path.iterdir()) == []


def test_an_address_without_a_table_is_a_usage_error(office: MariaDb, infer: Infer) -> None:
    assert infer(office.address) == 2

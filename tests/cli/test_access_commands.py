"""`simpul access`: a request is listed, shown with what it lacks, decided for each desk, and unused grants are told."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import main
from identity.access_reading import WantedAccess
from identity.access_requests import ask
from identity.actors import Actor
from identity.grants import WantedAgreement, add_agreement
from identity.permissions import Role
from tests.conftest import Database
from tests.identity.people_of_test import OPDS, PURPOSE, REGIONS, RESIDENTS, ZONE

NOW = datetime.now(UTC)
UNTIL = (NOW + timedelta(days=60)).date()
ASKER = Actor("sari", "person", Role.READER, "dinsos")
REASON = "Sesuai tugas dan fungsi OPD pembaca"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database) -> Run:
    with database.connect() as conn:
        url = f"postgresql://{conn.info.host}:{conn.info.port}/{database.name}"
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_DATABASE_URL", url)
    monkeypatch.setenv("SIMPUL_SECRETS", str(database.stack.layout.secrets))
    with database.connect() as owner:
        for opd in OPDS:
            owner.execute("insert into identity.opd (code, name, short_name) values (%s, %s, %s)", (opd, opd, opd))

    def one(*arguments: str) -> tuple[int, str, str]:
        code = main.run(list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return one


@pytest.fixture
def request_number(run: Run, database: Database) -> int:
    wanted = WantedAccess("dinsos", ("nik",), PURPOSE, "UU 24/2013 Pasal 58", NOW.date(), UNTIL, None)
    with database.connect("simpul_web") as conn:
        return ask(conn, RESIDENTS, wanted, by=ASKER, zone=ZONE, now=NOW).id


def read(run: Run, *arguments: str) -> Any:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_request_is_listed_and_shown_with_what_it_lacks(run: Run, request_number: int) -> None:
    (listed,) = read(run, "access", "list", "--undecided")
    shown = read(run, "access", "show", str(request_number))

    assert (listed["id"], listed["reader"], listed["state"]) == (request_number, "dinsos", "asked")
    assert [step["step"] for step in shown["steps"]] == ["ask"]
    assert shown["missing"] == [
        "Data kependudukan (disdukcapil.penduduk) hanya dibuka dengan PKS; nomornya belum disebut."
    ]
    assert "Belum lengkap: Data kependudukan" in run("access", "show", str(request_number))[1]
    assert "disdukcapil.penduduk" in run("access", "list")[1]


def test_one_user_of_the_machine_decides_at_one_desk_only(run: Run, request_number: int) -> None:
    decide = ("access", "decide", str(request_number))

    assert run(*decide, "--as", "walidata", "--yes", "--reason", REASON)[0] == 1
    assert run(*decide, "--as", "owner", "--yes", "--reason", "Ya")[0] == 1
    code, _, err = run(*decide, "--as", "owner", "--yes", "--reason", REASON)
    assert (code, "Menunggu Walidata" in err) == (0, True)
    code, _, err = run(*decide, "--as", "walidata", "--no", "--reason", REASON)
    assert (code, "satu orang tidak memutuskan di dua meja" in err) == (1, True)
    assert [step["step"] for step in read(run, "access", "show", str(request_number))["steps"]] == ["ask", "agree"]


def test_a_no_ends_it_and_what_is_not_there_is_refused(run: Run, request_number: int) -> None:
    code, _, err = run("access", "decide", str(request_number), "--as", "owner", "--no", "--reason", REASON)

    assert (code, "Tidak disetujui" in err) == (0, True)
    assert read(run, "access", "list", "--undecided") == []
    assert run("access", "show", "999")[0] == 1
    assert run("access", "decide", "1", "--as", "tetangga", "--no", "--reason", REASON)[0] == 2


def test_unused_grants_and_waiting_deletions_are_told(run: Run, database: Database) -> None:
    begun = NOW - timedelta(days=100)
    over = NOW - timedelta(days=10)
    with database.connect("simpul_web") as conn:
        add_agreement(
            conn, WantedAgreement("415.4/12/2026", "dinsos", ("penduduk.nik",), PURPOSE, UNTIL),
            by=ASKER, zone=ZONE, now=begun,
        )  # fmt: skip
    grant = ["grant", "add", "dinsos", "kominfo.wilayah", "--field", "kode", "--basis", "Perpres39", "--until"]
    for until in (UNTIL, NOW.astimezone(ZONE).date()):
        assert run(*grant, until.isoformat(), "--purpose", PURPOSE)[0] == 0
    with database.connect() as owner:
        owner.execute('update identity."grant" set granted_at = %s', (begun,))
        owner.execute("update identity.\"grant\" set ends_at = %s, fields = '{nama}' where until < %s", (over, UNTIL))

    (idle,) = read(run, "access", "unused")
    (task,) = read(run, "access", "deletions")

    assert (idle["reader"], idle["entity"], idle["looked_at"]) == ("dinsos", REGIONS.entity, None)
    assert read(run, "access", "unused", "--days", "101") == []
    assert (task["entity"], task["fields"], task["revoked"]) == (REGIONS.entity, ["nama"], False)
    assert "belum pernah" in run("access", "unused")[1]
    assert "wilayah" in run("access", "deletions")[1]

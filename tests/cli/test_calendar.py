"""`simpul calendar`: due dates without a hub, and an administrator's changes with one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg import errors

from cli import main
from tests.conftest import Database

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command where no hub was ever started: exit code, standard output, standard error."""
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))

    def one(*arguments: str) -> tuple[int, str, str]:
        code = main.run(["calendar", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return one


@pytest.fixture
def with_hub(run: Run, database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same beside a database of the hub."""
    with database.connect() as conn:
        url = f"postgresql://{conn.info.host}:{conn.info.port}/{database.name}"
    monkeypatch.setenv("SIMPUL_DATABASE_URL", url)
    monkeypatch.setenv("SIMPUL_SECRETS", str(database.stack.layout.secrets))
    return run


def read(run: Run, *arguments: str) -> dict[str, Any]:
    code, out, _ = run(*arguments, "--json")
    assert code == main.DONE
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.mark.parametrize(
    ("start", "period", "due"),
    [
        ("2026-03-17", "1d", "2026-03-25"),
        ("2026-12-23", "1d", "2026-12-28"),
        ("2026-01-31", "1m", "2026-03-02"),
        ("2026-02-24", "1m", "2026-03-25"),
        ("2026-04-30", "1m", "2026-06-02"),
    ],
)
def test_add_prints_the_due_date_without_a_hub(run: Run, start: str, period: str, due: str) -> None:
    code, out, err = run("add", start, period)

    assert (code, out) == (main.DONE, f"{due}\n")
    assert "Perubahan oleh administrator tidak dibaca" in err


def test_add_tells_programs_the_moment_and_what_was_skipped(run: Run) -> None:
    found = read(run, "add", "2026-03-17", "1d")

    assert found["due_at"] == "2026-03-25T23:59:59+07:00"
    assert [each["date"] for each in found["skipped"]] == [f"2026-03-{day}" for day in (18, 19, 20, 23, 24)]
    assert found["skipped"][0]["why"] == "cuti bersama"
    assert (found["estimate"], found["additions_read"]) == (False, False)


def test_a_due_date_in_a_year_without_a_decree_says_so(run: Run) -> None:
    _, out, err = run("add", "2027-12-28", "5d")

    assert out == "2028-01-04\n"
    assert "belum ada SKB; perkiraan" in err


def test_the_office_decides_zone_and_closures(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMPUL_INSTANCE", str(ROOT / "tests" / "instances" / "tanasari.toml"))

    assert read(run, "add", "2026-03-17", "1d")["due_at"] == "2026-03-26T23:59:59+08:00"
    assert run("list", "2026")[1].startswith("Kabupaten Tanasari, 2026: 239 hari kerja.")


@pytest.mark.parametrize(("year", "count"), [("2025", 237), ("2026", 240), ("2027", 242)])
def test_list_counts_the_working_days(run: Run, year: str, count: int) -> None:
    found = read(run, "list", year)

    assert (found["working_days"], found["estimate"]) == (count, False)
    assert all(day["decree"] for day in found["days_off"])


def test_list_shows_each_day_off_with_its_decree(run: Run) -> None:
    code, out, _ = run("list", "2025")
    head, *lines = out.splitlines()

    assert code == main.DONE
    assert head.endswith("237 hari kerja. SKB 3 Menteri Nomor 1017 Tahun 2024, Nomor 2 Tahun 2024, Nomor 2 Tahun 2024")
    assert len(lines) == 28
    assert lines[0].startswith("2025-01-01  Rabu    Tahun Baru Masehi  [SKB 3 Menteri Nomor 1017")
    (changed,) = [line for line in lines if line.startswith("2025-08-18")]
    assert "[SKB 3 Menteri Nomor 933 Tahun 2025" in changed


def test_list_of_a_year_without_a_decree_says_so(run: Run) -> None:
    code, out, _ = run("list", "2028")

    assert code == main.DONE
    assert all("belum ada SKB; perkiraan" in line for line in out.splitlines())
    assert read(run, "list", "2028")["decree"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(("list", "2031"), main.REFUSED, "tahun 2031 belum ada", id="unknown year"),
        pytest.param(("add", "2026-02-30", "1d"), main.USAGE, "bukan tanggal", id="no date"),
        pytest.param(("add", "2026-02-03", "0d"), main.USAGE, "bukan waktu", id="no days"),
        pytest.param(("add", "2026-02-03", "1w"), main.USAGE, "bukan waktu", id="no unit"),
        pytest.param(("close", "2026-02-03", "--reason", "x"), main.UNREACHABLE, "up", id="no hub"),
    ],
)
def test_what_cannot_be_answered_is_refused(run: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    found = run(*arguments)

    assert found[0] == code
    assert found[1] == ""
    assert said in found[2]


def test_a_closed_day_moves_due_dates_and_an_opened_one_moves_them_back(with_hub: Run) -> None:
    closed = with_hub("close", "2026-03-25", "--reason", "Pemilihan kepala desa", "--decree", "SE 7/2026")
    moved = read(with_hub, "add", "2026-03-17", "1d")
    listed = read(with_hub, "list", "2026")
    opened = with_hub("open", "2026-03-25", "--reason", "Pemilihan ditunda")

    assert (closed[0], opened[0]) == (main.DONE, main.DONE)
    assert closed[2] == "Rabu, 25 Maret 2026 kini libur: Pemilihan kepala desa.\n"
    assert (moved["due"], moved["additions_read"]) == ("2026-03-26", True)
    assert {
        "date": "2026-03-25",
        "name": "Pemilihan kepala desa",
        "why": "ditambahkan administrator",
        "decree": "SE 7/2026",
        "estimated": False,
    } in listed["days_off"]
    assert read(with_hub, "add", "2026-03-17", "1d")["due"] == "2026-03-25"
    assert read(with_hub, "list", "2026")["opened"] == [
        {"date": "2026-03-25", "reason": "Pemilihan ditunda", "decree": None}
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("close", "2026-03-19", "--reason", "x"), "2026-03-19 sudah libur", id="off already"),
        pytest.param(("close", "2026-03-21", "--reason", "x"), "2026-03-21 sudah libur", id="weekend"),
        pytest.param(("open", "2026-03-25", "--reason", "x"), "2026-03-25 sudah hari kerja", id="worked already"),
        pytest.param(("open", "2026-03-21", "--reason", "x"), "akhir pekan", id="weekend is not opened"),
        pytest.param(("close", "2026-03-25", "--reason", " "), "Alasan harus diisi", id="no reason"),
        pytest.param(("close", "2026-03-25", "--reason", "x" * 201), "paling banyak 200", id="long reason"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_leaves_nothing(
    with_hub: Run, database: Database, arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = with_hub(*arguments)

    assert code == main.REFUSED
    assert said in err
    with database.connect() as conn:
        counts = conn.execute(
            "select (select count(*) from hub.calendar_change), (select count(*) from audit.entry)"
        ).fetchone()
    assert counts == (0, 0)


def test_a_change_stands_in_the_audit_with_who_and_why(with_hub: Run, database: Database) -> None:
    with_hub("close", "2026-03-25", "--reason", "Pemilihan kepala desa", "--decree", "SE 7/2026")

    with database.connect() as conn:
        changes = conn.execute("select day::text, closed, reason, decree, by from hub.calendar_change").fetchall()
        entries = conn.execute("select act, subject, actor, actor_kind, details from audit.entry").fetchall()
    ((_, _, _, _, by),) = changes
    assert changes == [("2026-03-25", True, "Pemilihan kepala desa", "SE 7/2026", by)]
    details = {"reason": "Pemilihan kepala desa", "decree": "SE 7/2026"}
    assert entries == [("calendar.close", "day:2026-03-25", by, "command", details)]


def test_nobody_rewrites_a_decision(database: Database) -> None:
    for role in ("simpul_web", "simpul_jobs", "simpul_intake"):
        for statement in ("update hub.calendar_change set reason = 'x'", "delete from hub.calendar_change"):
            with database.connect(role) as conn, pytest.raises(errors.InsufficientPrivilege):
                conn.execute(statement)

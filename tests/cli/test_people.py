"""`simpul people`, `opd` and `token`: what they print, what they refuse, and that the audit says who ran them."""

import getpass
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli import main, settings
from cli.demo import links as demo_links
from cli.founding import found_agencies
from identity import demo, links
from identity.tokens import principal_of_token
from tests.conftest import Database

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database) -> Run:
    """Runs a command beside a database of the hub: exit code, standard output, standard error."""
    with database.connect() as conn:
        url = f"postgresql://{conn.info.host}:{conn.info.port}/{database.name}"
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_DEMO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_DATABASE_URL", url)
    monkeypatch.setenv("SIMPUL_SECRETS", str(database.stack.layout.secrets))
    monkeypatch.setenv("SIMPUL_PUBLIC_URL", "https://simpul.example.go.id")
    with database.connect(autocommit=True) as owner:
        found_agencies(owner, None)

    def one(*arguments: str) -> tuple[int, str, str]:
        code = main.run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return one


def read(run: Run, *arguments: str) -> Any:
    code, out, _ = run(*arguments, "--json")
    assert code == main.DONE
    return json.loads(out)


def invite(run: Run, name: str = "siti.contoh") -> str:
    """The link."""
    return str(read(run, "people", "invite", name, "--shown-name", "Siti Contoh", "--office", "Staf")["link"])


def test_an_invitation_prints_a_link_that_leads_somewhere_and_nothing_else_on_standard_output(
    run: Run, database: Database
) -> None:
    code, out, err = run("people", "invite", "siti.contoh", "--shown-name", "Siti Contoh", "--office", "Staf")

    begin = "https://simpul.example.go.id/masuk/tautan/"
    assert code == main.DONE
    assert out.startswith(begin)
    assert out.count("\n") == 1
    assert "sekali pakai" in err
    with database.connect("simpul_web") as conn:
        link = links.look_at(conn, out.strip().removeprefix(begin), now=datetime.now(UTC))
    assert (link.name, link.purpose) == ("siti.contoh", links.Purpose.INVITATION)


def test_roles_and_delegates_are_listed_with_their_days(run: Run) -> None:
    invite(run)
    delegate = ("--acting", "Plh.", "--from", "2026-01-05", "--until", "2099-01-09", "--letter", "800/1/2026")

    assert run("people", "appoint", "siti.contoh", "opd_admin", "dinkes")[0] == main.DONE
    assert run("people", "appoint", "siti.contoh", "kabid_aptika", "kominfo", *delegate)[0] == main.DONE
    (found,) = read(run, "people", "list")
    shown = run("people", "list")[1]

    held = [(each["role"], each["opd"], each["acting"], each["until"], each["in_force"]) for each in found["roles"]]
    assert held == [
        ("kabid_aptika", "kominfo", "Plh.", "2099-01-09", True),
        ("opd_admin", "dinkes", None, None, True),
    ]
    assert "Plh. kabid_aptika@kominfo s.d. 9 Januari 2099, opd_admin@dinkes" in shown
    assert "diundang" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param(("people", "link", "tidakada"), main.REFUSED, "tidak ada", id="no such person"),
        pytest.param(("people", "disable", "tidakada"), main.REFUSED, "tidak ada", id="nobody to close"),
        pytest.param(
            ("people", "appoint", "siti.contoh", "steward", "dinkes"), main.REFUSED, "Walidata", id="not there"
        ),
        pytest.param(("people", "appoint", "siti.contoh", "raja", "dinkes"), main.USAGE, "raja", id="no such role"),
        pytest.param(
            ("people", "appoint", "siti.contoh", "reader", "dinkes", "--from", "besok"),
            main.USAGE,
            "bukan tanggal",
            id="no date",
        ),
        pytest.param(
            ("people", "dismiss", "siti.contoh", "reader", "dinkes"),
            main.REFUSED,
            "tidak memegang",
            id="no role to end",
        ),
        pytest.param(("opd", "add", "Dinas", "--name", "D", "--short-name", "D"), main.REFUSED, "Kode", id="no code"),
        pytest.param(("opd", "add-system", "tidakada", "a1", "--name", "A"), main.REFUSED, "tidak ada", id="no agency"),
        pytest.param(
            ("token", "issue", "dinkes", "x", "--purpose", "kirim", "--permission", "people.manage"),
            main.USAGE,
            "people.manage",
            id="no permission for tokens",
        ),
        pytest.param(
            ("token", "issue", "dinkes", "x", "--purpose", "kirim", "--permission", "events.send"),
            main.REFUSED,
            "Sistem",
            id="no system",
        ),
        pytest.param(("token", "revoke", "7"), main.REFUSED, "tidak ada", id="no token"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(run: Run, arguments: tuple[str, ...], code: int, says: str) -> None:
    invite(run)

    answered, out, err = run(*arguments)

    assert (answered, out) == (code, "")
    assert says in err


def test_an_account_is_closed_and_opened_again(run: Run) -> None:
    invite(run)

    run("people", "disable", "siti.contoh")
    closed = read(run, "people", "list")[0]["disabled"]
    refused = run("people", "link", "siti.contoh")[0]
    run("people", "enable", "siti.contoh")

    assert (closed, refused) == (True, main.REFUSED)
    assert read(run, "people", "list")[0]["disabled"] is False


def test_the_first_administrators_link_is_printed_while_there_is_none(run: Run) -> None:
    first, second = run("people", "first-administrator"), run("people", "first-administrator")

    assert first[0] == second[0] == main.DONE
    assert first[1] != second[1]
    assert [each["name"] for each in read(run, "people", "list")] == ["administrator"]


def test_agencies_come_from_the_instance_and_others_are_added(run: Run) -> None:
    before = {each["code"] for each in read(run, "opd", "list")}

    run("opd", "add", "dinasbaru", "--name", "Dinas Baru", "--short-name", "Dinba")
    run("opd", "add-system", "dinasbaru", "aplikasi", "--name", "Aplikasi Baru")
    run("opd", "disable", "dinasbaru")

    after = {each["code"]: each["active"] for each in read(run, "opd", "list")}
    assert {"kominfo", "disdukcapil"} <= before
    assert after.keys() - before == {"dinasbaru"}
    assert after["dinasbaru"] is False
    assert [each["code"] for each in read(run, "opd", "systems")] == ["aplikasi"]


def test_a_token_is_printed_once_and_works_until_it_is_revoked(run: Run, database: Database) -> None:
    run("opd", "add-system", "dinkes", "simrs", "--name", "SIMRS")
    asked = ("dinkes", "simrs", "--purpose", "kirim", "--permission", "events.send", "--document", "rekam")

    code, out, err = run("token", "issue", *asked)
    token = out.strip()
    listed = run("token", "list")[1]
    (found,) = read(run, "token", "list")

    with database.connect("simpul_web") as conn:
        caller = principal_of_token(conn, token, now=datetime.now(UTC))
        assert caller is not None
        assert (caller.opd, caller.documents) == ("dinkes", frozenset({"rekam"}))
    assert code == main.DONE
    assert "Simpan sekarang" in err
    assert token not in listed + json.dumps(found)
    assert found["valid"]
    assert run("token", "revoke", str(found["id"]))[0] == main.DONE
    with database.connect("simpul_web") as conn:
        assert principal_of_token(conn, token, now=datetime.now(UTC)) is None
    assert "dicabut" in run("token", "list")[1]


def test_the_audit_names_the_user_of_the_machine(run: Run, database: Database) -> None:
    invite(run)

    with database.connect() as conn:
        rows = conn.execute(
            "select distinct actor, actor_kind from audit.entry where act in ('people.invite', 'link.issue')"
        ).fetchall()

    assert rows == [(getpass.getuser(), "command")]


def test_there_are_no_links_of_a_demo_that_was_never_started(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIMPUL_DATABASE_URL")

    code, out, err = run("demo", "links")

    assert (code, out) == (main.UNREACHABLE, "")
    assert "belum dijalankan" in err


def test_the_demo_has_a_link_for_each_role_in_an_agency_that_fits(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = settings.load()
    told.home.mkdir(parents=True)

    demo_links.make(told)
    monkeypatch.delenv("SIMPUL_DATABASE_URL")  # the demo itself has its own servers
    rows = read(run, "demo", "links")
    shown = run("demo", "links")[1]

    held = {each["role"]: each["opd"] for each in rows}
    assert (held["opd_admin"], held["opd_programmer"]) == ("disdukcapil", "disdukcapil")
    assert held["auditor"] == "inspektorat"
    assert held["reader"] not in {"kominfo", "disdukcapil", "inspektorat"}
    assert len(held) == len(rows) == 11
    assert [each for each in held.values() if each == "kominfo"] == ["kominfo"] * 7
    assert all(each["link"] in shown for each in rows)
    assert demo_links.place(told).stat().st_mode & 0o777 == 0o600
    token = rows[0]["link"].rpartition("/")[2]
    with database.connect("simpul_web") as conn:
        assert demo.enter_demo(conn, token, address="10.0.0.1", user_agent="", now=datetime.now(UTC))

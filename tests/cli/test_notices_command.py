"""`simpul notices` and `simpul watch`: what they print, what they change, and that the audit says who ran them."""

import getpass
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from base import instance
from cli import main, settings, watching
from jobs.notices import raise_notice
from jobs.watch_rules import RULES
from tests.conftest import Database
from tests.jobs.offices import a_notice

Run = Callable[..., tuple[int, str, str]]
WHY = "Server sedang diganti hari ini."


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database) -> Run:
    """Runs a command beside a database and a Kafka of the hub: exit code, standard output, standard error."""
    kafka = database.stack.kafka()
    with database.connect() as conn:
        url = f"postgresql://{conn.info.host}:{conn.info.port}/{database.name}"
    for name, value in {
        "HOME": str(tmp_path),
        "DATABASE_URL": url,
        "SECRETS": str(database.stack.layout.secrets),
        "KAFKA_BOOTSTRAP": kafka.bootstrap,
        "KAFKA_USERNAME": kafka.username,
        "KAFKA_PASSWORD": kafka.password.get_secret_value(),
    }.items():
        monkeypatch.setenv(f"SIMPUL_{name}", value)

    def one(*arguments: str) -> tuple[int, str, str]:
        code = main.run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return one


def told(database: Database) -> int:
    with database.connect() as owner:
        return int(raise_notice(owner, a_notice(), now=datetime.now(UTC)))


def listed(run: Run, *more: str) -> Any:
    code, out, _ = run("notices", "list", "--json", *more)
    assert code == main.DONE
    return json.loads(out)


def test_a_notice_is_listed_taken_silenced_and_closed(run: Run, database: Database) -> None:
    assert run("notices", "list") == (0, "", "Tidak ada pemberitahuan yang menunggu.\n")
    number = str(told(database))

    code, out, _ = run("notices", "list")
    assert (code, "Data orang belum terolah sejak 10 menit." in out) == (0, True)
    assert run("notices", "ack", number)[0] == main.DONE
    assert listed(run)[0]["state"] == "acknowledged"
    assert run("notices", "silence", number, "--reason", WHY, "--hours", "2")[0] == main.DONE
    until = datetime.fromisoformat(listed(run)[0]["silent_until"])
    assert timedelta(hours=1, minutes=59) < until - datetime.now(UTC) <= timedelta(hours=2)
    assert run("notices", "close", number, "--reason", WHY)[0] == main.DONE
    assert listed(run) == []
    assert [row["state"] for row in listed(run, "--all")] == ["closed"]

    with database.connect() as owner:
        acts = owner.execute("select actor, actor_kind, act from audit.entry order by id").fetchall()
    user = getpass.getuser()
    assert acts == [(user, "command", f"notice.{act}") for act in ("acknowledge", "silence", "close")]


def test_what_is_refused_is_one_line_and_an_exit_code(run: Run, database: Database) -> None:
    number = str(told(database))

    assert run("notices", "ack", "999") == (1, "", "simpul: Pemberitahuan nomor 999 tidak ada.\n")
    code, out, err = run("notices", "close", number, "--reason", "tahu")
    assert (code, out) == (1, "")
    assert err == "simpul: Alasan baru 4 huruf. Mohon tulis paling sedikit 10 huruf.\n"


def test_the_watch_looks_once_and_prints_what_it_finds(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = run("watch", "run", "--json")
    assert code == main.DONE, err
    looked = json.loads(out)
    assert [each["rule"] for each in looked] == [rule.name for rule in RULES]
    assert [each["reason"] for each in looked] == [None] * len(RULES)

    monkeypatch.setenv("SIMPUL_WATCH", '{"database_gib": 0.005}')
    code, out, err = run("watch", "run")
    assert code == main.DONE
    assert "disk: Basis data berukuran 0,0 GB" in out
    assert err.splitlines()[-1].startswith(f"{len(RULES)} aturan diperiksa, ")
    assert "watch:disk:ukuran-basis-data" in [row["cause"] for row in listed(run)]


def test_a_threshold_that_is_none_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMPUL_WATCH", '{"parked_weeks": 1}')

    code, _, err = run("watch", "run")

    assert code == main.USAGE
    assert "PARKED_WEEKS" in err


def test_what_the_notifier_is_told_comes_from_settings_and_instance(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path))
    assert watching.notice_settings(None).smtp is None
    assert watching.notice_settings(None).public_url == ""

    (tmp_path / "secrets" / "smtp").write_text("rahasia\n")
    monkeypatch.setenv("SIMPUL_SMTP_HOST", "mail.example")
    monkeypatch.setenv("SIMPUL_SMTP_USERNAME", "simpul")
    monkeypatch.setenv("SIMPUL_PUBLIC_URL", "https://simpul.example")
    monkeypatch.setenv("SIMPUL_WEBHOOK_NETWORKS", '["10.20.0.0/16"]')
    found = watching.notice_settings(None)

    assert found.smtp is not None
    assert (found.smtp.host, found.smtp.port, found.smtp.security) == ("mail.example", 587, "starttls")
    assert found.smtp.password == SecretStr("rahasia")
    assert found.webhook is not None
    assert [str(each) for each in found.webhook.networks] == ["10.20.0.0/16"]
    assert found.public_url == "https://simpul.example"
    assert found.smtp.sender == instance.load(settings.load().instance).kop.surel

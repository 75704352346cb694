"""The small install of an OPD: the wheel with the extra `adapter`, in an environment of its own, publishes a file."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.stack.local import Stack
from producers import wilayah
from producers.synthetic.residents import residents
from registry.provisioning import principals, provision
from tests.producers.conftest import PARTITIONS, Exchange
from tests.registry.server import PASSWORDS, SENDER
from tests.schemas.contracts import INSTANCE, ROOT

HUB_PACKAGES = ("faust", "fastapi", "alembic", "psycopg", "sqlalchemy", "aiokafka", "jinja2", "uvicorn")
Publish = Callable[[Path], subprocess.CompletedProcess[str]]
INSTALL_WITHIN_S = 280  # a first download of polars and the rest


pytestmark = pytest.mark.timeout(600)  # the first test waits for the install


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=INSTALL_WITHIN_S,
    )


def must(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, f"{done.args}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment at an OPD: Python and the wheel with its extra, nothing else. Its folder."""
    folder = tmp_path_factory.mktemp("kantor")
    must(run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT))
    (wheel,) = folder.glob("simpul-*.whl")
    python = folder / "venv" / "bin" / "python"
    if uv := shutil.which("uv"):
        must(run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder))
        must(run(uv, "pip", "install", "--quiet", "--python", python, f"{wheel}[adapter]", cwd=folder))
    else:
        must(run(sys.executable, "-m", "venv", folder / "venv", cwd=folder))
        must(run(python, "-m", "pip", "install", "--quiet", f"{wheel}[adapter]", cwd=folder))
    return folder


def residents_file(path: Path, *, bad: int) -> None:
    """A file of 300 residents, of which the first `bad` have a NIK of 15 digits."""
    rows = list(residents(300, seed=5, villages=wilayah.villages_of(INSTANCE.kode)))
    for row in rows[:bad]:
        row["nik"] = str(row["nik"])[:15]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def publish(
    office: Path, stack: Stack, exchange: Exchange, tmp_path: Path
) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    """Publishes a file from the office, as the OPD's own principal at Kafka and its own user at the registry."""
    everybody = {name: stack.kafka(name).password for name in principals([exchange.contract])}
    provision([exchange.contract], admin=exchange.kafka, credentials=everybody, partitions=PARTITIONS)
    secret = everybody[f"opd-{exchange.contract.opd}"]
    kafka_password, registry_password = tmp_path / "kafka", tmp_path / "registri"
    kafka_password.write_text(secret.get_secret_value(), encoding="utf-8")
    registry_password.write_text(PASSWORDS[SENDER].get_secret_value(), encoding="utf-8")

    def run_it(path: Path) -> subprocess.CompletedProcess[str]:
        return run(
            *(office / "venv" / "bin" / "simpul", "publish", exchange.contract.name, path),
            *("--bootstrap", exchange.kafka.bootstrap, "--password-file", kafka_password),
            *("--registry-url", exchange.server.url, "--registry-user", SENDER),
            *("--registry-password-file", registry_password),
            cwd=tmp_path,
        )

    return run_it


def test_nothing_of_the_hub_is_installed(office: Path) -> None:
    script = f"import importlib.util as u; print([name for name in {HUB_PACKAGES!r} if u.find_spec(name)])"

    assert must(run(office / "venv" / "bin" / "python", "-c", script, cwd=office)).strip() == "[]"


def test_the_office_publishes_a_file(publish: Publish, exchange: Exchange, tmp_path: Path) -> None:
    residents_file(tmp_path / "data.csv", bad=0)

    told = must(publish(tmp_path / "data.csv"))

    assert told.startswith("300 baris dibaca: 300 terkirim, 0 belum dapat dikirim")
    assert len(exchange.log()) == 300
    assert not (tmp_path / "data.rejected.csv").exists()


def test_rows_that_come_back_are_told_and_the_rest_is_sent_once(
    publish: Publish, exchange: Exchange, tmp_path: Path
) -> None:
    residents_file(tmp_path / "data.csv", bad=3)

    first, second = publish(tmp_path / "data.csv"), publish(tmp_path / "data.csv")

    assert (first.returncode, second.returncode) == (1, 1)
    assert "3 belum dapat dikirim" in first.stdout
    rejected = (tmp_path / "data.rejected.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.partition(";")[0] for line in rejected] == ["baris", "2", "3", "4"]
    assert "nik: 15 digit; seharusnya 16 digit." in rejected[1]
    identities = [dict(record.headers())["ce_id"] for record in exchange.log()]
    assert len(identities) == 594
    assert len(set(identities)) == 297


@pytest.mark.parametrize(
    ("content", "reason", "code"),
    [
        ("nik;warna\n", "Kolom tidak dikenal", 1),
        ('nik;"nama\n', "Tanda kutip", 1),
    ],
)
def test_a_refused_file_is_one_clear_line(
    publish: Publish,
    exchange: Exchange,
    tmp_path: Path,
    content: str,
    reason: str,
    code: int,
) -> None:
    (tmp_path / "data.csv").write_text(content, encoding="utf-8")

    done = publish(tmp_path / "data.csv")

    assert done.returncode == code
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert exchange.log() == []

"""What the page for those who read reference data tells them to type works as it stands."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import settings
from dashboard.settings import Settings
from identity.permissions import Permission
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import People
from tests.dashboard.programs import programs
from tests.identity.people_of_test import NOW, Population

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "read-reference-data.md"
BLOCKS = re.findall(r"```(sh|php)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
NIK = "3518131708909001"
PLACES = {"35.18": "Kabupaten Nganjuk", "35.18.13": "Nganjuk", "35.18.13.1001": "Kauman"}


@pytest.fixture
def environment(
    serve: Callable[[Settings], Site], site_settings: Settings, database: Database, people: People, tmp_path: Path
) -> dict[str, str]:
    """As the page says: a token and the hub's address; before the rows that it names."""
    population = Population.settle(database, 1)
    with database.connect() as conn:
        conn.execute("update reference.penduduk set nik = %s", (NIK,))
        for place, name in PLACES.items():
            above = place.rpartition(".")[0] if place != "35.18" else None
            conn.execute(
                "insert into reference.wilayah (kode, nama, tingkat, induk, sumber_diubah, _epoch, _sequence, _deleted,"
                " _topic_no, _partition, _offset) values (%s, %s, 'DESA', %s, %s, 0, 1, false, 1, 0, 1)",
                (place, name, above, NOW),
            )
    population.grant("nama", "alamat")
    site = serve(site_settings)
    token = programs(site, database)("dinsos", Permission.VIEW_RECORDS, Permission.UNMASK).secret
    return {"HUB": site.url, "TOKEN": token, "PATH": os.environ["PATH"], "NO_PROXY": "*"}


def run(program: str, text: str, environment: dict[str, str], folder: Path) -> str:
    """What it prints. Skipped where the machine has no such program, but not in CI."""
    found = shutil.which(program)
    if found is None:
        (pytest.fail if settings.load().ci else pytest.skip)(f"no {program} on the PATH")
    done = subprocess.run([found], input=text, env=environment, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_command_of_the_page_is_answered(environment: dict[str, str], tmp_path: Path) -> None:
    commands = [text.replace("curl ", "curl --fail-with-body -s ") for kind, text in BLOCKS if kind == "sh"]

    printed = [run("bash", f"set -e\n{command}", environment, tmp_path) for command in commands]

    assert len(commands) == 5
    assert "Kabupaten Nganjuk" in (tmp_path / "wilayah.csv").read_text()
    assert json.loads((tmp_path / "wilayah.openapi.json").read_text())["openapi"] == "3.1.0"
    assert any('"nama":"Kauman"' in each for each in printed)
    assert any('"alamat":"QZALAMAT0000 XW0000"' in each for each in printed)


def test_the_program_in_php_reads_every_row(environment: dict[str, str], tmp_path: Path) -> None:
    ((_, program),) = [each for each in BLOCKS if each[0] == "php"]

    lines = run("php", program, environment, tmp_path).splitlines()

    assert len(lines) == 20 + len(PLACES)
    assert "35.18 Kabupaten Nganjuk" in lines

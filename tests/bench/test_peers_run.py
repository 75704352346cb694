"""The comparison as one runs it, small: everything starts, everybody's rows are right, every ratio is there."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.peers.figures import BATCHES, OURS
from cli import settings
from cli.stack.local import Stack

EVENTS = 60_000


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A state folder for a measurement of this test."""
    folder = tmp_path / "bench"
    yield folder
    Stack(settings.load(folder)).destroy()


@pytest.mark.full
@pytest.mark.timeout(1_500)
def test_one_command_measures_all_and_checks_their_rows(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    ended = subprocess.run(
        [settings.ROOT / "simpul", "bench", "--peers", "--events", str(EVENTS), "--runs", "1", "--json", file],
        env=os.environ | {"SIMPUL_BENCH_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=1_400,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["ratios"].keys() == found["cpu_ratios"].keys() == BATCHES.keys()
    assert found["entrants"].keys() == {OURS, "simpul_published", "simpul_two_sources", *BATCHES}
    rows = {name: entrant["rows"] for name, entrant in found["entrants"].items() if name != "faust"}
    assert len(set(rows.values())) == 1  # the slow one reads the first events only
    assert all(ratio > 0 for ratio in found["ratios"].values())

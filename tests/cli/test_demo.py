"""The demo as a newcomer runs it, with few residents (the regions are always all of them)."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import settings
from cli.stack.local import Stack

ROOT = Path(__file__).parent.parent.parent
REGIONS = 91_592
FIGURES = {
    "published",
    "accepted",
    "known",
    "parked",
    "dead_letters",
    "reference_rows",
    "outbox_left",
    "seconds",
    "events_per_second",
    "latency_ms",
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A state folder for a demo of this test."""
    folder = tmp_path / "demo"
    yield folder
    Stack(settings.load(folder)).destroy()


def demo(home: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    told = os.environ | {"SIMPUL_DEMO_HOME": str(home)} | environment
    return subprocess.run(
        [ROOT / "simpul", "demo", "--once", *arguments],
        env=told,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def test_a_run_accounts_for_every_event_and_prints_its_figures(home: Path) -> None:
    ended = demo(home, "--events", "300", "--seed", "7")

    assert ended.returncode == 0, ended.stderr
    figures = json.loads(ended.stdout.splitlines()[-1])
    assert set(figures) == FIGURES
    states = ("accepted", "known", "parked", "dead_letters")
    assert figures["published"] == sum(figures[state] for state in states)
    assert figures["reference_rows"]["wilayah"] == REGIONS
    assert figures["outbox_left"] == 0


@pytest.mark.full
def test_a_planted_miscount_ends_with_1_and_says_what_differs(home: Path) -> None:
    ended = demo(home, "--events", "300", SIMPUL_DEMO_LEFT_OUT="1")

    assert ended.returncode == 1
    assert "tidak ada di log" in ended.stderr

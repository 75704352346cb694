"""Rows that are kept to be looked at later hold no more than their own bytes."""

import subprocess
import sys

import polars as pl
import pytest

from consumers.profiling import every
from tests.hub import ROOT

FRAME = pl.DataFrame({"nama": [f"Warga nomor {n} dari Nganjuk" for n in range(16_000)], "jumlah": range(16_000)})

# A few rows are kept of each of 40 batches, whose texts take 4 MiB; then little of that may be resident.
PROGRAM = """
import psutil
import polars as pl
from consumers.profiling import every
from tests.eventually import eventually
def batch(number):
    return every(pl.DataFrame({"nama": [f"{number:3}{n:9}" + "x" * 250 for n in range(16_000)]}), 54, 17)
kept = [batch(0)]
def resident():
    return psutil.Process().memory_info().rss // (1024 * 1024)
before = resident()
kept += [batch(n) for n in range(40)]
eventually(lambda: resident() - before, until=lambda mib: mib < 40)  # polars gives memory back a little later
"""


@pytest.mark.parametrize(("step", "first"), [(2, 0), (4, 3), (54, 17)])
def test_each_so_many_rows_are_taken_as_they_are(step: int, first: int) -> None:
    assert every(FRAME, step, first).equals(FRAME.gather_every(step, first))
    assert every(FRAME, step, first).schema == FRAME.schema


def test_a_few_rows_of_many_hold_only_their_own_texts() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr

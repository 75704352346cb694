"""A million rows as a file: the memory of the web process does not grow with their number."""

import gc
import os
from collections.abc import Callable

import httpx
import psutil
import pytest

from dashboard.settings import Settings
from identity.permissions import Permission
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import People
from tests.dashboard.programs import Program, programs
from tests.identity.people_of_test import REGIONS, Population

ROWS = 1_000_000
MOST_MIB = 100
MIB = 1_048_576
WHOLE = "/api/v1/reference/wilayah/export?format="


@pytest.fixture
def program(serve: Callable[[Settings], Site], site_settings: Settings, database: Database, people: People) -> Program:
    """A program of an agency, before so many regions that no country has them."""
    Population.settle(database, 1)
    code = "overlay(overlay(overlay(lpad(n::text, 10, '0') placing '.' from 7 for 0) placing '.' from 5 for 0)"
    with database.connect() as conn:
        conn.execute(
            f"insert into reference.{REGIONS.entity} (kode, nama, tingkat, berlaku_mulai, sumber_diubah,"  # noqa: S608
            "  _epoch, _sequence, _deleted, _topic_no, _partition, _offset)"
            f" select {code} placing '.' from 3 for 0), 'Desa ' || n, 'DESA', date '2020-01-01', now(),"
            f"  0, 1, false, 1, 0, n from generate_series(1, {ROWS - 20}) n"
        )
        conn.execute("analyze reference.wilayah")
    site = serve(site_settings.model_copy(update={"statement_timeout_s": 30}))
    return programs(site, database)("dinsos", Permission.VIEW_RECORDS)


def fetched(program: Program, form: str) -> tuple[bytes, int, float]:
    """The end of the file, its line ends, and by how many MiB this process, server and client, grew at most."""
    process = psutil.Process(os.getpid())
    gc.collect()
    before = most = process.memory_info().rss
    ends, last = 0, b""
    headers = {"Authorization": f"Bearer {program.secret}"}
    with httpx.stream("GET", program.url + WHOLE + form, headers=headers, timeout=300, trust_env=False) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_bytes():
            ends, last = ends + piece.count(b"\n"), (last + piece)[-200:]
            most = max(most, process.memory_info().rss)
    return last, ends, (most - before) / MIB


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_million_rows_are_exported_in_memory_that_does_not_grow(program: Program) -> None:
    files = {form: fetched(program, form) for form in ("ndjson", "csv", "parquet")}

    assert {form: ends for form, (_, ends, _) in files.items() if form != "parquet"} == {
        "ndjson": ROWS,
        "csv": ROWS + 1,
    }
    assert files["parquet"][0].endswith(b"PAR1")
    assert {form: grew for form, (_, _, grew) in files.items() if grew > MOST_MIB} == {}, files

"""The effect on a million stored rows: the figures are printed; the rows are those that the intake then sends back."""

import os
import resource
import time
from pathlib import Path

import pytest

from registry.governance.effect import effect_of
from registry.governance.effect_reading import ROLE, snapshot
from tests.conftest import Database
from tests.registry.effect_case import NOW, TODAY, bent, field, fill, people, rule, what_happens, what_is_told
from tests.schemas.contracts import penduduk

ROWS = 1_000_000
# As another system may have let them in: for the formats, for the column's doubts, and for the rules.
ODD = """
update reference.penduduk set
       nama = case when _offset % 100 = 7 then lower(nama) else nama end,
       tempat_lahir = case when _offset % 200 = 8 then '12 34' when _offset % 100 = 8 then 'kab. madiun'
                           else tempat_lahir end
 where _offset % 100 in (7, 8)
"""


@pytest.mark.full
@pytest.mark.timeout(900)  # the preview takes seconds; the intake's judge has a minute's work with what it is held to
def test_a_million_rows(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    fill(database, penduduk(), people(ROWS))
    with database.connect() as conn:
        conn.execute(ODD)
        conn.execute("analyze reference.penduduk")
    new = bent(
        field("status", enum=["HIDUP", "MENINGGAL"]),
        field("alamat", maxLength=21),
        field("tempat_lahir", minLength=None, maxLength=None, format="nama-orang"),
        field("nik", warnOnly=None),
        rule("dewasa", "usia(tanggal_lahir, hari_terima) >= 17 OR status_kawin = '1'"),
        rule("beralamat", "tempat_lahir NOT LIKE '%MADIUN'"),
    )

    with snapshot(database.dsn(ROLE)) as conn:
        before = _seconds(conn.info.backend_pid)
        began = time.perf_counter()
        found = effect_of(conn, penduduk(), new, accepted_on=TODAY, now=NOW)
        took = time.perf_counter() - began
        ours, theirs = (now - then for now, then in zip(_seconds(conn.info.backend_pid), before, strict=True))
        with capsys.disabled():
            print(  # noqa: T201
                f"\neffect on {found.rows} rows: {took:.1f} s, of that {ours:.1f} s of processor here and {theirs:.1f}"
                f" s in PostgreSQL (load {os.getloadavg()[0]:.1f}); {found.newly} would be refused; peak memory"
                f" {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
            )
        with database.connect() as other:  # the hub goes on meanwhile
            other.execute("update reference.penduduk set status = 'PINDAH' where _offset % 100 = 1")
        told = what_is_told(conn, penduduk(), new)
        happens = what_happens(conn, new)

    assert found.rows == ROWS
    assert {place: len(keys) for place, keys in told.items()} == {place: len(keys) for place, keys in happens.items()}
    assert told == happens
    counted = {each.place: each.rows for each in found.changes}
    assert counted == {place: len(happens.get(place, ())) for place in counted}
    assert counted.keys() == {"nik", "status", "alamat", "tempat_lahir", "dewasa", "beralamat"}
    assert found.refused == len(set().union(*happens.values()))
    assert found.newly == len(set().union(*(keys for place, keys in happens.items() if place in counted)))


def _seconds(backend: int) -> tuple[float, float]:
    """Processor time so far, of this process and of PostgreSQL's for the connection."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    stat = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return used.ru_utime + used.ru_stime, (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

"""The effect on a million stored rows: the figure is printed, the counts are those of the validator."""

import time

import pytest

from registry.governance.effect import effect_of
from registry.governance.effect_reading import ROLE, snapshot
from tests.conftest import Database
from tests.registry.effect_case import NOW, TODAY, bent, field, fill, people, rule, truth
from tests.schemas.contracts import penduduk

BASE, COPIES = 50_000, 20
# 20 times the same people under other numbers: another district in each, which no row had before.
COPY = (
    "insert into reference.penduduk select (p).* from (select jsonb_populate_record(r, jsonb_build_object('nik',"
    " substr(nik, 1, 4) || lpad((10 + 2 * n + substr(nik, 6, 1)::int %% 2)::text, 2, '0') || substr(nik, 7))) as p"
    " from reference.penduduk r, generate_series(1, %s) n) x"
)


@pytest.mark.full
def test_a_million_rows(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    fill(database, penduduk(), people(BASE))
    with database.connect() as conn:
        conn.execute(COPY, [COPIES - 1])
        conn.execute("analyze reference.penduduk")
    new = bent(
        field("status", enum=["HIDUP", "MENINGGAL"]),
        field("alamat", maxLength=18),
        field("nik", warnOnly=None),
        rule("dewasa", "usia(tanggal_lahir, hari_terima) >= 17 OR status_kawin = '1'"),
    )

    with snapshot(database.dsn(ROLE)) as conn:
        began = time.perf_counter()
        found = effect_of(conn, penduduk(), new, accepted_on=TODAY, now=NOW)
        took = time.perf_counter() - began

    with capsys.disabled():
        print(f"\neffect on {found.rows} rows: {took:.1f} s, {found.newly} would be refused")  # noqa: T201
    rows, by_place, places = truth(database, new)
    assert (found.rows, found.newly) == (rows, len(places)) == (BASE * COPIES, found.refused)
    assert {each.place: each.rows for each in found.changes} == {
        place: by_place[place] for place in ("nik", "status", "alamat", "dewasa")
    }

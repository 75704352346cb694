"""Sets of keys are looked up by the index, also by a plan that was made while the table was small."""

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import provision, reference_tables
from hub_db.connection import connect
from schemas.names import SchemaId
from tests.conftest import Database
from tests.hub_db.documents import PLACES

ROWS = 20_000
CALLS = 12  # psycopg prepares at the fifth, PostgreSQL may keep one plan for all from the fifth of those on
GROW = """
insert into reference.{table} (kode, nama, sumber_diubah, _epoch, _sequence, _deleted, _topic_no, _partition, _offset)
select 'k' || n, 'nama', now(), 0, 1, false, 1, 0, n from generate_series(1, {rows}) n"""
READ_WHOLE = "select seq_tup_read from pg_stat_all_tables where schemaname = 'reference' and relname = %s"

LINES = reference_tables.statements(PLACES).marks_of_lines
ARRAYS = reference_tables.statements(PLACES).marks_of_keys
ABSENT = reference_tables.absent_lines(("reference", PLACES.entity), PLACES.key)
PRESENT = reference_tables.present_keys(("reference", PLACES.entity), PLACES.key)


def rows_read_whole(conn: Connection[TupleRow]) -> int:
    conn.execute("select pg_stat_force_next_flush()")
    conn.execute("select pg_stat_clear_snapshot()")
    row = conn.execute(READ_WHOLE, (PLACES.entity,)).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    ("statement", "argument"),
    [(LINES, "k1\nk2\nk9"), (ABSENT, "k1\nk2\nk9"), (ARRAYS, ["k1", "k9"]), (PRESENT, ["k1", "k9"])],
    ids=["marks of lines", "absent lines", "marks of keys", "present keys"],
)
def test_a_plan_from_a_small_table_never_reads_the_grown_one(
    database: Database, statement: bytes, argument: object
) -> None:
    with database.connect(autocommit=True) as owner:
        provision(owner, PLACES, SchemaId(1))
        owner.execute(f"analyze reference.{PLACES.entity}")
        with connect(database.dsn("simpul_intake"), process="test") as conn:
            conn.execute("set plan_cache_mode = force_generic_plan")
            for _ in range(CALLS):
                conn.execute(statement, (argument,))
            owner.execute(GROW.format(table=PLACES.entity, rows=ROWS))
            before = rows_read_whole(conn)
            found = conn.execute(statement, (argument,)).fetchall()

            assert found != [(None,) * len(found[0])] or statement is ABSENT
            assert rows_read_whole(conn) - before < ROWS

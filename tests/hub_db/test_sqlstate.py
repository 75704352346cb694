"""The road of each error of PostgreSQL."""

import psycopg
import pytest

from hub_db.connection import transaction
from hub_db.errors import Contended, EventFault, Halted, HubDbError, Unreachable
from hub_db.sqlstate import Road, road
from tests.conftest import Database


@pytest.mark.parametrize(
    ("sqlstate", "expected"),
    [
        pytest.param("22001", Road.EVENT, id="too long"),
        pytest.param("22021", Road.EVENT, id="NUL in text"),
        pytest.param("23514", Road.EVENT, id="check"),
        pytest.param("54000", Road.EVENT, id="index row too large"),
        pytest.param("54001", Road.HALT, id="statement too complex"),
        pytest.param("40001", Road.RETRY, id="serialization"),
        pytest.param("40P01", Road.RETRY, id="deadlock"),
        pytest.param("08006", Road.WAIT, id="connection lost"),
        pytest.param("53100", Road.WAIT, id="disk full"),
        pytest.param("53300", Road.WAIT, id="too many connections"),
        pytest.param("55P03", Road.WAIT, id="lock timeout"),
        pytest.param("57014", Road.WAIT, id="statement timeout"),
        pytest.param("57P01", Road.WAIT, id="shutdown"),
        pytest.param("25006", Road.WAIT, id="read-only"),
        pytest.param("25P02", Road.HALT, id="failed transaction used on"),
        pytest.param("42P01", Road.HALT, id="undefined table"),
        pytest.param("42703", Road.HALT, id="undefined column"),
        pytest.param("42501", Road.HALT, id="no right"),
        pytest.param("28P01", Road.HALT, id="wrong password"),
        pytest.param("XX000", Road.HALT, id="internal error"),
        pytest.param("99999", Road.HALT, id="unknown"),
        pytest.param(None, Road.WAIT, id="no answer"),
    ],
)
def test_each_sqlstate_has_its_road(sqlstate: str | None, expected: Road) -> None:
    assert road(sqlstate) is expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param("select 'x'::int", EventFault, id="event"),
        pytest.param("select from nowhere", Halted, id="halt"),
        pytest.param("set local statement_timeout = 1; select pg_sleep(5)", Unreachable, id="wait"),
        pytest.param("do $$ begin raise sqlstate '40001'; end $$", Contended, id="retry"),
    ],
)
def test_the_drivers_errors_become_ours_without_row_values(
    database: Database, statement: str, expected: type[HubDbError]
) -> None:
    with database.connect(autocommit=True) as conn, pytest.raises(expected) as caught, transaction(conn):
        conn.execute(statement)

    assert not isinstance(caught.value.__cause__, psycopg.Error)

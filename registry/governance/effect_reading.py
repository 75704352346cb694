"""The connection on which an effect is reckoned: one snapshot, read only, by the role that reads reference rows."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from psycopg import Connection, IsolationLevel
from psycopg.rows import TupleRow
from pydantic import SecretStr

from hub_db.connection import connect, transaction, translated
from hub_db.statements import load
from schemas.contract import Contract
from schemas.loader import read

SQL = load("registry", "sql/effect.sql")
ROLE: Final = (
    "simpul_publisher"  # reads reference rows, dead letters, grants and documents; here in a read-only session
)


@contextmanager
def snapshot(dsn: SecretStr) -> Iterator[Connection[TupleRow]]:
    """A REPEATABLE READ READ ONLY transaction. Raises Unreachable."""
    with closing(connect(dsn, process="simpul-effect")) as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        with transaction(conn):
            yield conn


def in_force(conn: Connection[TupleRow], contract: Contract) -> Contract | None:
    """The contract that holds for the document now; None where it is not open here."""
    with translated():
        row = conn.execute(SQL["contract_in_force"], {"topic": contract.topic}).fetchone()
    return None if row is None else read(row[0], file=contract.name)

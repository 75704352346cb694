"""By which schemas events were read: a registry that names other schemas by these ids is not the one we knew."""

from collections.abc import Mapping

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import transaction
from hub_db.statements import load
from schemas.names import SchemaId

SQL = load("hub_db", "sql/schemas_read.sql")


def known(conn: Connection[TupleRow]) -> dict[SchemaId, bytes]:
    """SHA-256 of the canonical text of each id's schema."""
    with transaction(conn):
        return {SchemaId(schema_id): fingerprint for schema_id, fingerprint in conn.execute(SQL["known"])}


def remember(conn: Connection[TupleRow], fingerprints: Mapping[SchemaId, bytes]) -> None:
    """Keep them for the next start."""
    rows = [{"schema_id": each, "fingerprint": mark} for each, mark in fingerprints.items()]
    with transaction(conn), conn.cursor() as cursor:
        cursor.executemany(SQL["add"], rows)

"""The tables of the others: the document's columns with the hub's own types, key and fill factor, and nothing more."""

from typing import Any, Final

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

from bench.peers.measuring import Table
from hub_db.reference_tables import column_types
from schemas.contract import Contract

SCHEMA: Final = "public"
FILL_FACTOR: Final = 70  # as the hub's tables
# What Quix Streams' sink writes besides the fields, whatever it is told.
QUIX_COLUMNS: Final = {"timestamp": "timestamp", "__key": "text"}


def columns(contract: Contract) -> dict[str, str]:
    """The document's fields and their PostgreSQL types."""
    types = column_types(contract)
    return {str(field.name): types[place] for place, field in enumerate(contract.fields)}


def make(conn: Connection[Any], contract: Contract, name: str) -> Table:
    """An empty table of that name, whatever was there."""
    found = columns(contract) | (QUIX_COLUMNS if name == "quix" else {})
    conn.execute(SQL("drop table if exists {}").format(Identifier(SCHEMA, name)))
    conn.execute(_create(found, contract, name))
    return Table(SCHEMA, name)


def _create(found: dict[str, str], contract: Contract, name: str) -> Composed:
    key = [str(each) for each in contract.key]
    return SQL("create table {table} ({columns}, primary key ({key})) with (fillfactor = {fill})").format(
        table=Identifier(SCHEMA, name),
        columns=SQL(", ").join(
            SQL("{} {}{}").format(
                Identifier(column), SQL(kind), SQL(' collate "C"') if kind == "text" and column in key else SQL("")
            )
            for column, kind in found.items()
        ),
        key=SQL(", ").join(map(Identifier, key)),
        fill=SQL(str(FILL_FACTOR)),
    )

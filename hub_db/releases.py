"""Lets parked events in when the records that they wait for have come, from whatever topic or worker.

Nothing has to be told to the releaser: it looks at what is parked and at what exists, so that a record that
came in the very moment in which an event was parked is never missed.
"""

from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import parking, reference_tables
from hub_db.connection import transaction
from hub_db.merge import needs
from hub_db.parking import ParkedPartition, Reread
from hub_db.sandbox import tables_with
from hub_db.settle import release
from schemas.contract import Contract
from schemas.names import EntityName, EventKey, FieldName

KEYS_AT_ONCE = 5_000  # a release holds its partition's position for about as long as a batch


def release_partition(conn: Connection[TupleRow], contract: Contract, parked: ParkedPartition, reread: Reread) -> int:
    """Release what can go in of one partition, a transaction per KEYS_AT_ONCE keys; returns how many events did."""
    released = 0
    columns = {need.entity: need.columns for need in needs(contract)}
    for entity in sorted(parked.entities & columns.keys()):
        while True:
            with transaction(conn):
                keys = _keys(conn, contract, entity, columns[entity], parked)
                went_in = release(conn, contract, parked, keys, reread) if keys else 0
            released += went_in
            if went_in == 0 or len(keys) < KEYS_AT_ONCE:
                break
    return released


def partitions(conn: Connection[TupleRow]) -> list[ParkedPartition]:
    """Every partition that has parked events."""
    with transaction(conn):
        return parking.partitions(conn)


def _keys(
    conn: Connection[TupleRow],
    contract: Contract,
    entity: EntityName,
    columns: Sequence[FieldName],
    parked: ParkedPartition,
) -> list[EventKey]:
    names = {"topic_no": parked.topic_no, "partition": parked.partition, "limit": KEYS_AT_ONCE}
    for table in tables_with(conn, contract, entity, tuple(columns)):
        found = conn.execute(reference_tables.waiting_keys(table, entity, tuple(columns)), names).fetchall()
        if found:
            return [EventKey(row[0]) for row in found]
    return []

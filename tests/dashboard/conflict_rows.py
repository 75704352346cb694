"""Conflicts as the finder would enter them, over rows that nobody has."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.conflicts import store
from hub_db.conflicts.causes import Found, Kind, Side
from jobs.conflict_job import show
from schemas.contract import Contract
from schemas.names import EntityName, EventKey, FieldName

A, B = date(1990, 8, 17), date(1990, 7, 18)
KEY = EventKey("3518135708909001")


def enter(
    conn: Connection[TupleRow],
    contracts: Mapping[str, Contract],
    sides: tuple[str, str],
    *,
    key: EventKey = KEY,
    entity: str = "penduduk",
    about: str = "tanggal_lahir",
    born: date = B,
) -> int:
    """One conflict about a date of birth; its number. `contracts` by `<opd>.<document>`, as the sides are named."""
    source_a, source_b = sides
    found = Found(
        Kind.AGREE,
        EntityName(entity),
        key,
        about,
        Side(source_a, {FieldName("nama"): "KENANGA WIDURI", FieldName("tanggal_lahir"): A}),
        Side(source_b, {FieldName("nama"): "KENANGA WIDURI", FieldName("tanggal_lahir"): born}),
        (A, born),
        ("tanggal.lain", "nik.a"),
    )
    now = datetime.now(UTC)
    outcome = store.apply(
        conn, found.entity, [key], [Kind.AGREE], [(found, show(contracts, found))], now=now, source=source_b
    )
    if outcome.opened:
        return outcome.opened[0]
    row = conn.execute("select id from hub.conflict where key = %s and source_b = %s", (key, source_b)).fetchone()
    assert row is not None
    return int(row[0])

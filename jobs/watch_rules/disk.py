"""A disk fills up, or the database outgrows what was planned for it."""

import shutil
from pathlib import Path

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import decimal
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Severity
from jobs.watch import Blind, Finding, Rule, WatchContext
from jobs.watch_settings import GIB, WatchSettings

SQL = load("jobs", "sql/watch_house.sql")
ALMOST = 0.9  # of what the database may grow to


def look(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    disks = (_disk(name, folder, context.settings) for name, folder in sorted(context.disks.items()))
    return [finding for finding in (*disks, _database(conn, context.settings)) if finding is not None]


def _disk(name: str, folder: Path, settings: WatchSettings) -> Finding | None:
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        raise Blind(f"Folder {name} tidak dapat dibaca ({type(error).__name__}).") from error
    share, free = usage.free / usage.total, usage.free / GIB
    if share >= settings.disk_share and free >= settings.disk_free_gib:
        return None
    bad = share < settings.disk_disturbance_share or free < settings.disk_disturbance_gib
    return Finding(
        subject=name,
        title=f"Ruang disk untuk {name} tinggal {decimal(free, 1)} GB ({decimal(share * 100, 0)} %).",
        severity=Severity.DISTURBANCE if bad else Severity.ATTENTION,
        urgent=bad,
    )


def _database(conn: Connection[TupleRow], settings: WatchSettings) -> Finding | None:
    row = conn.execute(SQL["database_size"]).fetchone()
    size = int(row[0]) / GIB if row else 0.0
    if settings.database_gib is None or size < ALMOST * settings.database_gib:
        return None
    return Finding(
        subject="ukuran-basis-data",
        title=f"Basis data berukuran {decimal(size, 1)} GB, batasnya {decimal(settings.database_gib, 1)} GB.",
    )


RULE = Rule("disk", "Ruang disk", Role.OPERATOR, Severity.ATTENTION, look, every_s=60)

"""Speed of the audit: writers at a steady rate, in small transactions, while the hub's sealer links what they commit.

Works on any database of the hub whose sealer runs, so that it can be laid beside another measurement.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection
from pydantic import SecretStr

from hub_db.connection import connect, transaction
from identity.audit import AuditEntry, record_all
from identity.audit_verify import verify

ACT: Final = "bench.write"
WRITERS: Final = 4
SEALED_WITHIN_S: Final = 30.0
LOOK_EVERY_S: Final = 0.1

# From the commit of the entry to the commit of its link, both by the server's one clock (track_commit_timestamp).
LAG = """
select count(*), min(committed), max(committed),
       percentile_cont(array[0.5, 0.99, 1.0]) within group (order by lag_ms)
  from (select extract(epoch from pg_xact_commit_timestamp(e.xmin)) as committed,
               extract(epoch from pg_xact_commit_timestamp(l.xmin) - pg_xact_commit_timestamp(e.xmin)) * 1000 as lag_ms
          from audit.entry e join audit.link l on l.entry_id = e.id
         where e.actor = %(actor)s) as links"""
ROOM = """
select (pg_total_relation_size('audit.entry') + pg_total_relation_size('audit.link'))::bigint"""
WAITING = """
select count(*) from audit.entry e
 where e.actor = %(actor)s and not exists (select from audit.link l where l.entry_id = e.id)"""


@dataclass(frozen=True, slots=True)
class Course:
    """How much is written, and how fast."""

    rows_per_second: int
    seconds: float
    rows_per_transaction: int
    actor: str  # marks the rows of this run


def write(dsn: SecretStr, course: Course) -> int:
    """Write at the course's rate with WRITERS connections; how many rows. A writer that is late does not wait."""
    written: list[int] = []
    failed: list[BaseException] = []

    def one() -> None:
        try:
            with connect(dsn, process="simpul-bench-audit") as conn:
                written.append(_write(conn, course))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return sum(written)


def figures(conn: Connection[Any], course: Course, rows: int) -> dict[str, Any]:
    """The run's figures, once everything is sealed: rows, rows per second, lag until the seal in milliseconds; then
    links checked per second, and the room of an entry with its link and indexes."""
    deadline = time.monotonic() + SEALED_WITHIN_S
    while waiting := _one(conn, WAITING, course)[0]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{waiting} entries are not sealed: does the hub's process of jobs run?")
        time.sleep(LOOK_EVERY_S)
    sealed, first, last, (p50, p99, most) = _one(conn, LAG, course)
    began = time.monotonic()
    verdict = verify(conn)
    return {
        "rows": rows,
        "sealed": sealed,
        "rows_per_second": round(rows / float(last - first)),
        "rows_per_transaction": course.rows_per_transaction,
        "seal_lag_ms": {"p50": round(p50), "p99": round(p99), "max": round(most)},
        "whole": verdict.is_whole,
        "verified_per_second": round(verdict.links / (time.monotonic() - began)),
        "bytes_per_entry": round(_one(conn, ROOM, course)[0] / verdict.links),
    }


def _write(conn: Connection[Any], course: Course) -> int:
    at_once = course.rows_per_transaction
    pause = at_once * WRITERS / course.rows_per_second
    entry = AuditEntry(course.actor, "system", ACT, opd="bench", subject="bench:0" * 8, details={"fields": ["a", "b"]})
    began = time.monotonic()
    transactions = 0
    while (due := transactions * pause) < course.seconds:
        time.sleep(max(0.0, began + due - time.monotonic()))
        with transaction(conn):
            record_all(conn, [entry] * at_once)
        transactions += 1
    return transactions * at_once


def _one(conn: Connection[Any], query: str, course: Course) -> tuple[Any, ...]:
    row = conn.execute(query, {"actor": course.actor}).fetchone()
    if row is None:
        raise LookupError("the database gave no row")
    return tuple(row)

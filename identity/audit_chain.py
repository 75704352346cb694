"""Chains the audit's entries: each committed one gets a link, with a number without a gap and a hash over all before.

How entries are found that were committed late is told in docs/explanation/audit.md.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from hub_db.connection import connect, transaction
from hub_db.errors import Halted, HubDbError
from hub_db.statements import load
from identity.acts import Act
from identity.audit import AuditEntry, canonical, read_details, record

SQL = load("identity", "sql/audit_chain.sql")
SEALER_LOCK: Final = 0x41_55_44_49  # any number that only we use
GENESIS: Final = bytes(32)  # stands before the first link
PASS_LIMIT: Final = 5_000  # entries of one pass: some 100 ms of work
SEAL_EVERY_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link: all that is needed to prove later what the chain was now."""

    number: int
    hash: bytes
    settled: int  # every committed entry of a smaller transaction has its link


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Committed entries that wait for their link."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as it stands in the database."""

    id: int
    transaction: int
    at: datetime
    entry: AuditEntry

    @property
    def text(self) -> bytes:
        """What is hashed. Raises ValueError for an entry that `record` would not have written."""
        return canonical(self.id, self.transaction, self.at, self.entry)


def seal(conn: Connection[TupleRow], *, limit: int = PASS_LIMIT) -> int:
    """Link the committed entries that have none, in a transaction of its own; how many. 0 also when another seals.

    The oldest transactions go first, so `settled` may move up to the last of them even when the limit cuts the pass.
    """
    with transaction(conn):
        if not _one(conn, "become_the_sealer", lock=SEALER_LOCK)[0]:
            return 0
        last = head(conn)
        lowest, highest = (int(each) for each in _one(conn, "horizon"))
        if last is not None and last.settled > highest:
            _tell_of_restore(conn, last.settled, highest)
            sealed = 0
            while found := _seal_missed(conn, head(conn), lowest, limit):
                sealed += found
            return sealed
        settled = last.settled if last else 0
        values = {"settled": str(settled), "limit": limit + 1}  # one more tells whether the pass is cut
        waiting = [written(row) for row in conn.execute(SQL["waiting"], values, prepare=False)]
        if waiting:
            settled = lowest if len(waiting) <= limit else min(lowest, waiting[limit].transaction)
            _add_links(conn, last, waiting[:limit], settled)
        return min(len(waiting), limit)


def seal_missed(conn: Connection[TupleRow], *, limit: int = PASS_LIMIT) -> int:
    """Link entries that no ordinary pass would find, as after a restore from a dump; how many. Reads both tables."""
    with transaction(conn):
        if not _one(conn, "become_the_sealer", lock=SEALER_LOCK)[0]:
            return 0
        lowest = int(_one(conn, "horizon")[0])
        return _seal_missed(conn, head(conn), lowest, limit)


def head(conn: Connection[TupleRow]) -> Head | None:
    """The newest link; None before the first."""
    row = conn.execute(SQL["head"]).fetchone()
    return Head(row[0], bytes(row[1]), int(row[2])) if row else None


def unsealed(conn: Connection[TupleRow]) -> Unsealed:
    """What waits for its link now."""
    return Unsealed(*_one(conn, "unsealed"))


def next_hash(before: bytes, entry: Written) -> bytes:
    """The hash of an entry's link."""
    return hashlib.sha256(before + entry.text).digest()


def written(row: Sequence[Any]) -> Written:
    """An entry out of the columns id … details, in the order of the statements."""
    number, transaction_id, at, actor, actor_kind, role, opd, act, subject, purpose, details = row
    entry = AuditEntry(actor, actor_kind, act, role, opd, subject, purpose, read_details(details))
    return Written(number, int(transaction_id), at, entry)


class Sealer:
    """Seals on a connection of its own; `run` is called every SEAL_EVERY_S in any number of processes."""

    def __init__(self, dsn: SecretStr) -> None:
        self.dsn = dsn
        self.conn: Connection[TupleRow] | None = None

    def run(self) -> None:
        """Seal all that waits. Raises hub_db's errors; the next call begins with a new connection."""
        try:
            if self.conn is None:
                self.conn = connect(self.dsn, process="simpul-sealer")
                while seal_missed(self.conn) == PASS_LIMIT:
                    pass
            while seal(self.conn) == PASS_LIMIT:
                pass
        except HubDbError:
            self.close()
            raise

    def close(self) -> None:
        if self.conn is not None:
            self.conn.close()
            self.conn = None


def _seal_missed(conn: Connection[TupleRow], last: Head | None, lowest: int, limit: int) -> int:
    missed = [written(row) for row in conn.execute(SQL["missed"], {"limit": limit + 1}, prepare=False)]
    if missed:
        settled = lowest if len(missed) <= limit else (last.settled if last else 0)
        _add_links(conn, last, missed[:limit], settled)
    return min(len(missed), limit)


def _add_links(conn: Connection[TupleRow], last: Head | None, entries: Sequence[Written], settled: int) -> None:
    first, before = (last.number + 1, last.hash) if last else (1, GENESIS)
    hashes: list[bytes] = []
    for each in entries:
        hashes.append(next_hash(hashes[-1] if hashes else before, each))
    values = {
        "numbers": list(range(first, first + len(entries))),
        "entries": [each.id for each in entries],
        "before": [before, *hashes[:-1]],
        "hashes": hashes,
        "settled": str(settled),
    }
    conn.execute(SQL["add_links"], values, prepare=False)


def _tell_of_restore(conn: Connection[TupleRow], settled: int, highest: int) -> None:
    """The server counts transactions from a smaller number than the chain has seen: this is another server."""
    details = {"settled": str(settled), "now": str(highest)}
    record(conn, AuditEntry("sealer", "system", Act.DATABASE_RESTORED, details=details))


def _one(conn: Connection[TupleRow], name: str, **values: Any) -> TupleRow:
    row = conn.execute(SQL[name], values or None).fetchone()
    if row is None:
        raise Halted(f"the database answered {name} with nothing")
    return row

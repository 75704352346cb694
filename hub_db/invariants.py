"""What must hold in the hub's tables whatever broke (I1 to I9 of the fault matrix), counted over all of them."""

from dataclasses import dataclass
from typing import Final

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from hub_db import layouts
from hub_db.connection import transaction
from hub_db.statements import load

SQL = load("hub_db", "sql/invariants.sql")
WHAT: Final = {
    "batches_that_do_not_add_up": ("I1", "Kumpulan pesan yang jumlahnya tidak cocok"),
    "parked_events_that_are_lost": ("I1", "Partisi yang kehilangan data tertunda"),
    "totals_that_are_not_the_ledgers": ("I3", "Partisi yang jumlahnya bukan jumlah buku besarnya"),
    "partitions_with_holes": ("I2", "Partisi yang buku besarnya berlubang"),
    "places_that_end_twice": ("I4", "Pesan yang tercatat lebih dari sekali"),
    "rows_without_their_event": ("I6", "Baris yang bukan kejadian terakhirnya"),
    "history_links_that_lead_nowhere": ("I6", "Riwayat yang terputus"),
    "changes_without_their_round": ("I8", "Perubahan yang putarannya tidak dikenal"),
    "letters_that_changed": ("I9", "Data dikembalikan yang isinya berubah"),
    "replays_that_lead_nowhere": ("I9", "Kiriman ulang yang tidak berujung"),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One rule, and how often it is broken."""

    invariant: str
    name: str
    title: str  # Indonesian
    breaches: int


def check(conn: Connection[TupleRow]) -> list[Checked]:
    """All rules, each in one snapshot, however long that takes; as the owner, on a connection of its own."""
    conn.execute("set statement_timeout = 0")
    return [Checked(invariant, name, title, _count(conn, name)) for name, (invariant, title) in WHAT.items()]


def _count(conn: Connection[TupleRow], name: str) -> int:
    with transaction(conn):
        if name == "rows_without_their_event":
            return _rows_without_their_event(conn)
        row = conn.execute(SQL[name]).fetchone()
    return int(row[0]) if row else 0


def _rows_without_their_event(conn: Connection[TupleRow]) -> int:
    """Rows of documents that are not the newest accepted event of their key. A document that has withdrawn loads is
    left out: its rows are reckoned without them."""
    withdrawn = {topic for (topic,) in conn.execute("select distinct topic from hub.withdrawn_load")}
    breaches = 0
    for contract in layouts.contracts(conn):
        table = layouts.table_of(conn, contract)
        if table is None or contract.topic in withdrawn:
            continue
        statement = sql.SQL(
            "select count(*) from {table} r full join ("
            ' select distinct on (h.key) h.key, h.epoch, h.sequence, h.topic_no, h.partition, h."offset"'
            " from hub.history h join hub.topic t using (topic_no) where t.name = {topic}"
            ' order by h.key, h.epoch desc, h.sequence desc, h.topic_no, h.partition, h."offset") newest'
            " on newest.key = {key}"
            " where (r._epoch, r._sequence) is distinct from (newest.epoch, newest.sequence)"
        ).format(
            table=sql.Identifier(*table),
            topic=sql.Literal(contract.topic),
            key=sql.SQL(" || '|' || ").join(sql.SQL("r.{}").format(sql.Identifier(name)) for name in contract.key),
        )
        row = conn.execute(statement).fetchone()
        breaches += int(row[0]) if row else 0
    return breaches

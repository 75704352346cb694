"""Sessions that hold a transaction open, and refused sign-ins by the hundred."""

from datetime import timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import duration, number
from hub_db.statements import load
from identity.permissions import Role
from identity.sign_in import sign_ins_since
from jobs.notices import Severity
from jobs.watch import Blind, Finding, Rule, WatchContext

SQL = load("jobs", "sql/watch_house.sql")
ATTACK_WINDOW = timedelta(minutes=10)


def idle_transactions(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    if conn.execute(SQL["sees_sessions"]).fetchone() != (True,):
        raise Blind("Pemilik basis data bukan anggota pg_read_all_stats.")
    before = context.now - timedelta(seconds=context.settings.idle_transaction_s)
    return [
        Finding(
            subject=str(pid),
            title=f"Sesi basis data {pid} ({process or role}) menahan transaksi "
            f"sejak {duration((context.now - since).total_seconds())}.",
            body=f"Peran basis data: {role}.",
        )
        for pid, role, process, since in conn.execute(SQL["idle_transactions"], {"before": before})
    ]


def refused_sign_ins(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    found = sign_ins_since(conn, context.now - ATTACK_WINDOW)
    refused = found.refused + found.held_back
    if refused < context.settings.refused_sign_ins:
        return []
    return [
        Finding(
            subject="all",
            title=f"{number(refused)} percobaan masuk tidak berhasil dalam 10 menit.",
            body=f"{number(found.held_back)} di antaranya diminta menunggu; {number(found.done)} orang berhasil masuk.",
        )
    ]


IDLE = Rule("idle-transactions", "Transaksi yang tertahan", Role.OPERATOR, Severity.DISTURBANCE, idle_transactions)
SIGN_INS = Rule("sign-ins", "Percobaan masuk", Role.ADMINISTRATOR, Severity.DISTURBANCE, refused_sign_ins, urgent=True)

"""The hub's database as it was at one moment, from which it is made anew before each run of a measurement."""

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from cli.stack import roles
from cli.stack.local import Stack
from cli.stack.postgres import DATABASE, SUPERUSER

SNAPSHOT = f"{DATABASE}_snapshot"


def take(stack: Stack) -> None:
    """Put the database aside; who is connected to it loses his session. `restore` brings it back."""
    with _server(stack) as conn:
        conn.execute(SQL("alter database {} allow_connections false").format(Identifier(DATABASE)))
        conn.execute("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s", [DATABASE])
        conn.execute(SQL("alter database {} rename to {}").format(Identifier(DATABASE), Identifier(SNAPSHOT)))


def restore(stack: Stack) -> None:
    """Make the database again as it was when it was put aside."""
    with _server(stack) as conn:
        conn.execute(SQL("drop database if exists {} with (force)").format(Identifier(DATABASE)))
        conn.execute(
            SQL("create database {} owner {} template {} strategy file_copy").format(
                Identifier(DATABASE), Identifier(roles.OWNER), Identifier(SNAPSHOT)
            )
        )
        _give_rights(conn)


def _give_rights(conn: Connection[TupleRow]) -> None:
    """The rights on the database itself, which a copy does not have."""
    conn.execute(SQL("revoke all on database {} from public").format(Identifier(DATABASE)))
    query = """
        select r.rolname, a.privilege_type
          from pg_database d cross join aclexplode(d.datacl) a join pg_roles r on r.oid = a.grantee
         where d.datname = %s"""
    for role, right in conn.execute(query, [SNAPSHOT]).fetchall():
        conn.execute(SQL("grant {} on database {} to {}").format(SQL(right), Identifier(DATABASE), Identifier(role)))


def _server(stack: Stack) -> Connection[TupleRow]:
    return psycopg.connect(stack.dsn(SUPERUSER, "postgres").get_secret_value(), autocommit=True)

"""The hub's database as it was at one moment, from which it is made anew before each run of a measurement."""

import psycopg
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
        roles.close_to_others(conn, DATABASE)


def _server(stack: Stack) -> "psycopg.Connection[psycopg.rows.TupleRow]":
    return psycopg.connect(stack.dsn(SUPERUSER, "postgres").get_secret_value(), autocommit=True)

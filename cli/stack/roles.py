"""The hub's roles in PostgreSQL and its database: one role with a password of its own for each process."""

from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from cli.stack.passwords import password

OWNER = "simpul_owner"
ROLES = (OWNER, "simpul_intake", "simpul_publisher", "simpul_registry", "simpul_web", "simpul_jobs")
STATISTICS = "pg_read_all_stats"  # for notice.idle_transactions(): sessions that hold a transaction open


def make_roles(conn: Connection[Any], secrets: Path) -> None:
    """Each role, made or brought to its stored password, which reaches the server as a SCRAM verifier only."""
    known = {name for (name,) in conn.execute("SELECT rolname FROM pg_roles")}
    for role in ROLES:
        secret = password(secrets, f"postgres-{role}").get_secret_value().encode()
        verifier = conn.pgconn.encrypt_password(secret, role.encode(), b"scram-sha-256").decode()
        verb = sql.SQL("ALTER" if role in known else "CREATE")
        conn.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), sql.Literal(verifier)))


def may_read_statistics(conn: Connection[Any]) -> bool:
    """Give the owner the right to see others' sessions; False when we may not."""
    has = conn.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [OWNER, STATISTICS]).fetchone()
    if has is not None and has[0]:
        return True
    try:
        conn.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(STATISTICS), sql.Identifier(OWNER)))
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def make_database(conn: Connection[Any], name: str) -> None:
    """The hub's database, which only its roles may enter; one that is there is left as it is."""
    if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None:
        return
    database, owner = sql.Identifier(name), sql.Identifier(OWNER)
    row = conn.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if row is None or not row[0]:  # else nobody but a superuser makes a database for another
        conn.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
    conn.execute(sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(database, owner))
    conn.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    conn.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.SQL(", ").join(map(sql.Identifier, ROLES)))
    )

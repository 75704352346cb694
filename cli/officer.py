"""A named officer at the command line: signs in with name, password and second factor, as at the door of the pages.

The sign-in stands in the audit, with the system's user in the place of the address; its session ends with the command.
"""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from cli import settings
from cli.screen import tell

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from base.instance import Instance
    from identity.principals import Principal

_REFUSED = 1  # exit code


@dataclass(frozen=True, slots=True)
class Officer:
    """A person who has signed in, and a connection with the rights of the pages, outside of a transaction."""

    conn: "Connection[TupleRow]"
    principal: "Principal"
    now: datetime
    instance: "Instance"


@contextmanager
def officer(name: str) -> Iterator[Officer]:
    """Ask for the password, and for the code where the account has a second factor. Raises Unreachable."""
    from base import instance
    from hub_db.connection import connect, transaction
    from identity.sessions import end_session, principal_of

    told = settings.load()
    here = instance.load(told.instance)
    conn = connect(settings.dsn(told.home, "simpul_web"), process="simpul-command")
    try:
        now = datetime.now(UTC)
        session = _sign_in(conn, name, now)
        found = principal_of(conn, session, now=now, zone=here.zone)
        if found is None:
            raise typer.Exit(_REFUSED)
        try:
            yield Officer(conn, found[1], now, here)
        finally:
            with transaction(conn):
                end_session(conn, session, now=datetime.now(UTC))
    finally:
        conn.close()


def _sign_in(conn: "Connection[TupleRow]", name: str, now: datetime) -> str:
    from identity.sign_in import Refusal, SignInRefused, sign_in

    code = None
    password = _secret("Kata sandi")
    while True:
        outcome = sign_in(
            conn,
            name,
            password,
            code=code,
            address=f"perintah:{getpass.getuser()}",
            device=None,
            user_agent="simpul",
            now=now,
        )
        if not isinstance(outcome, SignInRefused):
            return outcome.session
        if outcome.reason is not Refusal.CODE_WANTED or code is not None:
            tell(outcome.reason.value)
            raise typer.Exit(_REFUSED)
        code = _secret("Kode verifikasi")


def _secret(what: str) -> str:
    """What is typed unseen; without a terminal a line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{what}: ")
    return sys.stdin.readline().rstrip("\n")

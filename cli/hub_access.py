"""What a command needs in order to act on a running hub: a connection, who acts, when, and in which time zone.

A command acts as the system's user who runs it: whoever can run it on the hub's machine may, and the audit says who.
"""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from cli import settings
from cli.settings import Settings
from cli.stack.errors import StackUnreachable

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from base.instance import Instance
    from identity.actors import Actor


@dataclass(frozen=True, slots=True)
class HubAccess:
    """One command's transaction: everything it does stands or falls together."""

    conn: "Connection[TupleRow]"
    by: "Actor"
    now: datetime
    told: Settings
    instance: "Instance"

    @property
    def zone(self) -> ZoneInfo:
        return self.instance.zone

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


@contextmanager
def acting(told: Settings | None = None) -> Iterator[HubAccess]:
    """A transaction on the hub's database, with the rights of the pages. Raises Unreachable."""
    from base import instance
    from hub_db.connection import connect, transaction
    from identity.actors import Actor

    told = told or settings.load()
    here = instance.load(told.instance)
    conn = connect(settings.dsn(told.home, "simpul_web"), process="simpul-command")
    try:
        with transaction(conn):
            yield HubAccess(conn, Actor.command(getpass.getuser()), datetime.now(UTC), told, here)
    finally:
        conn.close()


def pages_url(told: Settings) -> str:
    """Where people reach the pages; empty where nobody said so and no local stack was started."""
    if told.public_url is not None:
        return told.public_url
    try:
        return settings.web_url(told)
    except StackUnreachable:
        return ""


def link_url(told: Settings, token: str) -> str:
    """The address of the page that redeems a link."""
    from identity.links import PATH

    pages = f"{told.public_url.rstrip('/')}/" if told.public_url else settings.web_url(told)
    return urljoin(pages, PATH.lstrip("/") + token)

"""What a new installation needs before anybody can sign in: the instance's agencies, and a first administrator."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli import settings
from cli.hub_access import acting, link_url
from cli.screen import tell
from cli.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow


def found_agencies(conn: "Connection[TupleRow]", home: Path | None) -> None:
    """Bring the agencies of the database up to `instansi.toml`."""
    from base import instance
    from hub_db.connection import transaction
    from identity.actors import Actor
    from identity.opds import OpdSeed, seed_opds

    here = instance.load(settings.load(home).instance)
    named = [OpdSeed(each.kode, each.nama, each.singkatan, each.kode == here.sop.walidata) for each in here.opd]
    with transaction(conn):
        seed_opds(conn, named, by=Actor.process("prepare"), now=datetime.now(UTC))


def first_administrator(told: Settings) -> str | None:
    """The address where the first administrator sets a password; None when there is an administrator."""
    from identity.first_administrator import first_administrator as link_for

    with acting(told) as hub:
        token = link_for(hub.conn, by=hub.by, zone=hub.zone, now=hub.now)
    return None if token is None else link_url(told, token)


def tell_first_administrator(told: Settings) -> None:
    """Print that link, on a screen and never into a log."""
    url = first_administrator(told)
    if url is not None:
        tell(f"Belum ada administrator. Buka tautan ini untuk membuat kata sandinya (72 jam, sekali pakai): {url}")

"""Links that let somebody in once: the first administrator, an invitation, a forgotten password; and a demo's links.

A link's token is shown once and stored as SHA-256. Looking at a link changes nothing, so that a program that looks at
links in messages does not use it up; it is redeemed by the form on its page.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.statements import load
from identity import bearer
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import LinkGone, NotAllowed
from identity.people import find_person, lock, subject

SQL = load("identity", "sql/links.sql")
PATH = "/masuk/tautan/"  # of the page that redeems; the token follows


class Purpose(StrEnum):
    FIRST_ADMINISTRATOR = "first_administrator"
    INVITATION = "invitation"
    RESET = "reset"
    DEMO = "demo"


LASTS = {
    Purpose.FIRST_ADMINISTRATOR: timedelta(hours=72),
    Purpose.INVITATION: timedelta(hours=72),  # RELIABILITY §5
    Purpose.RESET: timedelta(hours=72),
    Purpose.DEMO: timedelta(days=7),  # a demo's run; its next one takes them back
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that may be used now."""

    id: int
    person_id: int
    name: str
    shown_name: str
    purpose: Purpose
    expires_at: datetime


def issue_link(conn: Connection[TupleRow], person_id: int, purpose: Purpose, *, by: Actor, now: datetime) -> str:
    """A new link's token; the person's earlier links are taken back. Raises Unknown, NotAllowed."""
    person = lock(conn, person_id)
    if person.disabled_at is not None:
        raise NotAllowed(f"Akun {person.name} tidak aktif.")
    if purpose is Purpose.DEMO and not is_demo(conn):
        raise NotAllowed("Tautan peragaan hanya ada pada peragaan.")
    revoke_links(conn, person_id, now=now)
    token = bearer.fresh()
    values = {"token": bearer.digest(token), "person_id": person_id, "purpose": purpose, "by": by.name, "now": now}
    conn.execute(SQL["issue_link"], {**values, "expires_at": now + LASTS[purpose]})
    note(conn, by, Act.LINK_ISSUE, subject(person.name), now=now, link=purpose)
    return token


def invite_again(conn: Connection[TupleRow], person_id: int, *, by: Actor, now: datetime) -> str:
    """A new link for somebody who lost the first or forgot the password: the token."""
    person = find_person(conn, person_id)
    return issue_link(conn, person_id, Purpose.RESET if person.has_password else Purpose.INVITATION, by=by, now=now)


def look_at(conn: Connection[TupleRow], token: str, *, now: datetime) -> Link:
    """Whose link it is and what for. Changes nothing. Raises LinkGone."""
    with conn.cursor(row_factory=class_row(Link)) as cursor:
        found = cursor.execute(SQL["open_link"], {"token": bearer.digest(token), "now": now}).fetchone()
    if found is None:
        raise LinkGone
    return Link(found.id, found.person_id, found.name, found.shown_name, Purpose(found.purpose), found.expires_at)


def redeem_link(conn: Connection[TupleRow], token: str, *, now: datetime) -> Link:
    """Use the link: once, but in a demo as often as one likes. Raises LinkGone."""
    link = look_at(conn, token, now=now)
    if conn.execute(SQL["redeem_link"], {"id": link.id, "now": now}).fetchone() is None:
        raise LinkGone
    note(conn, Actor.owner(link.name), Act.LINK_REDEEM, subject(link.name), now=now, link=link.purpose)
    return link


def revoke_links(conn: Connection[TupleRow], person_id: int, *, now: datetime) -> None:
    """Take back the person's links that were not used."""
    conn.execute(SQL["revoke_links"], {"person_id": person_id, "now": now})


def is_demo(conn: Connection[TupleRow]) -> bool:
    """Whether this is a demo's database; only its owner can say so."""
    row = conn.execute(SQL["installation"]).fetchone()
    return row is not None and bool(row[0])

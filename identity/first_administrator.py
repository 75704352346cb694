"""How an installation gets its first administrator: by a one-time link, never by a default password."""

from datetime import datetime, tzinfo

from psycopg import Connection
from psycopg.rows import TupleRow

from identity import people
from identity.actors import Actor
from identity.appointments import NewAppointment, appoint
from identity.errors import NotAllowed, Taken
from identity.links import SQL, Purpose, issue_link
from identity.people import NewPerson
from identity.permissions import Role

NAME = "administrator"


def first_administrator(conn: Connection[TupleRow], *, by: Actor, zone: tzinfo, now: datetime) -> str | None:
    """A new link's token while nobody can sign in as administrator; earlier ones end. None when somebody can.

    Raises NotAllowed when the agencies are not there yet.
    """
    today = now.astimezone(zone).date()
    if conn.execute(SQL["active_administrators"], {"on": today}).fetchone() is not None:
        return None
    waiting = conn.execute(SQL["waiting_administrator"]).fetchone()
    person_id = (
        int(waiting[0]) if waiting else _made(conn, by, NewAppointment(Role.ADMINISTRATOR, _walidata(conn), today), now)
    )
    return issue_link(conn, person_id, Purpose.FIRST_ADMINISTRATOR, by=by, now=now)


def _walidata(conn: Connection[TupleRow]) -> str:
    row = conn.execute(SQL["walidata"]).fetchone()
    if row is None:
        raise NotAllowed("Walidata belum ditetapkan dalam instansi.toml.")
    return str(row[0])


def _made(conn: Connection[TupleRow], by: Actor, office: NewAppointment, now: datetime) -> int:
    """The number of a new person with the office. An earlier administrator may have the plain name."""
    for serial in range(1, 100):
        name = NAME if serial == 1 else f"{NAME}{serial}"
        try:
            person_id = people.add_person(
                conn, NewPerson(name, "Administrator", "Administrator Simpul"), by=by, now=now
            )
        except Taken:
            continue
        appoint(conn, person_id, office, by=by, now=now)
        return person_id
    raise Taken(f"Nama masuk {NAME} sudah dipakai.")

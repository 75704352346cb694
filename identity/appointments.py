"""Giving and ending roles and accounts. Sessions end by it, so that each session begins with the rights it has."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from identity import devices, links, sessions
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import NotAllowed, Unknown
from identity.opds import find_opd
from identity.people import SQL, Held, Person, lock, subject
from identity.permissions import ROLE_TITLES, ROLES_OF_ANY_OPD, Role
from identity.principals import Acting


@dataclass(frozen=True, slots=True)
class NewAppointment:
    """A role in an agency. A delegate (Plt., Plh.) has the letter that says so and a last day."""

    role: Role
    opd: str
    from_on: date
    until_on: date | None = None
    acting: Acting | None = None
    letter: str | None = None


def appoint(conn: Connection[TupleRow], person_id: int, new: NewAppointment, *, by: Actor, now: datetime) -> int:
    """The number of the appointment. Ends the person's sessions. Raises Unknown, NotAllowed."""
    person = lock(conn, person_id)
    _must_be_allowed(conn, person, new, by)
    row = conn.execute(
        SQL["appoint"],
        {
            "person_id": person_id,
            "role": new.role,
            "opd": new.opd,
            "acting": new.acting,
            "letter": new.letter.strip() if new.letter else None,
            "from_on": new.from_on,
            "until_on": new.until_on,
            "by": by.name,
            "now": now,
        },
    ).fetchone()
    if row is None:
        raise RuntimeError("an insert gave no number")
    sessions.end_all(conn, person_id, sessions.Ended.ROLES_CHANGED, now=now)
    note(
        conn,
        by,
        Act.PEOPLE_APPOINT,
        subject(person.name),
        now=now,
        opd=new.opd,
        role=new.role,
        acting=new.acting,
        letter=new.letter,
        from_on=new.from_on.isoformat(),
        until_on=new.until_on.isoformat() if new.until_on else None,
    )
    return int(row[0])


def dismiss(conn: Connection[TupleRow], person_id: int, appointment_id: int, *, by: Actor, now: datetime) -> None:
    """End a role at once. Ends the person's sessions. Raises Unknown, NotAllowed."""
    person = lock(conn, person_id)
    _must_be_another(person, by)
    row = conn.execute(SQL["end_appointment"], {"id": appointment_id, "person_id": person_id, "now": now}).fetchone()
    if row is None:
        raise Unknown("Peran itu tidak ada atau sudah diakhiri.")
    sessions.end_all(conn, person_id, sessions.Ended.ROLES_CHANGED, now=now)
    note(conn, by, Act.PEOPLE_DISMISS, subject(person.name), now=now, opd=row[1], role=row[0])


def disable(conn: Connection[TupleRow], person_id: int, *, by: Actor, now: datetime) -> None:
    """Close an account: sessions end, links and known devices go. Raises Unknown, NotAllowed."""
    person = lock(conn, person_id)
    _must_be_another(person, by)
    if conn.execute(SQL["disable"], {"id": person_id, "now": now}).fetchone() is None:
        return
    sessions.end_all(conn, person_id, sessions.Ended.DISABLED, now=now)
    links.revoke_links(conn, person_id, now=now)
    devices.forget(conn, person_id)
    note(conn, by, Act.PEOPLE_DISABLE, subject(person.name), now=now)


def enable(conn: Connection[TupleRow], person_id: int, *, by: Actor, now: datetime) -> None:
    """Open a closed account again, with the password and the roles it had. Raises Unknown, NotAllowed."""
    person = lock(conn, person_id)
    _must_be_another(person, by)
    if conn.execute(SQL["enable"], {"id": person_id}).fetchone() is not None:
        note(conn, by, Act.PEOPLE_ENABLE, subject(person.name), now=now)


def _must_be_allowed(conn: Connection[TupleRow], person: Person, new: NewAppointment, by: Actor) -> None:
    _must_be_another(person, by)
    opd = find_opd(conn, new.opd)
    if person.disabled_at is not None:
        raise NotAllowed(f"Akun {person.name} tidak aktif.")
    if not opd.active:
        raise NotAllowed(f"OPD {opd.code} tidak aktif.")
    if new.role not in ROLES_OF_ANY_OPD and not opd.walidata:
        raise NotAllowed(f"Peran {ROLE_TITLES[new.role]} hanya ada pada Walidata, bukan pada {opd.short_name}.")
    if new.acting is not None and not ((new.letter or "").strip() and new.until_on):
        raise NotAllowed(f"Penugasan {new.acting} memerlukan nomor surat dan tanggal berakhir.")
    if new.until_on is not None and new.until_on < new.from_on:
        raise NotAllowed("Tanggal berakhir mendahului tanggal mulai.")
    if any(_overlaps(held, new) for held in person.held):
        raise NotAllowed(f"{person.shown_name} sudah memegang peran itu pada tanggal tersebut.")


def _must_be_another(person: Person, by: Actor) -> None:
    """Nobody gives himself a role, nor takes his own account away by mistake."""
    if by.kind == "person" and by.name == person.name:
        raise NotAllowed("Peran dan akun sendiri diubah oleh administrator lain.")


def _overlaps(held: Held, new: NewAppointment) -> bool:
    if (held.role, held.opd) != (new.role, new.opd):
        return False
    begins_before_end = new.until_on is None or held.from_on <= new.until_on
    return begins_before_end and (held.until_on is None or new.from_on <= held.until_on)

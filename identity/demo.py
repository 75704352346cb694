"""The people of a demo: one for each role, with invented names, who sign in by a link.

Only in a database that its owner has marked as a demo's; in any other the links do not even exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType

from psycopg import Connection
from psycopg.rows import TupleRow

from identity import links
from identity.actors import Actor, note
from identity.acts import Act
from identity.appointments import NewAppointment, appoint
from identity.errors import LinkGone, NotAllowed, Unknown
from identity.links import SQL, Purpose, issue_link
from identity.people import NewPerson, add_person, find_person, subject
from identity.permissions import ROLE_TITLES, ROLES_OF_ANY_OPD, Role
from identity.sessions import SessionToken, open_session

BY = Actor.process("demo")
PEOPLE: Mapping[Role, str] = MappingProxyType(
    {
        Role.OPD_ADMIN: "Contoh Admin",
        Role.OPD_PROGRAMMER: "Contoh Programmer",
        Role.TIM_TEKNIS: "Contoh Teknisi",
        Role.PEJABAT_PENGAWAS: "Contoh Pengawas",
        Role.KABID_APTIKA: "Contoh Kabid",
        Role.KEPALA_DINAS: "Contoh Kepala Dinas",
        Role.OPERATOR: "Contoh Operator",
        Role.STEWARD: "Contoh Pengelola Data",
        Role.AUDITOR: "Contoh Auditor",
        Role.READER: "Contoh Pengguna Data",
        Role.ADMINISTRATOR: "Contoh Administrator",
    }
)


@dataclass(frozen=True, slots=True)
class DemoLink:
    """How to sign in as one role."""

    role: Role
    title: str
    opd: str
    token: str


def mark_as_demo(conn: Connection[TupleRow]) -> None:
    """Say that this database is a demo's; by its owner, before people are in it. It cannot be unsaid."""
    conn.execute(SQL["set_installation"], {"demo": True})
    if not links.is_demo(conn):
        raise NotAllowed("Basis data ini bukan peragaan.")


def demo_links(
    conn: Connection[TupleRow], offices: Sequence[tuple[Role, str]], *, zone: tzinfo, now: datetime
) -> list[DemoLink]:
    """A link for each office, a role in an agency; earlier links end. People are made when they are not there.

    Raises NotAllowed outside of a demo.
    """
    made = []
    for role, opd in offices:
        person_id = _person(conn, role, opd, zone=zone, now=now)
        token = issue_link(conn, person_id, Purpose.DEMO, by=BY, now=now)
        made.append(DemoLink(role, ROLE_TITLES[role], opd, token))
    return made


def enter_demo(conn: Connection[TupleRow], token: str, *, address: str, user_agent: str, now: datetime) -> SessionToken:
    """Sign in by a demo's link, as often as one likes. Raises LinkGone for any other link."""
    if links.look_at(conn, token, now=now).purpose is not Purpose.DEMO:
        raise LinkGone
    link = links.redeem_link(conn, token, now=now)
    session = open_session(conn, link.person_id, now=now, address=address, user_agent=user_agent, second_factor=True)
    note(conn, Actor.owner(link.name), Act.SIGN_IN, subject(link.name), now=now, address=address, demo=True)
    return session


def demo_name(role: Role, opd: str) -> str:
    """The login name of a demo's person: "operator", "opd-admin.disdukcapil"."""
    plain = role.value.replace("_", "-")
    return f"{plain}.{opd}"[:32] if role in ROLES_OF_ANY_OPD else plain


def _person(conn: Connection[TupleRow], role: Role, opd: str, *, zone: tzinfo, now: datetime) -> int:
    name = demo_name(role, opd)
    try:
        return find_person(conn, name).id
    except Unknown:
        person_id = add_person(conn, NewPerson(name, PEOPLE[role], ROLE_TITLES[role]), by=BY, now=now)
        appoint(conn, person_id, NewAppointment(role, opd, now.astimezone(zone).date()), by=BY, now=now)
        return person_id

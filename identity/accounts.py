"""What a person does with the own account: set the first password by a link, change it."""

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.statements import load
from identity import devices, links, passwords, tries
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import LinkGone, NotAllowed, WeakPassword
from identity.links import Link, Purpose
from identity.passwords import Policy
from identity.people import Person, lock, subject
from identity.sessions import Ended, Session, SessionToken, end_all, renew

SQL = load("identity", "sql/accounts.sql")
PRODUCT = "simpul"


def set_password_by_link(
    conn: Connection[TupleRow], token: str, password: str, *, policy: Policy, region: Iterable[str], now: datetime
) -> Link:
    """Set the password of the link's person, who signs in with it afterwards. A refused password leaves the link.

    Sessions end and known devices are forgotten: a reset may follow a theft. Raises LinkGone, WeakPassword.
    """
    found = links.look_at(conn, token, now=now)
    if found.purpose is Purpose.DEMO:
        raise LinkGone
    person = lock(conn, found.person_id)
    _must_be_good(conn, person, password, policy, region)
    links.redeem_link(conn, token, now=now)
    _store(conn, person, password, now=now)
    end_all(conn, person.id, Ended.PASSWORD_CHANGED, now=now)
    devices.forget(conn, person.id)
    tries.give_back(conn, (tries.counted(tries.CountOf.NAME, person.name),))
    return found


def change_password(
    conn: Connection[TupleRow],
    session: Session,
    *,
    had: str,
    password: str,
    policy: Policy,
    region: Iterable[str],
    now: datetime,
) -> SessionToken:
    """Change the own password; all sessions end, and this browser gets a new one. Raises NotAllowed, WeakPassword.

    Call it outside of a transaction: a wrong password counts as a try, also when it is refused.
    """
    whose = (tries.counted(tries.CountOf.DEVICE, f"session {session.id}"),)
    with conn.transaction():
        wait_s = tries.take(conn, whose, now=now)
    if wait_s:
        raise NotAllowed(f"Terlalu banyak percobaan. Mohon tunggu {wait_s} detik.")
    row = conn.execute(SQL["password_of"], {"person_id": session.person_id}).fetchone()
    if len(had) > passwords.LONGEST or not passwords.matches(had, row[0] if row else None):
        raise NotAllowed("Kata sandi yang sekarang tidak cocok.")
    with conn.transaction():
        person = lock(conn, session.person_id)
        _must_be_good(conn, person, password, policy, region)
        tries.give_back(conn, whose)
        _store(conn, person, password, now=now)
        end_all(conn, person.id, Ended.PASSWORD_CHANGED, now=now)
        return renew(conn, session, second_factor=session.second_factor, now=now)


def _must_be_good(
    conn: Connection[TupleRow], person: Person, password: str, policy: Policy, region: Iterable[str]
) -> None:
    agencies = (text for row in conn.execute(SQL["words_of_place"]) for text in row)
    own = (person.name, person.shown_name, (person.email or "").partition("@")[0])
    if reasons := passwords.weaknesses(password, policy, [PRODUCT, *region, *agencies, *own]):
        raise WeakPassword(reasons)


def _store(conn: Connection[TupleRow], person: Person, password: str, *, now: datetime) -> None:
    values = {"person_id": person.id, "hash": passwords.hashed(password), "now": now}
    conn.execute(SQL["put_password"], values)
    note(conn, Actor.owner(person.name), Act.PASSWORD_SET, subject(person.name), now=now)

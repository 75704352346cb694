"""People: their accounts, and the roles they hold in agencies from a day to a day."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from hub_db.statements import load
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import NotAllowed, Taken, Unknown
from identity.permissions import Role
from identity.principals import Acting, Appointment, Scope
from schemas.formats import FORMATS

SQL = load("identity", "sql/people.sql")
NAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
LONGEST_EMAIL = 254  # RFC 5321
LONGEST = 100  # characters of a shown name or an office
PAGE = 100


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is told of a person who gets an account."""

    name: str  # login name
    shown_name: str
    office: str  # jabatan
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """An appointment that was not ended; it may lie in the future or be over."""

    id: int
    role: Role
    opd: str
    acting: Acting | None
    letter: str | None
    from_on: date
    until_on: date | None
    appointed_by: str

    def in_force(self, on: date) -> bool:
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)

    def appointment(self) -> Appointment:
        return Appointment(self.role, self.opd, self.acting, self.until_on)


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    shown_name: str
    office: str
    email: str | None
    phone: str | None
    disabled_at: datetime | None
    added_at: datetime
    has_password: bool  # False: invited, the link was not used yet
    has_second_factor: bool
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class OfficeHolder:
    """Somebody who holds an office today."""

    id: int
    name: str
    shown_name: str
    email: str | None
    acting: Acting | None


def add_person(conn: Connection[TupleRow], new: NewPerson, *, by: Actor, now: datetime) -> int:
    """The number of the person, who cannot sign in until a link is used. Raises Taken, NotAllowed."""
    values = _checked(new)
    row = conn.execute(SQL["add_person"], values).fetchone()
    if row is None:
        raise Taken(f"Nama masuk {new.name} sudah dipakai.")
    note(conn, by, Act.PEOPLE_INVITE, subject(new.name), now=now)
    return int(row[0])


def change_person(conn: Connection[TupleRow], person_id: int, new: NewPerson, *, by: Actor, now: datetime) -> None:
    """Change everything but the login name, which stands in the audit. Raises Unknown, NotAllowed."""
    person = find_person(conn, person_id)
    if new.name != person.name:
        raise NotAllowed("Nama masuk tidak dapat diganti, karena tercatat dalam jejak audit.")
    values = _checked(new)
    changed = sorted(
        name for name in ("shown_name", "office", "email", "phone") if values[name] != getattr(person, name)
    )
    if changed:
        conn.execute(SQL["change_person"], {**values, "id": person_id})
        note(conn, by, Act.PEOPLE_CHANGE, subject(person.name), now=now, changed=changed)


def people(
    conn: Connection[TupleRow], scope: Scope, *, search: str | None = None, after: str = "", limit: int = PAGE
) -> list[Person]:
    """The people within the scope by login name, one page after `after`."""
    values = {
        "everywhere": scope.everywhere,
        "opds": sorted(scope.opds),
        "search": search,
        "after": after,
        "limit": min(limit, PAGE),
    }
    return _read(conn, "people", values)


def find_person(conn: Connection[TupleRow], person: int | str) -> Person:
    """By number or login name. Raises Unknown."""
    by_number = isinstance(person, int)
    found = _read(conn, "person", {"id": person if by_number else None, "name": None if by_number else person})
    if not found:
        raise Unknown("Pengguna itu tidak ada. Lihat daftarnya dengan './simpul people list'.")
    return found[0]


def shown_names(conn: Connection[TupleRow], names: Iterable[str]) -> dict[str, str]:
    """What people are called, by login name; who is not known is left out."""
    return dict(conn.execute(SQL["shown_names"], {"names": sorted(names)}).fetchall())


def office_holders(conn: Connection[TupleRow], opd: str, role: Role, *, on: date) -> list[OfficeHolder]:
    """Who holds the role in the agency on a day; who holds it himself before delegates."""
    rows = conn.execute(SQL["office_holders"], {"opd": opd, "role": role, "on": on}).fetchall()
    return [OfficeHolder(*row) for row in rows]


def lock(conn: Connection[TupleRow], person_id: int) -> Person:
    """The person, held till the end of the transaction: one change of roles or password at a time. Raises Unknown."""
    conn.execute(SQL["lock_person"], {"id": person_id})
    return find_person(conn, person_id)


def subject(name: str) -> str:
    """An account as the subject of an audit entry."""
    return f"account:{name}"


def _read(conn: Connection[TupleRow], statement: str, values: dict[str, object]) -> list[Person]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(SQL[statement], values).fetchall()
        cursor.execute(SQL["appointments"], {"people": [row["id"] for row in rows]})
        held: dict[int, list[Held]] = {}
        for row in cursor:
            held.setdefault(row.pop("person_id"), []).append(Held(**{**row, "role": Role(row["role"])}))
    return [Person(**row, held=tuple(held.get(row["id"], ()))) for row in rows]


def _checked(new: NewPerson) -> dict[str, object]:
    """The values as they are stored. Raises NotAllowed."""
    if not NAME.fullmatch(new.name):
        raise NotAllowed(
            "Nama masuk terdiri atas 3 sampai 32 huruf kecil, angka, titik, garis bawah, atau tanda hubung, "
            "diawali huruf."
        )
    shown_name, office = new.shown_name.strip(), new.office.strip()
    _must_be_text("Nama", shown_name)
    _must_be_text("Jabatan", office)
    email = (new.email or "").strip() or None
    if email is not None and (len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email)):
        raise NotAllowed("Alamat surel itu tidak dapat dipakai. Mohon periksa penulisannya.")
    phone = _phone((new.phone or "").strip())
    return {"name": new.name, "shown_name": shown_name, "office": office, "email": email, "phone": phone}


def _must_be_text(label: str, text: str) -> None:
    if not 1 <= len(text) <= LONGEST or not text.isprintable():
        raise NotAllowed(f"{label} terdiri atas 1 sampai {LONGEST} karakter.")


def _phone(text: str) -> str | None:
    if not text:
        return None
    known = FORMATS["telepon"]
    number = known.normalise(text)
    if known.pattern is None or not re.fullmatch(known.pattern, number, re.ASCII):
        raise NotAllowed(f"Nomor telepon itu bukan {known.expected}.")
    return number


def names(held: Sequence[Held]) -> list[str]:
    """The offices in short: "opd_admin@dinkes"."""
    return [f"{each.role}@{each.opd}" for each in held]

"""Agencies (OPD) and the systems in which they keep their data."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.statements import load
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import NotAllowed, Taken, Unknown
from identity.principals import Scope
from schemas.formats import FORMATS

SQL = load("identity", "sql/opds.sql")
SYSTEM_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
EVERYWHERE = Scope(everywhere=True, opds=frozenset())


@dataclass(frozen=True, slots=True)
class OpdSeed:
    """An agency as the instance names it."""

    code: str
    name: str
    short_name: str
    walidata: bool = False


@dataclass(frozen=True, slots=True)
class Opd:
    code: str  # stands in topic names; never changes
    name: str
    short_name: str
    walidata: bool  # the data guardian: offices over all agencies are held here
    active: bool


@dataclass(frozen=True, slots=True)
class System:
    """A program of an agency, which sends or reads with credentials of its own."""

    id: int
    opd: str
    code: str
    name: str
    active: bool


def seed_opds(conn: Connection[TupleRow], opds: Iterable[OpdSeed], *, by: Actor, now: datetime) -> int:
    """Bring the agencies up to the instance's list; how many were new or changed. None is ever taken away."""
    changed = 0
    for opd in opds:
        _must_be_a_code(opd.code)
        if opd.walidata:
            conn.execute(SQL["no_walidata_but"], {"code": opd.code})
        values = {"code": opd.code, "name": opd.name, "short_name": opd.short_name, "walidata": opd.walidata}
        if conn.execute(SQL["put_opd"], values).fetchone() is not None:
            note(conn, by, Act.OPD_CHANGE, f"opd:{opd.code}", now=now, opd=opd.code, from_instance=True)
            changed += 1
    return changed


def add_opd(conn: Connection[TupleRow], opd: OpdSeed, *, by: Actor, now: datetime) -> None:
    """Raises Taken, NotAllowed."""
    _must_be_a_code(opd.code)
    if opd.walidata:
        raise NotAllowed("Walidata ditetapkan dalam instansi.toml.")
    values = {"code": opd.code, "name": opd.name.strip(), "short_name": opd.short_name.strip(), "walidata": False}
    if conn.execute(SQL["add_opd"], values).fetchone() is None:
        raise Taken(f"OPD {opd.code} sudah ada.")
    note(conn, by, Act.OPD_ADD, f"opd:{opd.code}", now=now, opd=opd.code)


def switch_opd(conn: Connection[TupleRow], code: str, *, active: bool, by: Actor, now: datetime) -> None:
    """Switch an agency on or off: off, nobody can be appointed there and its tokens stop. Raises Unknown."""
    find_opd(conn, code)
    if conn.execute(SQL["set_opd_active"], {"code": code, "active": active}).fetchone() is not None:
        note(conn, by, Act.OPD_SWITCH, f"opd:{code}", now=now, opd=code, active=active)


def opds(conn: Connection[TupleRow], scope: Scope = EVERYWHERE) -> list[Opd]:
    """The agencies within the scope, by name."""
    with conn.cursor(row_factory=class_row(Opd)) as cursor:
        return cursor.execute(SQL["opds"], {"everywhere": scope.everywhere, "opds": sorted(scope.opds)}).fetchall()


def find_opd(conn: Connection[TupleRow], code: str) -> Opd:
    """Raises Unknown."""
    with conn.cursor(row_factory=class_row(Opd)) as cursor:
        found = cursor.execute(SQL["opd"], {"code": code}).fetchone()
    if found is None:
        raise Unknown(f"OPD {code!r} tidak ada. Lihat daftarnya dengan './simpul opd list'.")
    return found


def add_system(conn: Connection[TupleRow], opd: str, code: str, name: str, *, by: Actor, now: datetime) -> int:
    """The number of the new system. Raises Unknown, Taken, NotAllowed."""
    if not find_opd(conn, opd).active:
        raise NotAllowed(f"OPD {opd} tidak aktif.")
    if not SYSTEM_CODE.fullmatch(code):
        raise NotAllowed("Kode sistem terdiri atas 2 sampai 40 huruf kecil, angka, atau tanda hubung.")
    row = conn.execute(SQL["add_system"], {"opd": opd, "code": code, "name": name.strip()}).fetchone()
    if row is None:
        raise Taken(f"Sistem {code} sudah ada pada OPD {opd}.")
    note(conn, by, Act.SYSTEM_ADD, f"system:{opd}/{code}", now=now, opd=opd)
    return int(row[0])


def switch_system(conn: Connection[TupleRow], opd: str, code: str, *, active: bool, by: Actor, now: datetime) -> None:
    """Switch a system on or off: off, its tokens stop. Raises Unknown."""
    find_system(conn, opd, code)
    values = {"opd": opd, "code": code, "active": active}
    if conn.execute(SQL["set_system_active"], values).fetchone() is not None:
        note(conn, by, Act.SYSTEM_SWITCH, f"system:{opd}/{code}", now=now, opd=opd, active=active)


def systems(conn: Connection[TupleRow], scope: Scope = EVERYWHERE) -> list[System]:
    """The systems of the agencies within the scope."""
    with conn.cursor(row_factory=class_row(System)) as cursor:
        return cursor.execute(SQL["systems"], {"everywhere": scope.everywhere, "opds": sorted(scope.opds)}).fetchall()


def find_system(conn: Connection[TupleRow], opd: str, code: str) -> System:
    """Raises Unknown."""
    with conn.cursor(row_factory=class_row(System)) as cursor:
        found = cursor.execute(SQL["system"], {"opd": opd, "code": code}).fetchone()
    if found is None:
        raise Unknown(f"Sistem {code!r} tidak ada pada OPD {opd}.")
    return found


def _must_be_a_code(code: str) -> None:
    known = FORMATS["kode-opd"]
    if known.pattern is None or not re.fullmatch(known.pattern, code):
        raise NotAllowed(f"Kode OPD {code!r} bukan {known.expected}.")

"""Residents whose every personal value is marked, so that it can be searched for in whatever anybody gets to see."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection, sql
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base import instance
from cli import settings
from cli.preparation import contracts
from hub_db import provision
from identity.actors import Actor
from identity.grants import Grant, WantedAgreement, WantedGrant, add_agreement, add_grant
from identity.masked_views import make_view
from identity.permissions import Role
from identity.principals import Appointment, Principal
from identity.pseudonyms import Pseudonyms
from identity.records import Record
from schemas.contract import Contract, Value
from schemas.loader import load
from schemas.names import FieldName, SchemaId
from tests.conftest import Database

DOCUMENTS = {each.name: each for each in contracts(None)}
RESIDENTS, REGIONS = DOCUMENTS["disdukcapil.penduduk"], DOCUMENTS["kominfo.wilayah"]
NOW = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Jakarta")
SECRET = SecretStr("rahasia-uji")
PSEUDONYMS = Pseudonyms(SECRET)
OPDS = ("kominfo", "disdukcapil", "dinsos", "dinkes")
PURPOSE = "Pemeriksaan kelayakan penerima bantuan"
CHIEF = Actor.command("kepala")
MARKS = ("nama", "tempat_lahir", "agama", "status_kawin", "shdk", "golongan_darah", "alamat", "rt", "rw", "nama_ibu")
PERSONAL = (*MARKS, "nik", "no_kk", "tanggal_lahir", "tanggal_meninggal", "nik_pengganti")


def resident(number: int) -> dict[str, Value]:
    """One row; the values of its personal fields stand in no other row and in no other field."""
    marked: dict[str, Value] = {name: f"QZ{name.upper().replace('_', '')}{number:04} XW{number:04}" for name in MARKS}
    return marked | {
        "nik": f"320113{number:04}{910000 + number:06}",
        "no_kk": f"320114{number:04}{920000 + number:06}",
        "nik_pengganti": f"320115{number:04}{930000 + number:06}",
        "tanggal_lahir": date(1900, 1, 2) + timedelta(days=number * 37),
        "tanggal_meninggal": date(2010, 1, 2) + timedelta(days=number),
        "jenis_kelamin": "LP"[number % 2],
        "pendidikan": "5",
        "pekerjaan": "9",
        "kewarganegaraan": "WNI",
        "kode_wilayah": f"32.01.01.{2001 + number % 20}",
        "kode_pos": "16001",
        "status": "MENINGGAL",
        "sumber_diubah": NOW,
    }


def region(number: int) -> dict[str, Value]:
    return {"kode": f"32.01.01.{2001 + number}", "nama": f"Desa {number}", "tingkat": "DESA", "sumber_diubah": NOW}


MARK = re.compile(r"QZ\w+ XW\d+|3201\d{12}|\d{4}-\d\d-\d\d")


def seen(marked: Set[str], answer: object) -> set[str]:
    """The marks that stand in an answer, whatever it is."""
    return {mark for mark in MARK.findall(json.dumps(answer, default=plain, ensure_ascii=False)) if mark in marked}


def plain(answer: object) -> object:
    """What JSON does not know, as JSON: a record as its address and values, all else as its text."""
    if isinstance(answer, Record):
        return [answer.address, dict(answer.values)]
    return str(answer)


def canaries(rows: Mapping[str, Mapping[str, Value]]) -> Iterator[str]:
    """What must not be seen: every personal value as a text."""
    for row in rows.values():
        yield from (str(row[name]) for name in PERSONAL)


@dataclass(frozen=True, slots=True)
class Population:
    """A database with marked residents and some regions."""

    database: Database
    rows: Mapping[str, Mapping[str, Value]]  # by NIK

    @classmethod
    def settle(cls, database: Database, count: int, pseudonyms: Pseudonyms = PSEUDONYMS) -> "Population":
        rows = [resident(number) for number in range(count)]
        with database.connect() as conn:
            pseudonyms.install(conn)
            for opd in OPDS:
                statement = (
                    "insert into identity.opd (code, name, short_name) values (%s, %s, %s) on conflict do nothing"
                )
                conn.execute(statement, (opd, opd, opd))
            fill(conn, RESIDENTS, rows)
            fill(conn, REGIONS, [region(number) for number in range(20)])
        return cls(database, {str(row["nik"]): row for row in rows})

    def grant(self, *fields: str, reader: str = "dinsos", until: date = date(2026, 12, 31)) -> Grant:
        """A grant on residents, with a PKS of its own."""
        with self.database.connect() as conn:
            number = f"PKS-{reader}-{'-'.join(fields)}"
            elements = tuple(f"penduduk.{name}" for name in fields)
            add_agreement(conn, WantedAgreement(number, reader, elements, PURPOSE, until), by=CHIEF, zone=ZONE, now=NOW)
            wanted = WantedGrant(reader, fields, PURPOSE, "UU 24/2013 Pasal 58", until, number, "UU 27/2022 Pasal 4")
            return add_grant(conn, RESIDENTS, wanted, by=CHIEF, zone=ZONE, now=NOW)


def fill(conn: Connection[TupleRow], contract: Contract, rows: Sequence[Mapping[str, Value]]) -> None:
    """Make the entity's table and view, and put rows into it; all have the same fields."""
    provision(conn, contract, SchemaId(1))
    make_view(conn, [contract])
    names = list(rows[0])
    statement = sql.SQL(
        "insert into reference.{} ({}, _epoch, _sequence, _deleted, _topic_no, _partition, _offset)"
        " values ({}, 0, 1, false, 1, 0, 1)"
    ).format(
        sql.Identifier(contract.entity),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(sql.Placeholder() * len(names)),
    )
    with conn.cursor() as cursor:
        cursor.executemany(statement, [list(row.values()) for row in rows])


def document(name: str) -> Contract:
    """The contract of any document that comes with the product, opened here or not."""
    told = settings.load()
    opd, _, file = name.partition(".")
    return load(told.contracts / opd / f"{file}.avsc", instance.load(told.instance))


def person(role: Role, opd: str) -> Principal:
    return Principal(1, "sari", "Sari", (Appointment(role, opd),))


def field_names(*names: str) -> frozenset[FieldName]:
    return frozenset(map(FieldName, names))

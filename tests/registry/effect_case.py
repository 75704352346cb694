"""A database with synthetic residents, and contracts that change."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from hub_db import provision
from hub_db.events import DeadLetter
from hub_db.reference_tables import column_types, statements
from producers.synthetic.residents import residents
from schemas import event_key
from schemas.contract import Contract, Value
from schemas.loader import read
from schemas.names import EventKey, SchemaId
from schemas.reasons import reject
from schemas.validator import Validator
from schemas.wire import headers
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders
from tests.conftest import Database
from tests.schemas.contracts import penduduk, schema_of

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 5, tzinfo=UTC)
VILLAGES = ["35.18.01.2001", "35.18.02.2003"]
Bend = Callable[[dict[str, Any]], object]


def fill(database: Database, contract: Contract, rows: Iterable[Mapping[str, Value]]) -> None:
    """The contract's table with these rows, straight by COPY."""
    with database.connect() as conn:
        provision(conn, contract, SchemaId(1))
        with conn.cursor() as cursor, cursor.copy(statements(contract).copy_table) as copy:
            copy.set_types(column_types(contract))
            for number, row in enumerate(rows):
                marks = (0, 1, False, 1, 0, number, NOW)
                copy.write_row((*(row[field.name] for field in contract.fields), *marks))


def people(count: int, *, seed: int = 7) -> Iterable[dict[str, Value]]:
    return residents(count, seed=seed, villages=VILLAGES)


def bent(*bends: Bend, contract: Contract | None = None) -> Contract:
    """The contract of residents with changes."""
    schema = schema_of(contract or penduduk())
    for bend in bends:
        bend(schema)
    return read(schema, file="penduduk")


def field(name: str, **changes: Any) -> Bend:
    def bend(schema: dict[str, Any]) -> None:
        found = next(each for each in schema["fields"] if each["name"] == name)
        for word, value in changes.items():
            found.pop(word, None)
            if value is not None:
                found[word] = value

    return bend


def new_field(**attributes: Any) -> Bend:
    return lambda schema: schema["fields"].insert(3, {"doc": "Isian", "sensitivity": "umum", **attributes})


def rule(name: str, expression: str, severity: str = "error") -> Bend:
    said = {"name": name, "expression": expression, "severity": severity, "message": "Mohon periksa."}
    return lambda schema: schema["contract"]["rules"].append(said)


def letter(contract: Contract, offset: int, row: Mapping[str, Value], *, key: str | None = None) -> DeadLetter:
    """A row of the contract as an event that came back; with another key than its own where one is given."""
    name = EventKey(key or event_key.of_values(contract, row))
    told = EventHeaders(f"e{offset}", f"/opd/{contract.opd}/siak", NOW, offset, 0, None)
    written = [(header.encode(), value) for header, value in headers.write(told, contract, name)]
    value = frame(SchemaId(1), Writer(contract).write(row))
    return DeadLetter(offset, name.encode(), value, written, NOW, [reject("enum", "status", "teks", "lain")])


NOISE = DeadLetter(9, b"x", b"\x00broken", [], NOW, [reject("type", None, "rusak", "utuh")])


def truth(database: Database, contract: Contract) -> tuple[int, Counter[str], list[set[str]]]:
    """What the real validator says of the same rows one by one: how many, refusals by place, places of each row."""
    with database.connect() as conn:
        columns = [name for (name,) in conn.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0", ["reference.penduduk"]
        )]  # fmt: skip
        names = [str(each.name) for each in contract.fields if each.name in columns]
        query = SQL("select {} from reference.penduduk where not _deleted").format(
            SQL(", ").join(map(Identifier, names))
        )
        with conn.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            rows = cursor.execute(query).fetchall()
    verdicts = Validator(contract).check_all(rows, accepted_on=TODAY)
    places = [{str(each.field) for each in verdict} for verdict in verdicts if isinstance(verdict, tuple)]
    return len(rows), Counter(place for each in places for place in each), places

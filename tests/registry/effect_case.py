"""A database with synthetic residents, and contracts that change."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from consumers import records
from consumers.documents import Document, Readers
from consumers.judge import judge_set
from hub_db import layouts, provision
from hub_db.events import DeadLetter, Stretch
from hub_db.reference_tables import column_types, statements
from producers.synthetic.residents import residents
from registry.governance import effect_rows
from registry.governance.effect_changes import changes
from registry.governance.effect_judge import EffectJudge
from schemas import event_key
from schemas.contract import Contract, Value
from schemas.loader import read
from schemas.names import EventKey, SchemaId
from schemas.reasons import reject
from schemas.validator import Validator
from schemas.wire import headers
from schemas.wire.avro import Reader, Writer
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders
from tests.conftest import Database
from tests.consumers.batches import Event, batches, opened
from tests.schemas.contracts import penduduk, schema_of

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 5, tzinfo=UTC)
VILLAGES = ["35.18.01.2001", "35.18.02.2003"]
Bend = Callable[[dict[str, Any]], object]


def fill(database: Database, contract: Contract, rows: Iterable[Mapping[str, Value]], *others: Contract) -> None:
    """The document's table with these rows, straight by COPY; `others` are open beside it."""
    with database.connect() as conn:
        for each in (contract, *others):
            provision(conn, each, SchemaId(1))
        table = layouts.table_of(conn, contract)
        with conn.cursor() as cursor, cursor.copy(statements(contract, table).copy_table) as copy:
            copy.set_types(column_types(contract))
            for number, row in enumerate(rows):
                marks = (0, 1, False, 1, 0, number, NOW, None)  # of the last: nothing is told of the row
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


def truth(conn: psycopg.Connection, contract: Contract) -> tuple[int, Counter[str], list[set[str]]]:
    """What the real validator says of the same rows one by one: how many, refusals by place, places of each row."""
    rows = [row for chunk in _stored(conn, contract) for row in chunk]
    verdicts = Validator(contract).check_all(rows, accepted_on=TODAY)
    places = [{str(each.field) for each in verdict} for verdict in verdicts if isinstance(verdict, tuple)]
    return len(rows), Counter(place for each in places for place in each), places


def what_happens(conn: psycopg.Connection, contract: Contract) -> dict[str, set[str]]:
    """Each row sent again as an event: the keys of those that the intake sends back, by field or rule."""
    document = Document(contract, SchemaId(1), Validator(contract))
    readers = Readers(Reader(contract.schema), ColumnReader.of(contract, contract.schema))
    writer = Writer(contract)
    found: dict[str, set[str]] = defaultdict(set)
    for rows in _stored(conn, contract):
        read = records.read(opened(batches([_event(contract, writer, row) for row in rows], at_once=1_000, codec=0)), 0)
        stretch = Stretch(contract.topic, UUID(int=1), 1, 0, 0, len(rows), len(rows))
        judged = judge_set(document, {SchemaId(1): readers}.get, stretch, read, TODAY)
        assert judged.frame is not None  # the road of many events
        assert len(judged.frame) + len(judged.events) + len(judged.dead_letters) == len(rows)
        for back in judged.dead_letters:
            for reason in back.reasons:
                found[str(reason.field)].add((back.key or b"").decode())
    return dict(found)


def what_is_told(conn: psycopg.Connection, old: Contract, new: Contract) -> dict[str, set[str]]:
    """The keys of the rows that the preview counts, by field or rule."""
    judge = EffectJudge(new, changes(old, new), TODAY)
    found: dict[str, set[str]] = defaultdict(set)
    for rows in effect_rows.frames(conn, old, new):
        judged = judge.judge(rows)
        for place, mask in judged.refused.items():
            if mask.any():
                found[place].update(judged.rows[new.key[0]].filter(mask))
    return dict(found)


def _event(contract: Contract, writer: Writer, row: Mapping[str, Value]) -> Event:
    name = event_key.of_values(contract, row)
    told = EventHeaders("e", f"/opd/{contract.opd}/siak", None, 1, 0, None)
    return name.encode(), frame(SchemaId(1), writer.write(row)), headers.write(told, contract, name)


def _stored(conn: psycopg.Connection, contract: Contract) -> Iterator[list[dict[str, Any]]]:
    """The live rows of the residents' table, 20,000 at a time."""
    columns = [name for (name,) in conn.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0", ["reference.penduduk"]
    )]  # fmt: skip
    names = [str(each.name) for each in contract.fields if each.name in columns]
    query = SQL("select {} from reference.penduduk where not _deleted").format(SQL(", ").join(map(Identifier, names)))
    with conn.cursor("stored", row_factory=psycopg.rows.dict_row) as cursor:
        cursor.execute(query, binary=True)
        while rows := cursor.fetchmany(20_000):
            yield rows


NOISE = DeadLetter(9, b"x", b"\x00broken", [], NOW, [reject("type", None, "rusak", "utuh")])

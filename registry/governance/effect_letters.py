"""Which open dead letters of a document its new contract would take: their original bytes, judged again."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import translated
from hub_db.statements import load
from schemas import event_key
from schemas.contract import Contract
from schemas.names import SchemaId
from schemas.rejection import Rejection
from schemas.validator import Validator
from schemas.wire import headers
from schemas.wire.avro import Reader
from schemas.wire.framing import unframe

SQL = load("registry", "sql/effect.sql")
MOST: Final = 10_000  # letters that are judged again


@dataclass(frozen=True, slots=True)
class Letters:
    """Open dead letters of the document: how many there are, how many were judged again, how many would pass."""

    open: int
    judged: int
    passing: int


def letters_of(conn: Connection[TupleRow], contract: Contract, accepted_on: date) -> Letters:
    """The newest 10,000 open letters of the contract's topic under this contract."""
    with translated():
        counted = conn.execute(SQL["open_letters"], {"topic": contract.topic}).fetchone()
        found = conn.execute(SQL["newest_letters"], {"topic": contract.topic, "limit": MOST}).fetchall()
    rows: list[tuple[str, Mapping[str, Any]]] = []
    readers = _readers(conn, [value for _, value, _ in found])
    validator = Validator(contract)
    passing = 0
    for raw_key, value, raw_headers in found:
        told = [(_bytes(name).decode("utf-8", "surrogateescape"), _bytes(each)) for name, each in raw_headers]
        name = event_key.read(raw_key)
        if isinstance(name, Rejection) or isinstance(headers.read(told, contract), Rejection):
            continue
        if value is None:
            passing += not isinstance(validator.check_key(name), Rejection)
        elif (row := _row(readers, value)) is not None:
            rows.append((name, row))
    verdicts = validator.check_all([row for _, row in rows], accepted_on=accepted_on)
    for (key, _), verdict in zip(rows, verdicts, strict=True):
        passing += isinstance(verdict, dict) and event_key.of_values(contract, verdict) == key
    return Letters(counted[0] if counted else 0, len(found), passing)


def _readers(conn: Connection[TupleRow], values: Sequence[bytes | None]) -> dict[SchemaId, Reader]:
    """A reader for each schema that the values were written with, as far as the registry has it."""
    framed = [unframe(value) for value in values if value is not None]
    ids = sorted({each[0] for each in framed if not isinstance(each, Rejection)})
    with translated():
        found = conn.execute(SQL["schema_texts"], {"ids": list(ids)}).fetchall()
    return {SchemaId(number): Reader(json.loads(text)) for number, text in found}


def _row(readers: Mapping[SchemaId, Reader], value: bytes) -> Mapping[str, Any] | None:
    framed = unframe(value)
    if isinstance(framed, Rejection):
        return None
    reader = readers.get(framed[0])
    row = reader.read(framed[1]) if reader is not None else None
    return None if isinstance(row, Rejection) else row


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)

"""Two small documents: places that lie in places, people who live in places; and events of them."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from hub_db.events import Event, Place, Version
from schemas.contract import Contract, Value
from schemas.loader import read
from schemas.names import EventKey, SchemaId

DAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)


def contract(document: str, key: str | list[str], *fields: Mapping[str, Any], **attributes: Any) -> Contract:
    """A contract of fields besides `sumber_diubah`; `attributes` are what it says otherwise of itself."""
    schema = {
        "type": "record",
        "name": document,
        "namespace": "id.example.uji",
        "doc": "Dokumen uji.",
        "contract": {
            "opd": "uji",
            "document": document,
            "entity": document,
            "key": [key] if isinstance(key, str) else key,
            "priority": 1,
            "owner": "Bidang Uji",
            "contact": "uji@uji.example",
            "sensitivity": "umum",
            "freshness": "P1D",
            **attributes,
        },
        "fields": [*fields, {"name": "sumber_diubah", "type": TIMESTAMP, "doc": "Waktu", "sensitivity": "umum"}],
    }
    return read(schema, file=f"{document}.avsc")


TIMESTAMP = {"type": "long", "logicalType": "timestamp-millis"}


def text(name: str, *, nullable: bool = False, **more: Any) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": ["null", "string"], "default": None} if nullable else {"type": "string"}
    return {"name": name, **kind, "doc": name, "sensitivity": "umum", **more}


def warned(contract: Contract, name: str, expression: str) -> Contract:
    """The same contract with one rule more, whose breaches are told of and stop nothing."""
    schema = json.loads(json.dumps(dict(contract.schema)))
    rule = {"name": name, "expression": expression, "severity": "warn", "message": "Mohon periksa isian ini."}
    schema["contract"]["rules"] = [*schema["contract"].get("rules", []), rule]
    return read(schema, file=f"{contract.document}.avsc")


PLACES = contract(
    "tempat",
    "kode",
    text("kode", maxLength=20),
    text("nama", maxLength=40),
    text("induk", nullable=True, references="tempat.kode", onMissing="park"),
)
PEOPLE = contract(
    "orang",
    "nomor",
    text("nomor", maxLength=20),
    text("nama", maxLength=40),
    text("tempat", references="tempat.kode", onMissing="park"),
)


def place_row(kode: str, induk: str | None = None, nama: str = "A") -> dict[str, Value]:
    return {"kode": kode, "nama": nama, "induk": induk, "sumber_diubah": NOW}


def person_row(nomor: str, tempat: str, nama: str = "A") -> dict[str, Value]:
    return {"nomor": nomor, "nama": nama, "tempat": tempat, "sumber_diubah": NOW}


def event(
    offset: int,
    key: str,
    sequence: int,
    row: Mapping[str, Value] | None,
    *,
    topic_no: int = 1,
    partition: int = 0,
    epoch: int = 0,
) -> Event:
    return Event(
        Place(topic_no, partition, offset),
        EventKey(key),
        Version(epoch, sequence),
        SchemaId(1) if row is not None else None,
        f"ce-{offset}",
        NOW,
        None,
        None if row is None else f"{key}:{sequence}".encode(),
        row,
    )

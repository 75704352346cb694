"""Four documents that speak about residents, as those of the real contracts do.

`warga` and, behind it, `pendatang` may create a resident; `pasien` may not; `guru` is of another entity and feeds
telephone numbers. `akta` is of a key in parts, which `saksi` may not create.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.contract import Contract, Value
from schemas.names import EventKey, SchemaId
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders, write
from tests.consumers.batches import Event
from tests.hub_db.documents import contract, text

START = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)

RESIDENTS = contract(
    "warga",
    "nik",
    text("nik", maxLength=20),
    text("nama", maxLength=10),
    text("alamat", nullable=True, survivorship="longest"),
    text("surel", nullable=True, survivorship="latest"),
    priority=1,
)
NEWCOMERS = contract(
    "pendatang",
    "nik",
    text("nik", maxLength=20),
    text("nama", maxLength=40),
    text("surel", nullable=True),
    text("asal"),
    entity="warga",
    priority=5,
)
PATIENTS = contract(
    "pasien",
    "nik",
    text("nik", maxLength=20),
    text("nama", nullable=True, maxLength=40),
    text("alamat", nullable=True),
    text("surel", nullable=True),
    text("telepon", nullable=True),
    entity="warga",
    priority=20,
    mayCreate=False,
)
TEACHERS = contract(
    "guru",
    "nomor",
    text("nomor", maxLength=20),
    text("nik", nullable=True),
    text("hp", nullable=True),
    text("surel", nullable=True),
    feeds=[{"entity": "warga", "key": "nik", "fields": {"telepon": "hp", "surel": "surel"}, "priority": 15}],
)
DEEDS = contract("akta", ["buku", "nomor"], text("buku"), text("nomor"), text("isi", nullable=True))
WITNESSES = contract(
    "saksi",
    ["buku", "nomor"],
    text("buku"),
    text("nomor"),
    text("saksi"),
    entity="akta",
    priority=2,
    mayCreate=False,
)
ALL = (RESIDENTS, NEWCOMERS, PATIENTS, TEACHERS)


def row(contract_: Contract, key: str, minutes: int = 0, **values: Any) -> dict[str, Value]:
    """A row of one of the documents; what is not told is null, or `-` where it may not be."""
    found: dict[str, Value] = {field.name: None if field.nullable else "-" for field in contract_.fields}
    found |= dict(zip(contract_.key, key.split("|"), strict=True)) | values
    return found | {"sumber_diubah": START + timedelta(minutes=minutes)}


def said(contract_: Contract, key: str, version: int, **values: Any) -> Event:
    """An event of one of the documents as it stands in the log."""
    value = frame(SchemaId(1), Writer(contract_).write(row(contract_, key, version, **values)))
    about = EventHeaders(f"{key}-{version}", "/opd/uji/x", START, version, 0, None)
    return key.encode(), value, write(about, contract_, EventKey(key))


def gone(contract_: Contract, key: str, version: int) -> Event:
    """A delete."""
    about = EventHeaders(f"{key}-{version}", "/opd/uji/x", START, version, 0, None)
    return key.encode(), None, write(about, contract_, EventKey(key))

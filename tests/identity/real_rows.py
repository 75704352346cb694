"""Events of the documents that come with the product, about residents who are nobody."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from schemas import event_key
from schemas.contract import Contract, Value
from schemas.names import SchemaId
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders, write
from tests.consumers.batches import Event
from tests.identity.people_of_test import DOCUMENTS, document

REGIONS, RESIDENTS = DOCUMENTS["kominfo.wilayah"], DOCUMENTS["disdukcapil.penduduk"]
PATIENTS, EMPLOYEES = document("dinkes.pasien"), document("bkpsdm.pegawai")
POSITIONS, OFFICES = document("bkpsdm.jabatan"), document("bpkad.opd")
START = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)
VILLAGE = "32.01.13.2001"
# Full rows; a test names what it wants otherwise. Texts of persons are such as no name list has.
ROWS: Mapping[str, Mapping[str, Any]] = {
    "kominfo.wilayah": {"kode": VILLAGE, "nama": "Desa Uji", "tingkat": "DESA"},
    "disdukcapil.penduduk": {
        "nama": "KENARI SURATAN",
        "jenis_kelamin": "P",
        "tempat_lahir": "KOTA UJI",
        "tanggal_lahir": date(1990, 8, 17),
        "agama": "1",
        "status_kawin": "2",
        "shdk": "3",
        "pendidikan": "5",
        "pekerjaan": "9",
        "golongan_darah": "13",
        "kewarganegaraan": "WNI",
        "alamat": "JL. UJI NO. 1",
        "kode_wilayah": VILLAGE,
        "status": "HIDUP",
    },
    "dinkes.pasien": {
        "nama": "KENARI S",
        "jenis_kelamin": "P",
        "tanggal_lahir": date(1990, 8, 17),
        "faskes": "P3201140901",
    },
    "bkpsdm.jabatan": {},
    "bkpsdm.pegawai": {},
}


def nik(serial: int) -> str:
    """A woman born on 17-08-1990."""
    return f"320113570890{serial:04}"


def row(contract: Contract, version: int, **values: Any) -> dict[str, Value]:
    """A row of a document; its date of change follows from the version."""
    told = {**ROWS[contract.name], **values}
    found: dict[str, Value] = {field.name: told.get(field.name) for field in contract.fields}
    return found | {"sumber_diubah": START + timedelta(minutes=version)}


def event(contract: Contract, version: int, **values: Any) -> Event:
    """An event as it stands in the log."""
    found = row(contract, version, **values)
    key = event_key.of_values(contract, found)
    about = EventHeaders(f"{contract.name}-{key}-{version}", f"/opd/{contract.opd}/uji", START, version, 0, None)
    return key.encode(), frame(SchemaId(1), Writer(contract).write(found)), write(about, contract, key)

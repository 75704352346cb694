"""The two contracts, a good row of each, and what the tests change in them."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from base import instance
from schemas.contract import Contract
from schemas.loader import load

ROOT: Final = Path(__file__).resolve().parents[2]
INSTANCE: Final = instance.load(ROOT / "instansi.toml")
AVRO: Final = ROOT / "schemas" / "avro"
TODAY: Final = date(2026, 3, 1)
CHANGED: Final = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)


def penduduk() -> Contract:
    return load(AVRO / "disdukcapil" / "penduduk.avsc", INSTANCE)


def wilayah() -> Contract:
    return load(AVRO / "kominfo" / "wilayah.avsc", INSTANCE)


def schema_of(contract: Contract) -> Any:
    """A copy of the contract's JSON, to be bent."""
    return json.loads(json.dumps(contract.schema))


# Synthetic: the serials begin with 9.
RESIDENT: Final[dict[str, Any]] = {
    "nik": "3201131708909001",
    "nama": "SITI AMINAH",
    "jenis_kelamin": "P",
    "tempat_lahir": "CONTOH",
    "tanggal_lahir": date(1990, 8, 17),
    "agama": "1",
    "status_kawin": "2",
    "shdk": "3",
    "pendidikan": "5",
    "pekerjaan": "9",
    "golongan_darah": "13",
    "kewarganegaraan": "WNI",
    "no_kk": "3201131203129001",
    "alamat": "JL. CONTOH NO. 1",
    "rt": "001",
    "rw": "002",
    "kode_wilayah": "32.01.13.2001",
    "kode_pos": "16110",
    "nama_ibu": "AMINAH",
    "status": "HIDUP",
    "tanggal_meninggal": None,
    "nik_pengganti": None,
    "sumber_diubah": CHANGED,
}
REGION: Final[dict[str, Any]] = {
    "kode": "32.01.13.2001",
    "nama": "Contoh",
    "tingkat": "DESA",
    "induk": "32.01.13",
    "kode_bps": None,
    "kode_pos": None,
    "luas_km2": None,
    "lintang": -7.5,
    "bujur": 112.0,
    "berlaku_mulai": None,
    "berlaku_sampai": None,
    "pengganti": None,
    "sumber_diubah": CHANGED,
}

"""The rows of `kominfo.wilayah`: the four tables of Indonesia's region codes as one document.

The tables are those that the package carries (`schemas/codes/wilayah`, Open Database License).
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from schemas.contract import Value

TABLES: Final = files("schemas") / "codes" / "wilayah"
# The counts of the tables are those of the Minister's decree 100.1.1-6117/2022 of this day; they carry no date.
EDITION: Final = datetime(2022, 11, 9, tzinfo=UTC)
# table, its column for the region above, level
_LEVELS: Final = (
    ("provinces.csv", None, "PROVINSI"),
    ("regencies.csv", "province_code", "KABUPATEN"),
    ("districts.csv", "regency_code", "KECAMATAN"),
    ("villages.csv", "district_code", None),
)
_VILLAGE_KIND = 9  # place of the digit in 00.00.00.K000 that tells kelurahan (1) from desa (2, 3)


def rows(tables: Traversable = TABLES) -> Iterator[dict[str, Value]]:
    """Every region, from provinces to villages, each after the one that it belongs to."""
    for table, parent, level in _LEVELS:
        for line in csv.DictReader(tables.joinpath(table).read_text(encoding="utf-8").splitlines()):
            code = line["code"]
            yield {
                "kode": code,
                "nama": line["name"],
                "tingkat": level or ("KELURAHAN" if code[_VILLAGE_KIND] == "1" else "DESA"),
                "induk": line[parent] if parent else None,
                "kode_bps": None,
                "kode_pos": None,
                "luas_km2": None,
                "lintang": None,
                "bujur": None,
                "berlaku_mulai": None,
                "berlaku_sampai": None,
                "pengganti": None,
                "sumber_diubah": EDITION,
            }


def villages_of(region: str, tables: Traversable = TABLES) -> list[str]:
    """Codes of the villages inside a region (province, regency or district), in the table's order."""
    lines = tables.joinpath("villages.csv").read_text(encoding="utf-8").splitlines()[1:]
    return [line.partition(",")[0] for line in lines if line.startswith(f"{region}.")]

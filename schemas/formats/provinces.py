"""The codes of the provinces, read from the table of region codes that the package carries."""

import csv
from importlib.resources import files
from typing import Final


def _read() -> frozenset[str]:
    table = files("schemas") / "codes" / "wilayah" / "provinces.csv"
    return frozenset(row["code"] for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()))


PROVINCES: Final = _read()

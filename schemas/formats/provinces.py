"""The codes of the provinces and districts, read from the tables of region codes that the package carries."""

import csv
from importlib.resources import files
from typing import Final


def _read(level: str) -> frozenset[str]:
    table = files("schemas") / "codes" / "wilayah" / f"{level}.csv"
    return frozenset(row["code"] for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()))


PROVINCES: Final = _read("provinces")
# six digits, as numbers of people and families begin
DISTRICTS: Final = frozenset(code.replace(".", "") for code in _read("districts"))

"""NIK, the number of a resident: 6 digits region of first registration, ddmmyy (+40 on the day: female), 4 serial.

Source: PP 40/2019. The year has two digits, so two centuries are meant; the region is that of the *first*
registration and may have been renumbered since.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from schemas.formats.digits import drop_separators
from schemas.formats.format import Check, Format
from schemas.formats.provinces import DISTRICTS, PROVINCES

if TYPE_CHECKING:
    import polars as pl

_FEMALE_DAY = 40  # added to the day of birth
_LEAP_YEAR = 2000  # a NIK's "00" may be 2000, which has a 29 February


def has_real_date(nik: str) -> bool:
    """Whether digits 7 to 12 are a day of the calendar."""
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    if day > _FEMALE_DAY:
        day -= _FEMALE_DAY
    return 1 <= month <= 12 and 1 <= day <= monthrange(_LEAP_YEAR + year, month)[1]


def flags(of: Iterable[int]) -> "pl.Series":
    """Of each number of six digits whether it is one of these. Looked up by place, which is many times quicker than a
    set made anew for every frame, or than a pattern."""
    import polars as pl

    found = [False] * 1_000_000
    for number in of:
        found[number] = True
    return pl.Series("flags", found)


def is_flagged(flags: "pl.Series", digits: "pl.Expr") -> "pl.Expr":
    """Whether texts of six digits are; null where they are none."""
    import polars as pl

    return pl.lit(flags).gather(digits.cast(pl.UInt32, strict=False))


@cache
def _districts() -> "pl.Series":
    return flags(map(int, DISTRICTS))


@cache
def _dates() -> "pl.Series":
    return flags([*days_of_calendar(), *(date + _FEMALE_DAY * 10_000 for date in days_of_calendar())])


def days_of_calendar() -> Iterator[int]:
    """All days as the number ddmmyy."""
    for year in range(100):
        for month in range(1, 13):
            for day in range(1, monthrange(_LEAP_YEAR + year, month)[1] + 1):
                yield day * 10_000 + month * 100 + year


FORMAT = Format(
    name="nik",
    label="NIK",
    expected="16 digit",
    pattern="[1-9][0-9]{15}",
    normalise=drop_separators,
    checks=(
        Check(
            "nik.provinsi",
            lambda nik: nik[:2] in PROVINCES,
            "NIK yang dua digit pertamanya kode provinsi",
            column=lambda nik: nik.str.head(2).is_in(sorted(PROVINCES)),
        ),
        Check(
            "nik.urut",
            lambda nik: nik[12:] != "0000",
            "NIK yang nomor urutnya bukan 0000",
            column=lambda nik: ~nik.str.ends_with("0000"),
        ),
        Check(
            "nik.tanggal",
            has_real_date,
            "NIK yang digit 7 sampai 12-nya tanggal lahir (perempuan: hari + 40)",
            column=lambda nik: is_flagged(_dates(), nik.str.slice(6, 6)),
        ),
    ),
    warnings=(
        Check(
            "nik.kecamatan",
            lambda nik: nik[:6] in DISTRICTS,
            "NIK yang enam digit pertamanya kode kecamatan",
            column=lambda nik: is_flagged(_districts(), nik.str.head(6)),
        ),
    ),
)

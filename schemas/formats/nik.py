"""NIK, the number of a resident: 6 digits region of first registration, ddmmyy (+40 on the day: female), 4 serial.

Source: PP 40/2019. The year has two digits, so two centuries are meant; the region is that of the *first*
registration and may have been renumbered since.
"""

from calendar import monthrange
from functools import cache
from typing import TYPE_CHECKING

from schemas.formats.digits import drop_separators
from schemas.formats.format import Check, Format
from schemas.formats.provinces import DISTRICTS, PROVINCES

if TYPE_CHECKING:
    import polars as pl

_FEMALE_DAY = 40  # added to the day of birth
# a day that every month has; the few others are looked at one by one
_SURE_DATE = "^.{6}(0[1-9]|1[0-9]|2[0-8]|4[1-9]|5[0-9]|6[0-8])(0[1-9]|1[0-2])"
_LEAP_YEAR = 2000  # a NIK's "00" may be 2000, which has a 29 February


def has_real_date(nik: str) -> bool:
    """Whether digits 7 to 12 are a day of the calendar."""
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    if day > _FEMALE_DAY:
        day -= _FEMALE_DAY
    return 1 <= month <= 12 and 1 <= day <= monthrange(_LEAP_YEAR + year, month)[1]


@cache
def _district_flags() -> "pl.Series":
    """Whether a number of six digits is a district: looked up by place, many times quicker than a set made anew for
    every frame."""
    import polars as pl

    flags = [False] * 1_000_000
    for code in DISTRICTS:
        flags[int(code)] = True
    return pl.Series("districts", flags)


def _begins_with_district(nik: "pl.Expr") -> "pl.Expr":
    import polars as pl

    return pl.lit(_district_flags()).gather(nik.str.head(6).cast(pl.UInt32))


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
            column=lambda nik: nik.str.contains(_SURE_DATE),
        ),
    ),
    warnings=(
        Check(
            "nik.kecamatan",
            lambda nik: nik[:6] in DISTRICTS,
            "NIK yang enam digit pertamanya kode kecamatan",
            column=_begins_with_district,
        ),
    ),
)

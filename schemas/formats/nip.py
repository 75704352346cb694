"""NIP, the number of a civil servant: birth yyyymmdd, appointment yyyymm, sex 1 or 2, 3 serial (BKN).

Digits 13 and 14 are the month of appointment (01 to 12: PNS) or a kind of contract (21 and above: PPPK). The old
numbers of nine digits are not taken.
"""

from datetime import date
from typing import TYPE_CHECKING

from schemas.formats.digits import drop_spaces
from schemas.formats.format import Check, Format

if TYPE_CHECKING:
    import polars as pl

# a day that every month has; the few others are looked at one by one
_SURE_DATE = "^.{4}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])"

_YOUNGEST, _OLDEST = 16, 60  # years of age at appointment, DOMAIN


def _year(nip: "pl.Expr", place: int) -> "pl.Expr":
    return nip.str.slice(place, 4).str.to_integer(strict=False)


def _has_real_birth(nip: str) -> bool:
    try:
        date(int(nip[:4]), int(nip[4:6]), int(nip[6:8]))
    except ValueError:
        return False
    return True


FORMAT = Format(
    name="nip",
    label="NIP",
    expected="18 digit",
    pattern="(19|20)[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-2]|2[1-9]|[3-9][0-9])[12][0-9]{3}",
    normalise=drop_spaces,
    checks=(
        Check(
            "nip.tanggal",
            _has_real_birth,
            "NIP yang delapan digit pertamanya tanggal lahir (TTTTBBHH)",
            column=lambda nip: nip.str.contains(_SURE_DATE),
        ),
    ),
    warnings=(
        Check(
            "nip.pengangkatan",
            lambda nip: _YOUNGEST <= int(nip[8:12]) - int(nip[:4]) <= _OLDEST,
            "NIP yang tahun pengangkatannya pada usia 16 sampai 60 tahun",
            column=lambda nip: (_year(nip, 8) - _year(nip, 0)).is_between(_YOUNGEST, _OLDEST),
        ),
    ),
)

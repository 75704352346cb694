"""Number of a family card: 6 digits region, ddmmyy of issue (never +40), 4 serial. Only the form is checked."""

from functools import cache
from typing import TYPE_CHECKING

from schemas.formats.digits import drop_separators
from schemas.formats.format import Check, Format
from schemas.formats.nik import days_of_calendar, flags, has_real_date, is_flagged

if TYPE_CHECKING:
    import polars as pl


def _has_real_issue(number: str) -> bool:
    return int(number[6:8]) <= 31 and has_real_date(number)


@cache
def _days() -> "pl.Series":
    return flags(days_of_calendar())


FORMAT = Format(
    name="no-kk",
    label="Nomor KK",
    expected="16 digit",
    pattern="[1-9][0-9]{15}",
    normalise=drop_separators,
    warnings=(
        Check(
            "no-kk.tanggal",
            _has_real_issue,
            "nomor KK yang digit 7 sampai 12-nya tanggal terbit",
            column=lambda number: is_flagged(_days(), number.str.slice(6, 6)),
        ),
    ),
)

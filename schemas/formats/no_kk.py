"""Number of a family card: 6 digits region, ddmmyy of issue (never +40), 4 serial. Only the form is checked."""

from schemas.formats.digits import drop_separators
from schemas.formats.format import Check, Format
from schemas.formats.nik import has_real_date

_SURE_DATE = "^.{6}(0[1-9]|1[0-9]|2[0-8])(0[1-9]|1[0-2])"


def _has_real_issue(number: str) -> bool:
    return int(number[6:8]) <= 31 and has_real_date(number)


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
            column=lambda number: number.str.contains(_SURE_DATE),
        ),
    ),
)

"""Geographic coordinates in decimal degrees, inside Indonesia's box."""

from schemas.contract import Kind
from schemas.formats.format import Check, Format

_LATITUDES = (-11.0, 6.0)  # degrees, DOMAIN: outside is an error
_LONGITUDES = (95.0, 141.0)
_SWAPPED = "Mohon periksa: lintang (-11 sampai 6) dan bujur (95 sampai 141) mungkin tertukar. Kirim lagi."


def _is_latitude(degrees: float) -> bool:
    return _LATITUDES[0] <= degrees <= _LATITUDES[1]


def _is_longitude(degrees: float) -> bool:
    return _LONGITUDES[0] <= degrees <= _LONGITUDES[1]


LINTANG = Format(
    name="lintang",
    label="Lintang",
    expected="-11 sampai 6 derajat",
    pattern=None,
    checks=(
        Check(
            "lintang.batas",
            _is_latitude,
            "-11 sampai 6 derajat",
            _SWAPPED,
            lambda degrees: degrees.is_between(*_LATITUDES),
        ),
    ),
    kind=Kind.DOUBLE,
)
BUJUR = Format(
    name="bujur",
    label="Bujur",
    expected="95 sampai 141 derajat",
    pattern=None,
    checks=(
        Check(
            "bujur.batas",
            _is_longitude,
            "95 sampai 141 derajat",
            _SWAPPED,
            lambda degrees: degrees.is_between(*_LONGITUDES),
        ),
    ),
    kind=Kind.DOUBLE,
)

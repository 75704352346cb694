"""The number on a vehicle's plate: area letters, number, letters of the series, with single spaces."""

import re

from schemas.formats.format import Format

_TYPED = re.compile(r"([A-Z]{1,2}) ?([1-9][0-9]{0,3})(?: ?([A-Z]{1,3}))?")


def normalise(text: str) -> str:
    """Capitals, single spaces between the parts; all else stays."""
    plain = " ".join(text.upper().split())
    match = _TYPED.fullmatch(plain)
    return " ".join(part for part in match.groups() if part) if match else plain


FORMAT = Format(
    name="plat-nomor",
    label="Plat nomor",
    expected="huruf daerah, nomor, dan huruf seri, misalnya AB 1234 CD",
    pattern="[A-Z]{1,2} [1-9][0-9]{0,3}( [A-Z]{1,3})?",
    normalise=normalise,
)

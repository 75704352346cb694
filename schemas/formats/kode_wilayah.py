"""Region code (Kemendagri): province 2, regency .2, district .2, village .4 digits.

Villages begin with 1 (kelurahan), 2 (desa) or 3 (desa adat). Whether the code exists is no matter of the form:
the field's reference decides that.
"""

import re

from schemas.formats.format import Format

_TEN_DIGITS = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{4})")


def normalise(text: str) -> str:
    """Ten digits become a dotted village code; all else stays."""
    stripped = text.strip()
    match = _TEN_DIGITS.fullmatch(stripped)
    return ".".join(match.groups()) if match else stripped


FORMAT = Format(
    name="kode-wilayah",
    label="Kode wilayah",
    expected="kode Kemendagri bertitik, misalnya 00.00.00.2000",
    pattern=r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[123][0-9]{3})?)?)?",
    normalise=normalise,
)

"""Region code of BPS: 2, 4, 7 or 10 digits. Looked up, never computed from the Kemendagri code."""

from schemas.formats.digits import drop_separators
from schemas.formats.format import Format

FORMAT = Format(
    name="kode-bps",
    label="Kode BPS",
    expected="2, 4, 7, atau 10 digit",
    pattern="[0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?",
    normalise=drop_separators,
)

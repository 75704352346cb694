"""The numbers of a business: NIB (opaque) and KBLI, the class of its activity (BPS; its edition is another field)."""

from schemas.formats.digits import drop_separators, drop_spaces
from schemas.formats.format import Format

NIB = Format(name="nib", label="NIB", expected="13 digit", pattern="[0-9]{13}", normalise=drop_spaces)
KBLI = Format(
    name="kbli",
    label="KBLI",
    expected="5 digit",
    pattern="[0-9]{5}",
    normalise=drop_separators,
    editions={"2020": "kbli-2020", "2025": "kbli-2025"},
)

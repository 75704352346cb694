"""RT and RW, the neighbourhood numbers of an address: three digits."""

import re

from schemas.formats.format import Check, Format

_TYPED = re.compile(r"(?:RT|RW)?[ .:]*([0-9]{1,3})", re.IGNORECASE)


def normalise(text: str) -> str:
    """ "RT 1", "1" and "01" become "001"; all else stays."""
    stripped = text.strip()
    match = _TYPED.fullmatch(stripped)
    return match[1].zfill(3) if match else stripped


def _not_zero(name: str) -> tuple[Check, ...]:
    return (Check(f"{name}.nol", lambda t: t != "000", "bukan 000", column=lambda t: t != "000"),)


RT = Format(
    name="rt", label="RT", expected="3 digit", pattern="[0-9]{3}", normalise=normalise, warnings=_not_zero("rt")
)
RW = Format(
    name="rw", label="RW", expected="3 digit", pattern="[0-9]{3}", normalise=normalise, warnings=_not_zero("rw")
)

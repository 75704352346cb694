"""Postal code."""

from schemas.formats.digits import drop_spaces
from schemas.formats.format import Format

FORMAT = Format(name="kode-pos", label="Kode pos", expected="5 digit", pattern="[0-9]{5}", normalise=drop_spaces)

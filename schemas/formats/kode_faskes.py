"""The code of a health facility (Kemenkes). Opaque."""

from schemas.formats.format import Format


def _upper(text: str) -> str:
    return text.strip().upper()


FORMAT = Format(
    name="kode-faskes",
    label="Kode faskes",
    expected="7 sampai 11 digit, atau P diikuti 10 digit",
    pattern="(P[0-9]{10}|[0-9]{7,11})",
    normalise=_upper,
)

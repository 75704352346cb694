"""A telephone number in Indonesia, in E.164: mobile numbers begin with 8, others with the area's code."""

from schemas.formats.format import Format

_PUNCTUATION = str.maketrans("", "", "' ().-\u00a0")
_COUNTRY = "+62"


def normalise(text: str) -> str:
    """ "0812…" and "62812…" become "+62812…"; all else stays."""
    plain = text.strip().translate(_PUNCTUATION)
    if plain.startswith("0"):
        return _COUNTRY + plain[1:]
    return f"+{plain}" if plain.startswith("62") else plain


FORMAT = Format(
    name="telepon",
    label="Nomor telepon",
    expected="nomor Indonesia, misalnya +6280000000000",
    pattern=r"\+62(8[0-9]{8,11}|[2-79][0-9]{6,10})",
    normalise=normalise,
)

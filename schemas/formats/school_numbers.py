"""The numbers of the ministry of education: NUPTK, NISN and NPSN. Opaque: nothing is read out of them."""

from schemas.formats.digits import drop_spaces
from schemas.formats.format import Check, Format


def _npsn(text: str) -> str:
    return drop_spaces(text).upper()


# Leading zeros count: nothing is padded, as a shortened number may be another one's.
NUPTK = Format(name="nuptk", label="NUPTK", expected="16 digit", pattern="[0-9]{16}", normalise=drop_spaces)
NISN = Format(
    name="nisn",
    label="NISN",
    expected="10 digit",
    pattern="[0-9]{10}",
    normalise=drop_spaces,
    checks=(
        Check(
            "nisn.nol",
            lambda nisn: nisn.strip("0") != "",
            "NISN yang bukan nol semua",
            "Mohon isi NISN yang benar, termasuk nol di depannya, lalu kirim lagi.",
            column=lambda nisn: nisn != "0000000000",
        ),
    ),
)
NPSN = Format(
    name="npsn",
    label="NPSN",
    expected="8 digit, atau K atau P diikuti 7 digit",
    pattern="([0-9]{8}|[KP][0-9]{7})",
    normalise=_npsn,
)

"""The codes of an agency: our slug, which stands in topic names, and the code of SIPD (Permendagri 90/2019)."""

from schemas.formats.format import Format


def _lower(text: str) -> str:
    return text.strip().lower()


KODE_OPD = Format(
    name="kode-opd",
    label="Kode OPD",
    expected="3 sampai 24 huruf kecil atau digit, diawali huruf",
    pattern="[a-z][a-z0-9]{2,23}",
    normalise=_lower,
)
KODE_SKPD = Format(
    name="kode-skpd",
    label="Kode SKPD",
    expected="kode SIPD bertitik, misalnya 0.00.0.00.0.00.01.0000",
    pattern=r"[0-9]\.[0-9]{2}\.[0-9]\.[0-9]{2}\.[0-9]\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}",
    normalise=str.strip,
)

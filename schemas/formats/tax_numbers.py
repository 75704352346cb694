"""The numbers of the tax office: NPWP with 16 digits and NITKU (PMK 112/2022), and NOP of land and building tax.

A resident's NPWP is the NIK; others have `0` and the old NPWP of 15 digits, or a newer number. A NITKU is an NPWP and
six digits of the place of business, 000000 for the head office.
"""

from schemas.formats.format import Check, Format

_PUNCTUATION = str.maketrans("", "", " .-\u00a0")
_OLD_LENGTH = 15  # digits of an NPWP before PMK 112/2022


def _digits(text: str) -> str:
    return text.strip().removeprefix("'").translate(_PUNCTUATION)


def _npwp(text: str) -> str:
    digits = _digits(text)
    return f"0{digits}" if len(digits) == _OLD_LENGTH and digits.isascii() and digits.isdigit() else digits


def _passes_luhn(npwp: str) -> bool:
    """Digits 2 to 10 of an old number in its new form; a newer number and a NIK have no such sum."""
    if not npwp.startswith("0"):
        return True
    total = 0
    for place, digit in enumerate(reversed(npwp[1:10])):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


NPWP16 = Format(
    name="npwp16",
    label="NPWP",
    expected="16 digit",
    pattern="[0-9]{16}",
    normalise=_npwp,
    warnings=(
        Check(
            "npwp16.luhn",
            _passes_luhn,
            "NPWP yang digit ujinya cocok",
            column=lambda npwp: ~npwp.str.starts_with("0"),  # the few old numbers are looked at one by one
        ),
    ),
)
NITKU = Format(name="nitku", label="NITKU", expected="22 digit", pattern="[0-9]{22}", normalise=_digits)
# 2 province, 2 regency, 3 district (the tax office's code, BPS's numbers), 3 village, 3 block, 4 serial, 1 kind
NOP = Format(
    name="nop",
    label="NOP",
    expected="18 digit dengan kode kecamatan pajak yang dikenal",
    pattern="[0-9]{4}(0[1-9]0|1[0-9]0|200)[0-9]{11}",
    normalise=_digits,
    warnings=(
        Check(
            "nop.khusus",
            lambda nop: nop[-1] in "079",
            "NOP yang digit terakhirnya 0, 7, atau 9",
            column=lambda nop: nop.str.contains("[079]$"),
        ),
    ),
)

"""Name of a person: capital letters A to Z, at most 60 characters with spaces (Permendagri 73/2022)."""

import re
import unicodedata

from schemas.formats.format import Check, Format

_MAX_LENGTH = 60  # characters, Permendagri 73/2022
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "`": "'", "\u2013": "-", "\u2010": "-"})


def normalise(text: str) -> str:
    """NFKC, straight quotes, without diacritics, capitals, single spaces."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).translate(_QUOTES))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(letters.upper().split())


# a comma, or one of the usual titles before the name
_TITLES = r",|^(DR|DRS|DRA|DRG|IR|PROF|H|HJ)\. "
_TRIALS = r"(^| )(TES|TEST|TESTING|COBA|XX+)( |$)"


def _without(code: str, words: str, expected: str) -> Check:
    found = re.compile(words)
    return Check(code, lambda name: found.search(name) is None, expected, column=lambda name: ~name.str.contains(words))


FORMAT = Format(
    name="nama-orang",
    label="Nama",
    expected="1 sampai 60 karakter, huruf A-Z, spasi, dan tanda ' . , / -",
    # a space is followed by another character: no doubled and no last one
    pattern=r"[A-Z]( ?[A-Z'.,/-])*",
    normalise=normalise,
    checks=(
        Check(
            "nama-orang.panjang",
            lambda name: len(name) <= _MAX_LENGTH,
            "paling banyak 60 karakter",
            column=lambda name: name.str.len_bytes() <= _MAX_LENGTH,  # the form is ASCII
        ),
    ),
    warnings=(
        Check(
            "nama-orang.satu-kata",
            lambda name: " " in name,
            "lebih dari satu kata",
            column=lambda name: name.str.contains(" ", literal=True),
        ),
        _without("nama-orang.gelar", _TITLES, "tanpa gelar"),
        _without("nama-orang.uji", _TRIALS, "bukan isian percobaan"),
    ),
)

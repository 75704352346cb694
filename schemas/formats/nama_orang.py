"""Name of a person: capital letters A to Z, at most 60 characters with spaces (Permendagri 73/2022)."""

import re
import unicodedata
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from schemas.formats.format import Check, Format

if TYPE_CHECKING:
    import polars as pl

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
# One of these is in every such name, and is found sooner than the whole: few names are looked at one by one.
_IN_TITLES = (",", ". ")
_IN_TRIALS = ("TES", "COBA", "XX")


def _without(code: str, words: str, hints: Sequence[str], expected: str) -> Check:
    found = re.compile(words)

    def clear(name: "pl.Expr") -> "pl.Expr":
        return ~reduce(or_, (name.str.contains(hint, literal=True) for hint in hints))

    return Check(code, lambda name: found.search(name) is None, expected, column=clear)


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
        _without("nama-orang.gelar", _TITLES, _IN_TITLES, "tanpa gelar"),
        _without("nama-orang.uji", _TRIALS, _IN_TRIALS, "bukan isian percobaan"),
    ),
)

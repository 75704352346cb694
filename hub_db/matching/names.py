"""Names of persons, spelled one way: without titles, by one orthography, MOH./MUH./MOCHAMAD as one word.

What is done to a name is for comparing only; no name that anybody sees comes from here.
"""

import re
from functools import lru_cache
from typing import Final

from schemas.formats.nama_orang import normalise

CACHED: Final = 1 << 17  # words and names that are remembered; a kabupaten has some tens of thousands of each
# Before a name; those of one or two letters only with a dot or before two more words.
_BEFORE: Final = frozenset((
    "PROF", "DR", "DRS", "DRA", "DRG", "IR", "KH", "KHR", "KRT", "RR", "RA", "NY", "TN", "SDR", "SDRI", "ALM", "ALMH",
    "HJ", "H", "R", "BPK", "IBU", "APT", "NS", "USTADZ", "USTAD", "GUS", "KYAI",
))  # fmt: skip
# Behind a name without a comma: letters that are no word of any name.
_BEHIND: Final = frozenset((
    "SPD", "SPDI", "SPDK", "SAG", "SKM", "SKEP", "SKOM", "SSOS", "SIP", "SPSI", "SFARM", "SGZ", "SHI", "SIKOM", "STP",
    "AMD", "AMDKEB", "AMDKEP", "AMAPD", "MPD", "MPDI", "MAG", "MKES", "MKOM", "MSI", "MHUM", "MAP", "BA", "BSC",
    "SST", "STRKEB", "STRKEP", "NERS",
))  # fmt: skip
# Behind a comma these are titles, too.
_AFTER_COMMA: Final = _BEHIND | {
    "SE",
    "SH",
    "ST",
    "SP",
    "SS",
    "MM",
    "MH",
    "MT",
    "MP",
    "MBA",
    "PHD",
    "LC",
    "SI",
    "MA",
    "NS",
}
_DOTTED: Final = re.compile(r"(S|M|A|AM|D|DIPL|B)\.[A-Z]{1,5}(\.[A-Z]{1,4})*\.?")
_MUHAMMAD: Final = frozenset((
    "MUHAMAD", "MOHAMAD", "MUHAMED", "MOHAMED", "MUKAMAD", "MOKAMAD", "MOH", "MUH", "MOK", "MUK", "MOHD", "MUHD",
    "MHD", "MUHAMAT", "MOHAMAT",
))  # fmt: skip
MUHAMMAD: Final = "MUHAMAD"
_SHORT: Final = {"ABD": "ABDUL", "AKMAD": "AHMAD", "AHMAT": "AHMAD", "AKMAT": "AHMAD", "STI": "SITI"}
# Van Ophuijsen's and Soewandi's orthography, and Arabic sounds as people write them; in this order.
_SPELLINGS: Final = (
    ("DJ", "J"), ("TJ", "C"), ("SJ", "S"), ("NJ", "NY"), ("OE", "U"), ("DZ", "Z"), ("SY", "S"), ("SH", "S"),
    ("TH", "T"), ("DH", "D"), ("GH", "G"), ("KH", "K"), ("CH", "K"), ("PH", "F"), ("AE", "AI"), ("EI", "AI"),
    ("IE", "I"), ("IY", "I"), ("UW", "U"), ("Q", "K"), ("X", "KS"), ("C", "K"), ("V", "F"), ("F", "P"), ("Z", "S"),
)  # fmt: skip
_DOUBLED: Final = re.compile(r"(.)\1+")
_CLOSING_H: Final = re.compile(r"(?<=[AIUEO])H$")
_VOWELS: Final = re.compile(r"(?<=.)[AIUEO]")


@lru_cache(maxsize=CACHED)
def bare(name: str) -> str:
    """A name without titles, case, punctuation and repeated spaces: what two sources must agree on.

    SITI AMINAH, S.PD. is SITI AMINAH; MOH. ALI is not MOHAMMAD ALI.
    """
    return " ".join(_untitled(name))


@lru_cache(maxsize=CACHED)
def spelled(name: str) -> tuple[str, ...]:
    """The words of a name by one orthography, in their order."""
    words = [_spell(word) for word in _untitled(name)]
    if len(words) > 1:
        words[0] = {"M": MUHAMMAD, "ST": "SITI"}.get(words[0], words[0])
    return tuple(word for word in words if word)


def skeleton(word: str) -> str:
    """The first letter and the consonants of a spelled word: vowels are what people hear and type otherwise."""
    return _VOWELS.sub("", word)[:5]


def _untitled(name: str) -> list[str]:
    """The words of a name without titles, letters only; never none where the name has any."""
    head, *rest = normalise(name).replace("/", " ").split(",")
    parts = head.split()
    parts += [part for piece in rest for part in piece.split() if not _is_title(part, _AFTER_COMMA)]
    whole = [word for part in parts if (word := _letters(part))]
    while len(parts) > 1 and _letters(parts[0]) in _BEFORE and (parts[0].endswith(".") or len(parts) > 2):
        parts = parts[1:]
    while len(parts) > 1 and _is_title(parts[-1], _BEHIND):
        parts = parts[:-1]
    return [word for part in parts for piece in re.split(r"[.\-]", part) if (word := _letters(piece))] or whole


def _is_title(part: str, titles: frozenset[str]) -> bool:
    return _letters(part) in titles or _DOTTED.fullmatch(part) is not None


def _letters(part: str) -> str:
    return "".join(each for each in part if "A" <= each <= "Z")


@lru_cache(maxsize=CACHED)
def _spell(word: str) -> str:
    for old, new in _SPELLINGS:
        word = word.replace(old, new)
    word = _DOUBLED.sub(r"\1", word)
    return MUHAMMAD if word in _MUHAMMAD else _SHORT.get(word, _CLOSING_H.sub("", word))

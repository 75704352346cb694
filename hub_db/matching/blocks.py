"""The blocks of one record and the terms of its name, as numbers: what is kept of it between two searches.

The blocks are those of `pairs`: what a pair shares whatever was typed wrong. A number says nothing but to who asks for
it with the same name and date in hand.
"""

from collections.abc import Iterable
from datetime import date
from hashlib import blake2b

from hub_db.matching.names import MUHAMMAD, skeleton, spelled

ALL = 0  # the term that every record has


def blocks(entity: str, name: str, born_on: date | None, mother: str | None) -> list[int]:
    """In which the record meets others, sorted; none without a date of birth."""
    if born_on is None:
        return []
    words = spelled(name)
    whole = " ".join(sorted(words))
    low, high = sorted((born_on.month, born_on.day))
    either = f"{born_on.year}-{low}-{high}"
    sounds = {skeleton(word) for word in words if word != MUHAMMAD} or set(words)
    found = {("sound", sound, either) for sound in sounds}
    found |= {("year", whole, str(born_on.year)), ("day", whole, f"{born_on.month}-{born_on.day}")}
    if mother is not None:
        found.add(("mother", " ".join(spelled(mother)), either))
    return sorted({number(entity, *each) for each in found})


def terms(entity: str, name: str) -> list[int]:
    """Of the whole name, then of each of its words."""
    words = spelled(name)
    return [whole_term(entity, words), *sorted({word_term(entity, word) for word in words})]


def whole_term(entity: str, words: Iterable[str]) -> int:
    return number(entity, "name", " ".join(words))


def word_term(entity: str, word: str) -> int:
    return number(entity, "word", word)


def number(*parts: str) -> int:
    """64 bits of the parts, as PostgreSQL's bigint; never 0, which is `ALL`."""
    digest = blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1

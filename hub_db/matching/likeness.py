"""How alike two names are, 0 to 1, by the words that `names.spelled` gives."""

from collections.abc import Collection
from functools import lru_cache
from typing import Final

from hub_db.matching.names import CACHED

EQUAL: Final = 1.0
INITIAL: Final = 0.8  # S. for SITI
LEFT_OUT: Final = 0.5  # a word that the other name does not have
A_PART: Final = 0.84  # all words of one name are in the other, which has more
OTHER: Final = 0.3  # two words that are both usual: two names, and no typing error
JOINED: Final = 0.97  # ABDUL ROHMAN, ABDULROHMAN


def likeness(one: tuple[str, ...], other: tuple[str, ...], usual: Collection[str]) -> float:
    """Half the mean over the words, by their lengths, half the word that is least alike. Order does not matter.

    `usual`: words that so many persons bear that they are no typing errors of one another.
    """
    if sorted(one) == sorted(other):
        return EQUAL if one else 0.0
    short, long = sorted((one, other), key=len)
    if not short:
        return 0.0
    if "".join(one) == "".join(other):
        return JOINED
    if set(short) < set(long):
        return A_PART
    left, pairs = list(long), []
    for word in sorted(short, key=len, reverse=True):
        best = max(left, key=lambda each: alike(word, each, usual))
        left.remove(best)
        pairs.append((max(len(word), len(best)), alike(word, best, usual)))
    least = min(like for _, like in pairs)
    if left:
        least = min(least, A_PART)
        pairs += [(len(word), LEFT_OUT) for word in left]
    mean = sum(length * like for length, like in pairs) / sum(length for length, _ in pairs)
    return (mean + least) / 2


def alike(one: str, other: str, usual: Collection[str]) -> float:
    """How alike two words are."""
    if one == other:
        return EQUAL
    if len(one) == 1 or len(other) == 1:
        return INITIAL if one[0] == other[0] else 0.0
    if one in usual and other in usual:
        return OTHER
    longest = max(len(one), len(other))
    return 1 - distance(*sorted((one, other))) / longest


@lru_cache(maxsize=CACHED)
def distance(one: str, other: str) -> int:
    """Letters left out, put in, exchanged, or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        now = [row]
        for column, against in enumerate(other, start=1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        before, last = last, now
    return last[-1]

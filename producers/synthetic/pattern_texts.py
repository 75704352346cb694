"""Texts that match the pattern of a contract or a format: the part of regular expressions that they use.

Literals, escaped signs, classes, groups, alternatives and repetitions; all else is a ValueError.
"""

import re
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Final

Maker = Callable[[Random], str]

_REPEATED: Final = re.compile(r"\{(\d+)(,(\d*))?\}")
_UNBOUNDED: Final = 8  # the most of what may stand any number of times
_PLAIN: Final = "".join(map(chr, range(0x20, 0x7F)))


@cache
def texts(pattern: str) -> Maker:
    """What makes random texts that match `pattern` whole."""
    maker, end = _alternatives(pattern, 0)
    if end != len(pattern):
        raise ValueError(f"pattern {pattern!r}: place {end}")
    return maker


def _alternatives(pattern: str, place: int) -> tuple[Maker, int]:
    roads = []
    while True:
        road, place = _sequence(pattern, place)
        roads.append(road)
        if place >= len(pattern) or pattern[place] != "|":
            break
        place += 1
    return (roads[0] if len(roads) == 1 else lambda chance: chance.choice(roads)(chance)), place


def _sequence(pattern: str, place: int) -> tuple[Maker, int]:
    parts: list[Maker] = []
    while place < len(pattern) and pattern[place] not in "|)":
        part, place = _atom(pattern, place)
        least, most, place = _times(pattern, place)
        parts.append(part if (least, most) == (1, 1) else _repeated(part, least, most))
    return (lambda chance: "".join([part(chance) for part in parts])), place


def _repeated(part: Maker, least: int, most: int) -> Maker:
    return lambda chance: "".join([part(chance) for _ in range(chance.randint(least, most))])


def _times(pattern: str, place: int) -> tuple[int, int, int]:
    sign = pattern[place : place + 1]
    if sign in {"?", "*", "+"}:
        return int(sign == "+"), 1 if sign == "?" else _UNBOUNDED, place + 1
    match = _REPEATED.match(pattern, place)
    if match is None:
        return 1, 1, place
    least = int(match[1])
    most = least if match[2] is None else int(match[3] or least + _UNBOUNDED)
    return least, most, match.end()


def _atom(pattern: str, place: int) -> tuple[Maker, int]:
    sign = pattern[place]
    if sign == "(":
        inner, end = _alternatives(pattern, place + (3 if pattern.startswith("(?:", place) else 1))
        if end >= len(pattern):
            raise ValueError(f"pattern {pattern!r}: a bracket is not closed")
        return inner, end + 1
    if sign == "[":
        signs, end = _class(pattern, place + 1)
        return (lambda chance: chance.choice(signs)), end
    if sign == "\\":
        return _literal(pattern[place + 1]), place + 2
    if sign in "^$.?*+{":
        raise ValueError(f"pattern {pattern!r}: sign {sign!r} at place {place}")
    return _literal(sign), place + 1


def _literal(sign: str) -> Maker:
    return lambda _chance: sign


def _class(pattern: str, place: int) -> tuple[str, int]:
    denied = pattern[place] == "^"
    place += denied
    signs: list[str] = []
    while pattern[place] != "]" or not signs:
        if pattern[place] == "\\":
            place += 1
        first = last = pattern[place]
        if pattern[place + 1] == "-" and pattern[place + 2] != "]":
            last = pattern[place + 2]
            place += 2
        signs += map(chr, range(ord(first), ord(last) + 1))
        place += 1
    chosen = "".join(sign for sign in _PLAIN if sign not in signs) if denied else "".join(signs)
    return chosen, place + 1

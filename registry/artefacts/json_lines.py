"""Where in a JSON text each value begins, so that a verdict can name its line."""

import re
from bisect import bisect
from json.decoder import scanstring  # type: ignore[attr-defined] # there since Python 3.0
from typing import Final

Path = tuple[str | int, ...]

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SCALAR: Final = re.compile(r"[^\s,\]}]+")
_MAX_DEPTH: Final = 40  # no contract nests deeper; a hostile text would


def lines_of(text: str) -> dict[Path, int]:
    """The line (from 1) of each value, and of each name in an object, by its path. The text is valid JSON.

    What lies deeper than 40 levels is left out.
    """
    found: dict[Path, int] = {}
    breaks = [match.start() for match in re.finditer("\n", text)]
    _value(text, _SPACE.match(text).end(), (), found, breaks)  # type: ignore[union-attr] # it matches always
    return found


def nearest(lines: dict[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest value around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _value(text: str, at: int, path: Path, found: dict[Path, int], breaks: list[int]) -> int:
    """Note the value at `at`; where it ends."""
    found.setdefault(path, _line(at, breaks))
    if len(path) > _MAX_DEPTH:
        raise RecursionError("nested deeper than any contract")
    match text[at]:
        case '"':
            return int(scanstring(text, at + 1)[1])
        case "{":
            return _members(text, at + 1, path, found, breaks)
        case "[":
            return _elements(text, at + 1, path, found, breaks)
        case _:
            scalar = _SCALAR.match(text, at)
            return scalar.end() if scalar else at + 1


def _members(text: str, at: int, path: Path, found: dict[Path, int], breaks: list[int]) -> int:
    at = _skip(text, at)
    while text[at] != "}":
        begins = at
        name, at = scanstring(text, at + 1)
        found[(*path, name)] = _line(begins, breaks)
        at = _skip(text, _skip(text, at) + 1)  # the colon
        at = _skip(text, _value(text, at, (*path, name), found, breaks))
        at = _skip(text, at + 1) if text[at] == "," else at
    return at + 1


def _elements(text: str, at: int, path: Path, found: dict[Path, int], breaks: list[int]) -> int:
    at, place = _skip(text, at), 0
    while text[at] != "]":
        at = _skip(text, _value(text, at, (*path, place), found, breaks))
        at, place = (_skip(text, at + 1) if text[at] == "," else at), place + 1
    return at + 1


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr] # it matches always


def _line(at: int, breaks: list[int]) -> int:
    return bisect(breaks, at) + 1

"""Governed code lists (`codes` in a contract): a new code is no new schema version."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_FOLDER: Final = files("schemas") / "codes"
_SUFFIX: Final = ".json"


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list. `codes` maps each code to its Indonesian name, in the list's own order."""

    name: str  # as contracts name it: "status-kawin"
    title: str  # Indonesian, for people
    source: str  # who governs it
    codes: Mapping[str, str]

    def describe(self) -> str:
        """The codes in short, for a message: "1 sampai 89"."""
        codes = list(self.codes)
        return f"{codes[0]} sampai {codes[-1]} (daftar {self.title})"


@cache
def names() -> frozenset[str]:
    """The lists that the package carries."""
    return frozenset(entry.name.removesuffix(_SUFFIX) for entry in _FOLDER.iterdir() if entry.name.endswith(_SUFFIX))


@cache
def load(name: str) -> CodeList:
    """The list `name`. KeyError for a name that is not in `names()`."""
    if name not in names():
        raise KeyError(name)
    raw = json.loads((_FOLDER / f"{name}{_SUFFIX}").read_text(encoding="utf-8"))
    return CodeList(name, raw["title"], raw["source"], raw["codes"])

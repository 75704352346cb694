"""Governed code lists (`codes` in a contract): a new code is no new schema version.

A file is `{title, source, codes, mappings, history}`. A code is its name, or `{name, validFrom, validUntil}`: outside
of these days it is taken with a warning, as old rows keep old codes. A list that is an edition of a classification may
have such days itself. `mappings` say what another system calls it: `{system: {its text: our code}}`, by name and never
by number, since systems number alike lists differently. `history` tells people what was changed, when and why.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

_FOLDER: Final = files("schemas") / "codes"
_SUFFIX: Final = ".json"
_Text = Annotated[str, Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Code:
    """One code, or a whole list; a limit that is not there is None. Both days belong to it."""

    name: str
    valid_from: date | None = None
    valid_until: date | None = None

    def is_valid(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_until or date.max)


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed in a list, and why."""

    on: date
    text: str  # Indonesian


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list. `codes` maps each code to its Indonesian name, in the list's own order."""

    name: str  # as contracts name it: "status-kawin"
    title: str  # Indonesian, for people
    source: str  # who governs it
    codes: Mapping[str, str]
    limited: Mapping[str, Code]  # the codes with a first or a last day
    mappings: Mapping[str, Mapping[str, str]]  # system → its text, folded → our code
    history: tuple[Change, ...]
    edition: Code  # the list itself, with its days

    def describe(self) -> str:
        """The codes in short, for a message: "1 sampai 89"."""
        codes = list(self.codes)
        return f"{codes[0]} sampai {codes[-1]} (daftar {self.title})"

    def valid_on(self, day: date) -> tuple[str, ...]:
        """The codes that are valid on a day."""
        if not self.edition.is_valid(day):
            return ()
        return tuple(code for code in self.codes if code not in self.limited or self.limited[code].is_valid(day))

    @property
    def is_limited(self) -> bool:
        """Whether the list itself has a first or a last day."""
        return (self.edition.valid_from or self.edition.valid_until) is not None

    @property
    def branches(self) -> str:
        """What the codes in the list, and those below them in a classification, begin with: a pattern."""
        return f"^(?:{'|'.join(re.escape(code) for code in self.codes)})"

    def code_of(self, text: str, *, system: str | None = None) -> str | None:
        """Our code for another system's text, or for our own name of it; None for a text that nobody mapped."""
        wanted = fold(text)
        if system is not None:
            return self.mappings[system].get(wanted)
        return next((code for code, name in self.codes.items() if fold(name) == wanted), None)


def fold(text: str) -> str:
    """A text without its case and without spaces around and doubled inside: how names are compared."""
    return " ".join(text.casefold().split())


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _CodeEntry(_File):
    name: _Text
    validFrom: date | None = None  # noqa: N815 (the word of the file)
    validUntil: date | None = None  # noqa: N815


class _ChangeEntry(_File):
    on: date
    text: _Text


class _ListFile(_File):
    title: _Text
    source: _Text
    validFrom: date | None = None  # noqa: N815
    validUntil: date | None = None  # noqa: N815
    codes: Annotated[dict[_Text, _Text | _CodeEntry], Field(min_length=1)]
    mappings: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")], dict[_Text, _Text]] = {}
    history: tuple[_ChangeEntry, ...] = ()


@cache
def names() -> frozenset[str]:
    """The lists that the package carries."""
    return frozenset(entry.name.removesuffix(_SUFFIX) for entry in _FOLDER.iterdir() if entry.name.endswith(_SUFFIX))


@cache
def of_words(words: tuple[str, ...]) -> CodeList | None:
    """The list that says what the closed words of a field (`enum`) mean: it has exactly these; None without one."""
    lists = (load(name) for name in sorted(names()))
    return next((each for each in lists if each.codes.keys() == set(words)), None)


@cache
def load(name: str) -> CodeList:
    """The list `name`. KeyError for a name that is not in `names()`."""
    if name not in names():
        raise KeyError(name)
    return read(name, json.loads((_FOLDER / f"{name}{_SUFFIX}").read_text(encoding="utf-8")))


def read(name: str, raw: Any) -> CodeList:
    """The list in a file's JSON. Raises ValueError (pydantic's ValidationError included) with the reason."""
    file = _ListFile.model_validate(raw)
    entries = {code: _code(entry) for code, entry in file.codes.items()}
    edition = Code(file.title, file.validFrom, file.validUntil)
    limits = {"the list": edition} | {f"code {code}": entry for code, entry in entries.items()}
    backwards = [name for name, e in limits.items() if (e.valid_from or date.min) > (e.valid_until or date.max)]
    if backwards:
        raise ValueError(f"{backwards[0]} ends before it begins")
    return CodeList(
        name=name,
        title=file.title,
        source=file.source,
        codes={code: entry.name for code, entry in entries.items()},
        limited=dated(entries),
        mappings={system: _mapping(system, texts, entries) for system, texts in file.mappings.items()},
        history=tuple(Change(change.on, change.text) for change in file.history),
        edition=edition,
    )


def dated(entries: Mapping[str, Code]) -> dict[str, Code]:
    """Those with a first or a last day."""
    return {code: entry for code, entry in entries.items() if entry.valid_from or entry.valid_until}


def _code(entry: str | _CodeEntry) -> Code:
    return Code(entry) if isinstance(entry, str) else Code(entry.name, entry.validFrom, entry.validUntil)


def _mapping(system: str, texts: Mapping[str, str], codes: Mapping[str, Code]) -> dict[str, str]:
    unknown = sorted(set(texts.values()) - codes.keys())
    if unknown:
        raise ValueError(f"mapping {system}: {unknown[0]} is no code of this list")
    folded = {fold(text): code for text, code in texts.items()}
    if len(folded) < len(texts):
        raise ValueError(f"mapping {system}: a text stands twice in two spellings")
    return folded

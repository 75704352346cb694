"""The procedure as data: its versions, stages, limits, slots and evidence, read from `procedure.toml`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from base.calendar import Calendar
from sop.errors import ProcedureError

_LIMIT = re.compile(r"([1-9][0-9]?)([dm])")
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class Side(StrEnum):
    """Who has the ball."""

    OPD = "opd"
    KOMINFO = "kominfo"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limit(_Part):
    """So many working days or calendar months after the day of entry."""

    count: int
    unit: Literal["d", "m"]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        match = _LIMIT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise ValueError(f"limit {value!r} is not like 3d or 1m")
        return {"count": int(match[1]), "unit": match[2]}

    def after(self, entry: date, calendar: Calendar) -> date:
        """The last day of the limit for what was entered on this day."""
        return (calendar.add_working_days if self.unit == "d" else calendar.add_month)(entry, self.count)


class Slot(_Part):
    """A place for a paper; `signed`: a draft does not suffice."""

    slot: Slug
    title: Text
    signed: bool = False


class Evidence(_Part):
    """What shows that a stage is done (`procedure.toml` tells the sources)."""

    code: Slug
    title: Text
    source: Literal["submission", "slot", "statement", "fact"]
    slot: Slug | None = None
    signed: bool = False
    roles: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    per: Literal["document", "opd", "case"] = "case"
    lasts: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        wanted = {"slot": self.slot is not None, "statement": bool(self.roles), "fact": bool(self.met)}
        for source, told in wanted.items():
            if told != (self.source == source):
                raise ValueError(f"evidence {self.code}: what it tells does not fit the source {self.source}")
        return self


class Stage(_Part):
    """One stage: who does it and confirms it, by when, what goes in and out, what shows that it is done."""

    number: int
    label: Text
    does: Text
    actors: tuple[Text, ...]
    role: Text
    side: Side
    target: Limit
    due: Limit
    back_to: int | None = None
    two_persons: bool = False
    input: tuple[Slot, ...]
    output: tuple[Slot, ...]
    evidence: tuple[Evidence, ...]

    @property
    def slots(self) -> Mapping[str, Slot]:
        """Input and output slots by code; where both have one, the output's."""
        return {each.slot: each for each in (*self.input, *self.output)}

    @property
    def by_code(self) -> Mapping[str, Evidence]:
        """The evidence by its code."""
        return {each.code: each for each in self.evidence}

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if len(self.by_code) < len(self.evidence):
            raise ValueError(f"stage {self.number}: an evidence code stands twice")
        strange = [each.code for each in self.evidence if each.slot is not None and each.slot not in self.slots]
        if strange:
            raise ValueError(f"stage {self.number}: evidence {strange[0]} names no slot of the stage")
        return self


class OutsideReturn(_Part):
    """A return that the procedure's sheet does not draw: from which stages, to which, and by whom."""

    first: int
    last: int
    to: int
    role: Text


class Procedure(_Part):
    """One version of the procedure."""

    version: int
    title: Text
    outside: OutsideReturn | None = None
    stage: tuple[Stage, ...]

    @property
    def last(self) -> int:
        """The stage whose confirmation closes the case."""
        return len(self.stage)

    @property
    def deciding(self) -> int:
        """The stage whose *Ya* makes the integration live."""
        return self.last - 1

    def at(self, number: int) -> Stage:
        """A stage by its number, from 1."""
        return self.stage[number - 1]

    @model_validator(mode="after")
    def _counts_up(self) -> Self:
        if [each.number for each in self.stage] != list(range(1, len(self.stage) + 1)) or len(self.stage) < 2:
            raise ValueError("the stages are not numbered 1, 2, 3 …")
        if any(each.back_to is not None and each.back_to >= each.number for each in self.stage):
            raise ValueError("back_to names no earlier stage")
        return self


class _File(_Part):
    procedure: tuple[Procedure, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _versions(self) -> Self:
        if [each.version for each in self.procedure] != list(range(1, len(self.procedure) + 1)):
            raise ValueError("the versions are not 1, 2, 3 …")
        return self


@dataclass(frozen=True, slots=True)
class Book:
    """All versions of the procedure."""

    versions: Mapping[int, Procedure]

    @property
    def newest(self) -> Procedure:
        """The version under which cases are begun."""
        return self.versions[max(self.versions)]

    def of(self, version: int) -> Procedure:
        """The version of a running case. Raises ProcedureError for one that is not in the file."""
        try:
            return self.versions[version]
        except KeyError:
            raise ProcedureError(f"version {version} of the procedure is not in procedure.toml") from None


def read(text: str) -> Book:
    """The book in a TOML text. Raises ProcedureError."""
    try:
        found = _File.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ProcedureError(f"procedure.toml: {error}") from error
    return Book(MappingProxyType({each.version: each for each in found.procedure}))


@cache
def book() -> Book:
    """The versions that the hub carries out."""
    return read(files("sop").joinpath("procedure.toml").read_text(encoding="utf-8"))

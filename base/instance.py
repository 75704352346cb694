"""The instance: what differs between one local government and another (`instansi.toml`, docs/reference/instance.md).

The keys of the table `[daerah]` stand on the instance itself (`instance.nama`), the other tables under their names
(`instance.kop.alamat`).
"""

import re
import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from base.instance_tables import Agency, Closure, Documents, Hours, Letterhead, Marks, Numbers, Procedure, Region

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
_TABLE = "daerah"


class InstanceError(Exception):
    """The instance file, or a text with placeholders of it, may not be used: where and why."""


class Instance(Region):
    """The whole file."""

    kop: Letterhead
    sop: Procedure
    nomor: Numbers
    setempat: Marks
    jam: Hours = Hours()
    dokumen: Documents = Documents()
    opd: tuple[Agency, ...] = Field(min_length=1)
    libur: tuple[Closure, ...] = ()

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        for what, values in (
            ("opd.kode", [str(agency.kode) for agency in self.opd]),
            ("libur.tanggal", [str(closure.tanggal) for closure in self.libur]),
        ):
            doubled = [value for value in values if values.count(value) > 1]
            if doubled:
                raise ValueError(f"{what}: {doubled[0]} stands twice")
        if self.sop.walidata not in self.agencies:
            raise ValueError(f"sop.walidata: {self.sop.walidata} is none of the [[opd]]")
        for what, names in (
            ("dokumen.aktif", self.dokumen.aktif),
            ("dokumen.turunan", [each.nama for each in self.dokumen.turunan]),
        ):
            strangers = [name for name in names if name.partition(".")[0] not in self.agencies]
            if strangers:
                raise ValueError(f"{what}: {strangers[0]} is a document of none of the [[opd]]")
        return self

    @property
    def agencies(self) -> dict[str, Agency]:
        """The agencies by code."""
        return {agency.kode: agency for agency in self.opd}


TABLES = tuple(name for name in Instance.model_fields if name not in Region.model_fields)


def load(path: Path) -> Instance:
    """Read `instansi.toml`. Raises InstanceError with the file and each reason."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InstanceError(f"{path}: {error}") from error
    unknown = sorted(tables.keys() - {_TABLE, *TABLES})
    if unknown:
        raise InstanceError(f"{path}: unknown table [{unknown[0]}]; known: {', '.join((_TABLE, *TABLES))}")
    region = tables.pop(_TABLE, None)
    if not isinstance(region, dict):
        raise InstanceError(f"{path}: table [{_TABLE}] missing, or not written [{_TABLE}]")
    strange = sorted(region.keys() - Region.model_fields.keys())
    if strange:
        raise InstanceError(f"{path}: {_TABLE}.{strange[0]}: unknown key")
    try:
        return Instance.model_validate({**region, **tables}, context={"folder": path.parent})
    except ValidationError as error:
        raise InstanceError(f"{path}: {'; '.join(map(_reason, error.errors(include_url=False)))}") from error


def _reason(found: Any) -> str:
    """ "opd[2].kode: …": table, which one of several (from 1), key, and what is wrong."""
    where = ""
    for part in found["loc"]:
        where += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    first = str(found["loc"][0]) if found["loc"] else ""
    message = "unknown key" if found["type"] == "extra_forbidden" else found["msg"].removeprefix("Value error, ")
    return f"{_TABLE if first in Region.model_fields else ''}{where}: {message}".lstrip(".: ")


def fill(text: str, instance: Region) -> str:
    """Put the instance's values in place of `${daerah.<name>}`, once: a value is not searched for placeholders.

    Raises InstanceError for any other `${…}`.
    """

    def value(match: re.Match[str]) -> str:
        table, _, name = match[1].partition(".")
        if table != _TABLE or name not in Region.model_fields:
            known = ", ".join(f"${{{_TABLE}.{field}}}" for field in Region.model_fields)
            raise InstanceError(f"unknown placeholder {match[0]}; known: {known}")
        return str(getattr(instance, name))

    return _PLACEHOLDER.sub(value, text)

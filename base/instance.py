"""The instance: what differs between one local government and another (`instansi.toml`)."""

import re
import tomllib
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
_TABLE = "daerah"


class InstanceError(Exception):
    """The instance file, or a text with placeholders of it, may not be used: where and why."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no time zone of the IANA database") from error
    return name


class Instance(BaseModel):
    """The table `[daerah]` of `instansi.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    kode: Annotated[str, Field(pattern=r"^[0-9]{2}(\.[0-9]{2})?$")]  # region code (Kemendagri), province or regency
    nama: Annotated[str, Field(min_length=1, max_length=100)]
    nama_pendek: Annotated[str, Field(min_length=1, max_length=60)]
    namespace: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$")]  # of Avro names
    kode_pos: Annotated[str, Field(pattern=r"^[0-9]{1,5}$")]  # postal prefix
    zona_waktu: Annotated[str, AfterValidator(_known_zone)]  # IANA name
    zona_waktu_singkat: Annotated[str, Field(min_length=1, max_length=10)]  # WIB, WITA, WIT

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zona_waktu)


def load(path: Path) -> Instance:
    """Read `instansi.toml`. Raises InstanceError with the file and each reason."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InstanceError(f"{path}: {error}") from error
    unknown = sorted(tables.keys() - {_TABLE})
    if unknown or _TABLE not in tables:
        raise InstanceError(f"{path}: " + (f"unknown table [{unknown[0]}]" if unknown else f"table [{_TABLE}] missing"))
    try:
        return Instance.model_validate(tables[_TABLE])
    except ValidationError as error:
        reasons = "; ".join(f"{_TABLE}.{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
        raise InstanceError(f"{path}: {reasons}") from error


def fill(text: str, instance: Instance) -> str:
    """Put the instance's values in place of `${daerah.<name>}`, once: a value is not searched for placeholders.

    Raises InstanceError for any other `${…}`.
    """

    def value(match: re.Match[str]) -> str:
        table, _, name = match[1].partition(".")
        if table != _TABLE or name not in Instance.model_fields:
            known = ", ".join(f"${{{_TABLE}.{field}}}" for field in Instance.model_fields)
            raise InstanceError(f"unknown placeholder {match[0]}; known: {known}")
        return str(getattr(instance, name))

    return _PLACEHOLDER.sub(value, text)

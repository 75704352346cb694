"""What an artefact is made from: a version of a contract, and the hub on which it is used."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from base.instance import Instance
from base.titles import human
from schemas.contract import Contract, Field, Sensitivity

FREQUENCIES: Final = {"Y": "tahun", "M": "bulan", "W": "pekan", "D": "hari", "TH": "jam", "TM": "menit"}
_DURATION: Final = re.compile(r"P(T?)([0-9]+)([YMWDH])")


@dataclass(frozen=True, slots=True)
class Hub:
    """Whose hub it is, and where it answers. The defaults are names that lead nowhere (RFC 2606)."""

    instance: Instance
    url: str = "https://simpul.example"
    registry_url: str = "https://registri.simpul.example"
    bootstrap: str = "kafka.simpul.example:9093"


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a contract. The same edition always gives the same bytes."""

    contract: Contract
    hub: Hub
    version: int = 1  # in the registry

    @property
    def title(self) -> str:
        """ "Peserta didik (Dinas Pendidikan)"."""
        agency = self.hub.instance.agencies.get(self.contract.opd)
        return f"{human(self.contract.document)} ({agency.nama if agency else self.contract.opd})"

    @property
    def agency(self) -> str:
        """The full name of the agency; its code where the instance does not have it."""
        found = self.hub.instance.agencies.get(self.contract.opd)
        return found.nama if found else self.contract.opd

    @property
    def guardian(self) -> str:
        """The office that guards data here (Walidata)."""
        here = self.hub.instance
        return here.agencies[here.sop.walidata].nama


def is_masked(field: Field) -> bool:
    """Whether a reader without a look of its own meets the field covered or not at all."""
    return field.specific or field.sensitivity is Sensitivity.PRIBADI


def deprecation(contract: Contract, field: Field) -> dict[str, str] | None:
    """`deprecated` of a field, None where it stays."""
    raw = next(each for each in contract.schema["fields"] if each["name"] == field.name)
    found: dict[str, str] | None = raw.get("deprecated")
    return found


def duration(iso: str) -> tuple[int, str]:
    """An ISO 8601 duration of one unit: "P7D" → (7, "hari")."""
    match = _DURATION.fullmatch(iso)
    if match is None:
        raise ValueError(f"{iso!r} is no ISO 8601 duration of one unit")
    return int(match[2]), FREQUENCIES[match[1] + match[3]]


def promise(iso: str) -> str:
    """The update promise in words: "setiap 1 hari kerja"."""
    count, unit = duration(iso)
    return f"setiap {count} hari kerja" if (count, unit) == (1, "hari") else f"setiap {count} {unit}"


def json_bytes(content: Any) -> bytes:
    """JSON as these files have it: UTF-8, indented, in the order in which it was made."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()

"""What a source has on Kafka in each state of its life. Pure: a table, and who signs in for an agency."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from hub_db.sources import SourceState
from schemas.contract import Contract
from schemas.names import OpdCode


class Opening(Enum):
    """What may be open for a source."""

    SANDBOX = "sandbox"  # the topics uji.…, which the agency may write
    TOPICS = "topics"  # the topics of production
    SENDING = "sending"  # the agency may write its document
    RETURNS = "returns"  # the agency may read what is returned to it
    READING = "reading"  # readers with a grant may read the entity


_IN_PRODUCTION = frozenset({Opening.SANDBOX, Opening.TOPICS, Opening.RETURNS})
OPEN_IN: Mapping[SourceState, frozenset[Opening]] = MappingProxyType(
    {
        SourceState.UJI: frozenset({Opening.SANDBOX}),
        SourceState.PRATINJAU: _IN_PRODUCTION | {Opening.SENDING},
        SourceState.AKTIF: _IN_PRODUCTION | {Opening.SENDING, Opening.READING},
        SourceState.DITANGGUHKAN: _IN_PRODUCTION | {Opening.READING},
        SourceState.DITARIK: frozenset(),
    }
)


@dataclass(frozen=True)
class Source:
    """A document and the state in which its source is."""

    contract: Contract
    state: SourceState = SourceState.AKTIF

    def has(self, opening: Opening) -> bool:
        return opening in OPEN_IN[self.state]


@dataclass(frozen=True, slots=True, order=True)
class System:
    """A program of an agency that signs in under a name of its own. Switched off, it has no rights."""

    opd: OpdCode
    code: str
    active: bool = True

    @property
    def principal(self) -> str:
        return system_principal(self.opd, self.code)


def system_principal(opd: OpdCode, code: str) -> str:
    """The name under which a system of an agency signs in to Kafka: no code of either has a dot."""
    _must_be_a_code(opd)
    return f"{opd}.{code}"


def opd_principal(opd: OpdCode) -> str:
    """The name under which the hub itself sends for an agency of its seed; its password is among the hub's own."""
    _must_be_a_code(opd)
    return f"opd-{opd}"


def members(seeded: Iterable[OpdCode], systems: Iterable[System]) -> dict[OpdCode, set[str]]:
    """Everybody who signs in for each agency."""
    found: dict[OpdCode, set[str]] = {}
    for opd in seeded:
        found.setdefault(opd, set()).add(opd_principal(opd))
    for system in systems:
        found.setdefault(system.opd, set()).add(system.principal)
    return found


def _must_be_a_code(opd: OpdCode) -> None:
    if not opd.isalnum() or not opd.isascii():
        raise ValueError(f"{opd!r} is no OPD code: its rights could reach another OPD's topics")

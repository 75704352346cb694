"""Who commands: a person with the offices held, or the system. Roles are the codes of identity/permissions.py."""

from dataclasses import dataclass
from datetime import date
from typing import Final

OPD_ADMIN: Final = "opd_admin"
OPD_PROGRAMMER: Final = "opd_programmer"
TIM_TEKNIS: Final = "tim_teknis"
PEJABAT_PENGAWAS: Final = "pejabat_pengawas"
KABID_APTIKA: Final = "kabid_aptika"
OPERATOR: Final = "operator"
ROLES_OF_THE_OPD: Final = frozenset({OPD_ADMIN, OPD_PROGRAMMER})
OFFICERS: Final = frozenset({TIM_TEKNIS, PEJABAT_PENGAWAS, KABID_APTIKA})  # of the Walidata, who carry a case


@dataclass(frozen=True, slots=True)
class Office:
    """A role held in an agency from a day to a day; a delegate (Plt., Plh.) holds it by a letter."""

    role: str
    unit: str
    from_on: date
    until_on: date | None = None
    acting: str | None = None
    letter: str | None = None

    def in_force(self, on: date) -> bool:
        """Whether it may be used on this day, the first and the last included."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person by login name, with every office that was given, in force or not."""

    name: str
    offices: tuple[Office, ...]

    @property
    def is_system(self) -> bool:
        """Whether no person acts."""
        return self == SYSTEM


SYSTEM: Final = Actor("system", ())

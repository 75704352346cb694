"""Which cases a list is about: what pages and programs filter by, for the boards and for cases that they lack. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sop.case import Case
from sop.events import CaseState


class Reach(Protocol):
    """Whose cases are shown (`identity.principals.Scope`)."""

    @property
    def everywhere(self) -> bool: ...

    @property
    def opds(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Sought:
    """What a case must be; None = whatever it is. Due dates are those of the open stage."""

    opd: str | None = None
    holder: str | None = None
    due_from: date | None = None
    due_until: date | None = None
    year: int | None = None  # in which it was submitted
    states: frozenset[CaseState] | None = None
    numbers: frozenset[str] | None = None

    def fits(self, case: Case) -> bool:
        """Whether the case is one of them."""
        due = case.current.due if case.current else None
        return (
            self.opd in (None, case.opd)
            and self.holder in (None, case.holder)
            and (self.due_from is None or (due is not None and due >= self.due_from))
            and (self.due_until is None or (due is not None and due <= self.due_until))
            and (self.year is None or (case.submitted_on is not None and case.submitted_on.year == self.year))
            and (self.states is None or case.state in self.states)
            and (self.numbers is None or case.number in self.numbers)
        )

    def values(self) -> Mapping[str, Any]:
        """The same for statements of `sql/boards.sql`."""
        return {
            "opd": self.opd,
            "holder": self.holder,
            "due_from": self.due_from,
            "due_until": self.due_until,
            "year": self.year,
            "states": None if self.states is None else sorted(self.states),
            "numbers": None if self.numbers is None else sorted(self.numbers),
        }


ANY = Sought()


def of_reach(reach: Reach) -> Mapping[str, Any]:
    """Whose cases, for statements."""
    return {"everywhere": reach.everywhere, "opds": sorted(reach.opds)}

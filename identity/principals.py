"""Who asks: a person with the roles in force now, or a program with a service token."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from identity.permissions import TABLE, Permission, Reach, Role

Acting = Literal["Plt.", "Plh."]  # delegate until an office is filled; delegate for the days of an absence


@dataclass(frozen=True, slots=True)
class Appointment:
    """A role held in an OPD, here only while it is in force."""

    role: Role
    opd: str  # code of the OPD
    acting: Acting | None = None
    until: date | None = None  # last day; None = until it is ended


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows a permission covers, for the query: `%(everywhere)s or opd = any(%(opds)s)`."""

    everywhere: bool
    opds: frozenset[str]

    def covers(self, opd: str) -> bool:
        return self.everywhere or opd in self.opds

    @property
    def is_empty(self) -> bool:
        return not self.everywhere and not self.opds


class Caller(Protocol):
    """What pages and the REST interface ask of whoever calls."""

    def may(self, permission: Permission, opd: str | None = None) -> bool: ...

    def scope(self, permission: Permission) -> Scope: ...


@dataclass(frozen=True, slots=True)
class Principal:
    """A person who has signed in. Made anew for each request, so that a change of roles holds at once."""

    person_id: int
    name: str  # login name
    shown_name: str
    roles: tuple[Appointment, ...]

    def may(self, permission: Permission, opd: str | None = None) -> bool:
        """Whether the person may do this to what belongs to `opd`; without it: to anything at all.

        Without an OPD it opens the page; which rows stand on it is for `scope` to say. What belongs to no OPD and
        concerns all of them asks `scope(permission).everywhere`.
        """
        found = self.scope(permission)
        return not found.is_empty if opd is None else found.covers(opd)

    def scope(self, permission: Permission) -> Scope:
        """Whose rows the permission covers."""
        reaches = [(TABLE[each.role][permission], each.opd) for each in self.roles]
        return Scope(
            any(found is Reach.ALL for found, _ in reaches),
            frozenset(opd for found, opd in reaches if found is Reach.OWN),
        )

    @property
    def opds(self) -> frozenset[str]:
        """The OPDs in which the person holds any role."""
        return frozenset(each.opd for each in self.roles)

    def acting_as(self, permission: Permission, opd: str | None = None) -> Appointment | None:
        """The appointment by which the person may do this, the one with the narrowest reach first; for the audit."""
        fitting = [
            each
            for each in self.roles
            if (found := TABLE[each.role][permission]) is Reach.ALL or (found is Reach.OWN and opd in (None, each.opd))
        ]
        return min(fitting, key=lambda each: TABLE[each.role][permission].value, default=None)


@dataclass(frozen=True, slots=True)
class TokenPrincipal:
    """A program with a service token: of one system of one OPD, for some documents and permissions."""

    token_id: int
    opd: str
    system: str
    documents: frozenset[str] | None  # names of the OPD's documents; None = all that it has or will have
    permissions: frozenset[Permission]

    def may(self, permission: Permission, opd: str | None = None) -> bool:
        """Whether the token is for this act and this OPD; which documents, `covers` says."""
        return permission in self.permissions and opd in (None, self.opd)

    def scope(self, permission: Permission) -> Scope:
        """Never more than the OPD of the token."""
        return Scope(everywhere=False, opds=frozenset({self.opd}) if permission in self.permissions else frozenset())

    def covers(self, document: str) -> bool:
        return self.documents is None or document in self.documents

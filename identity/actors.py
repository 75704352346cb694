"""Who does an act that the audit tells of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from psycopg import Connection
from psycopg.rows import TupleRow

from identity.acts import Act
from identity.audit import ActorKind, AuditEntry, Json, record
from identity.permissions import Permission, Role
from identity.principals import Principal, TokenPrincipal


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program, a process of the hub, or the system's user who runs a command."""

    name: str
    kind: ActorKind
    role: Role | None = None
    opd: str | None = None

    @classmethod
    def person(cls, principal: Principal, permission: Permission, opd: str | None = None) -> Self:
        """The person in the role by which the act was allowed."""
        held = principal.acting_as(permission, opd)
        if held is None:
            return cls(principal.name, "person")
        return cls(principal.name, "person", held.role, held.opd)

    @classmethod
    def program(cls, principal: TokenPrincipal) -> Self:
        """A program of an OPD, with its service token."""
        return cls(f"token:{principal.token_id}", "token", None, principal.opd)

    @classmethod
    def owner(cls, name: str) -> Self:
        """Somebody who acts on his own account."""
        return cls(name, "person")

    @classmethod
    def command(cls, user: str) -> Self:
        """The system's user who runs a command on the hub's machine."""
        return cls(user, "command")

    @classmethod
    def process(cls, name: str) -> Self:
        """A process of the hub."""
        return cls(name, "system")


def note(
    conn: Connection[TupleRow],
    by: Actor,
    act: Act,
    subject: str | None,
    *,
    now: datetime,
    opd: str | None = None,
    **details: Json,
) -> None:
    """Write the audit entry of an act, in the act's own transaction. `opd`: the OPD that it is about."""
    record(
        conn,
        AuditEntry(
            actor=by.name,
            actor_kind=by.kind,
            role=by.role,
            opd=opd or by.opd,
            act=act,
            subject=subject,
            details=details,
            at=now,
        ),
    )

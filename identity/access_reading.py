"""Requests for access as they stand: who asks for what, what happened to it, what still lacks, whose desk has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from hub_db.statements import load
from identity.access_states import UNDECIDED, Side, State, Step, deciding
from identity.errors import NotAllowed, Unknown
from identity.grants import WantedGrant, agreement, agreement_faults, end_of, is_population_data
from identity.permissions import TABLE, Permission, Reach
from identity.principals import Appointment, Principal, Scope
from schemas.contract import Contract
from schemas.names import EntityName, FieldName

SQL = load("identity", "sql/access_requests.sql")


@dataclass(frozen=True, slots=True)
class WantedAccess:
    """What a reader asks for."""

    reader: str
    fields: tuple[str, ...]
    purpose: str
    legal_basis: str
    starts: date
    until: date  # last day
    agreement: str | None = None  # number of the PKS
    specific_basis: str | None = None

    def grant(self, zone: tzinfo, now: datetime) -> WantedGrant:
        """What is granted; it holds at once where the first day is not to come."""
        first = datetime.combine(self.starts, time(), tzinfo=zone)
        return WantedGrant(
            self.reader, self.fields, self.purpose, self.legal_basis, self.until, self.agreement, self.specific_basis,
            first if first > now else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request as it stands."""

    id: int
    reader: str
    owner: str
    document: str  # "disdukcapil.penduduk"
    entity: EntityName
    fields: list[FieldName]
    purpose: str
    legal_basis: str
    specific_basis: str | None
    agreement: str | None
    starts: date
    until: date
    asked_by: str
    asked_at: datetime
    state: State
    grant_id: int | None

    @property
    def wanted(self) -> WantedAccess:
        return WantedAccess(
            self.reader, tuple(self.fields), self.purpose, self.legal_basis, self.starts, self.until, self.agreement,
            self.specific_basis,
        )  # fmt: skip

    @property
    def undecided(self) -> bool:
        return self.state in UNDECIDED

    def concerns(self, scope: Scope) -> bool:
        """Whether the reader or the owner is within the scope."""
        return scope.covers(self.reader) or scope.covers(self.owner)


@dataclass(frozen=True, slots=True)
class Happened:
    """One step of a request."""

    step: Step
    at: datetime
    actor: str
    role: str | None
    opd: str | None
    reason: str


def missing(
    conn: Connection[TupleRow], contract: Contract, wanted: WantedAccess, *, zone: tzinfo, now: datetime
) -> list[str]:
    """What still stands against granting it, each a sentence; it may be asked for all the same."""
    try:
        ends_at = end_of(wanted.until, zone, now)
    except NotAllowed:
        return [f"Masa yang diminta sudah lewat (sampai {wanted.until})."]
    if wanted.agreement is None:
        fault = f"Data kependudukan ({contract.name}) hanya dibuka dengan PKS; nomornya belum disebut."
        return [fault] if is_population_data(contract) else []
    try:
        held = agreement(conn, wanted.agreement)
    except Unknown as refusal:
        return [str(refusal)]
    elements = [f"{contract.entity}.{name}" for name in wanted.fields]
    return list(agreement_faults(held, wanted.reader, elements, ends_at, now))


def desk_of(principal: Principal, request: AccessRequest) -> Appointment | None:
    """The appointment by which a person decides this request now; None where it is not this person's to decide.

    The owner's desk is held by a role of the owner's own, the Walidata's by one that reaches over all.
    """
    reaches = {Side.OWNER: Reach.OWN, Side.WALIDATA: Reach.ALL}
    side = deciding(request.state)
    for each in principal.roles:
        found = TABLE[each.role][Permission.DECIDE_ACCESS]
        if side and found is reaches[side] and (side is Side.WALIDATA or each.opd == request.owner):
            return each
    return None


def requests(conn: Connection[TupleRow], scope: Scope) -> list[AccessRequest]:
    """The requests whose reader or owner is within the scope, newest first."""
    values = {"everywhere": scope.everywhere, "opds": sorted(scope.opds)}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_read(row) for row in cursor.execute(SQL["requests"], values)]


def find(conn: Connection[TupleRow], number: int) -> AccessRequest:
    """Raises Unknown."""
    return one_by(conn, "request", number)


def steps(conn: Connection[TupleRow], number: int) -> list[Happened]:
    """What happened to a request, in order."""
    found = conn.execute(SQL["steps"], {"request": number})
    return [Happened(Step(act), at, actor, role, opd, reason) for act, at, actor, role, opd, reason in found]


def one_by(conn: Connection[TupleRow], statement: str, number: int) -> AccessRequest:
    """One request by a named statement; `claim` holds it until the transaction ends. Raises Unknown."""
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(SQL[statement], {"id": number}).fetchone()
    if found is None:
        raise Unknown(f"Permohonan akses {number} tidak ada.")
    return _read(found)


def _read(row: Mapping[str, Any]) -> AccessRequest:
    return AccessRequest(**{**row, "state": State(row["state"])})

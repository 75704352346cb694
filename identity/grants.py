"""Grants: what an OPD may read of an entity beyond the mask, what for, on which basis, and until when.

Individual population data need a PKS besides (Permendagri 102/2019 jo. 17/2023): a grant names it, stays within its
elements and its time, and is over when the PKS is. Whether a grant holds is asked anew at each query.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from psycopg import Connection
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from psycopg.rows import TupleRow, class_row

from hub_db.statements import load
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import NotAllowed, Taken, Unknown
from identity.principals import Scope
from schemas.contract import Contract
from schemas.names import EntityName, FieldName

SQL = load("identity", "sql/grants.sql")
CIVIL_REGISTRY: Final = "disdukcapil"  # the OPD whose documents are population data
POPULATION: Final = frozenset({"penduduk", "kartu_keluarga", "kelahiran", "kematian", "pindah"})
SHORTEST_PURPOSE: Final = 20  # characters
SHORTEST_BASIS: Final = 5
SHORTEST_REASON: Final = 10


@dataclass(frozen=True, slots=True)
class Agreement:
    """A PKS."""

    number: str
    reader: str
    elements: list[str]  # "<entity>.<field>"
    purpose: str
    until: date  # last day
    ends_at: datetime  # the end of that day here
    added_by: str
    added_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_reason: str | None = None

    def holds(self, at: datetime) -> bool:
        return at < self.ends_at and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as it stands. `ends_at` is also the end of its PKS, whichever comes first."""

    id: int
    reader: str
    entity: EntityName
    fields: list[FieldName]
    purpose: str
    legal_basis: str
    specific_basis: str | None
    agreement: str | None
    until: date
    ends_at: datetime
    granted_by: str
    granted_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_reason: str | None = None
    starts_at: datetime | None = None  # None = from the moment it was given

    def holds(self, at: datetime) -> bool:
        return not self.is_over(at) and (self.starts_at is None or self.starts_at <= at)

    def is_over(self, at: datetime) -> bool:
        return self.revoked_at is not None or self.ends_at <= at


@dataclass(frozen=True, slots=True)
class WantedAgreement:
    """A PKS that is to be entered."""

    number: str
    reader: str
    elements: tuple[str, ...]
    purpose: str
    until: date


@dataclass(frozen=True, slots=True)
class WantedGrant:
    """A grant that is to be given."""

    reader: str
    fields: tuple[str, ...]
    purpose: str
    legal_basis: str
    until: date
    agreement: str | None = None  # number of the PKS
    specific_basis: str | None = None  # on which basis `specific` fields may be read
    starts_at: datetime | None = None  # None = at once


def is_population_data(contract: Contract) -> bool:
    """Whether the document holds individual population data, for which the law asks a PKS."""
    return contract.opd == CIVIL_REGISTRY or contract.entity in POPULATION


def add_agreement(
    conn: Connection[TupleRow], wanted: WantedAgreement, *, by: Actor, zone: tzinfo, now: datetime
) -> Agreement:
    """Enter a PKS. Raises NotAllowed, Taken, Unknown."""
    _long_enough("Nomor PKS", wanted.number, SHORTEST_BASIS)
    _long_enough("Tujuan", wanted.purpose, SHORTEST_PURPOSE)
    if not wanted.elements or any(element.count(".") != 1 for element in wanted.elements):
        raise NotAllowed("Elemen data PKS ditulis sebagai entitas.kolom, misalnya penduduk.nama; paling sedikit satu.")
    values = {
        "number": wanted.number.strip(),
        "reader": wanted.reader,
        "elements": sorted(set(wanted.elements)),
        "purpose": wanted.purpose.strip(),
        "until": wanted.until,
        "ends_at": end_of(wanted.until, zone, now),
        "by": by.name,
        "now": now,
    }
    try:
        conn.execute(SQL["add_agreement"], values)
    except UniqueViolation:
        raise Taken(f"PKS {wanted.number} sudah tercatat.") from None
    except ForeignKeyViolation:
        raise Unknown(f"OPD {wanted.reader} tidak dikenal.") from None
    note(
        conn, by, Act.AGREEMENT_ADD, f"agreement:{values['number']}", now=now, opd=wanted.reader,
        elements=sorted(set(wanted.elements)), until=wanted.until.isoformat(),
    )  # fmt: skip
    return agreement(conn, wanted.number.strip())


def end_agreement(conn: Connection[TupleRow], number: str, *, by: Actor, reason: str, now: datetime) -> int:
    """End a PKS before its time; how many grants end with it. Raises NotAllowed, Unknown."""
    _long_enough("Alasan", reason, SHORTEST_REASON)
    values = {"number": number, "by": by.name, "reason": reason.strip(), "now": now}
    if conn.execute(SQL["end_agreement"], values).fetchone() is None:
        raise Unknown(f"PKS {number} tidak tercatat, atau sudah berakhir.")
    ending = conn.execute(SQL["grants_of_agreement"], {"number": number}).fetchone()
    count = int(ending[0]) if ending else 0
    note(conn, by, Act.AGREEMENT_END, f"agreement:{number}", now=now, reason=reason.strip(), grants=count)
    return count


def add_grant(
    conn: Connection[TupleRow], contract: Contract, wanted: WantedGrant, *, by: Actor, zone: tzinfo, now: datetime
) -> Grant:
    """Give a grant on the contract's entity. Raises NotAllowed with the rule that forbids it, Unknown."""
    fields = known_fields(contract, wanted)
    ends_at = end_of(wanted.until, zone, now)
    _check_basis(conn, contract, wanted, fields, ends_at, now)
    values = {
        "reader": wanted.reader,
        "entity": contract.entity,
        "fields": fields,
        "purpose": wanted.purpose.strip(),
        "legal_basis": wanted.legal_basis.strip(),
        "specific_basis": (wanted.specific_basis or "").strip() or None,
        "agreement": wanted.agreement,
        "until": wanted.until,
        "ends_at": ends_at,
        "starts_at": wanted.starts_at,
        "by": by.name,
        "now": now,
    }
    try:
        row = conn.execute(SQL["add_grant"], values).fetchone()
    except ForeignKeyViolation:
        raise Unknown(f"OPD {wanted.reader} tidak dikenal.") from None
    number = int(row[0]) if row else 0
    note(
        conn, by, Act.GRANT_ADD, f"grant:{number}", now=now, opd=wanted.reader,
        entity=contract.entity, owner=contract.opd, fields=list(fields), agreement=wanted.agreement,
        until=wanted.until.isoformat(), purpose=wanted.purpose.strip(),
    )  # fmt: skip
    return next(each for each in all_grants(conn, Scope(everywhere=True, opds=frozenset())) if each.id == number)


def revoke_grant(conn: Connection[TupleRow], grant_id: int, *, by: Actor, reason: str, now: datetime) -> None:
    """Take a grant back, from the next query on. Raises NotAllowed, Unknown."""
    _long_enough("Alasan", reason, SHORTEST_REASON)
    values = {"id": grant_id, "by": by.name, "reason": reason.strip(), "now": now}
    row = conn.execute(SQL["revoke_grant"], values).fetchone()
    if row is None:
        raise Unknown(f"Hak Akses {grant_id} tidak ada, atau sudah dicabut.")
    note(conn, by, Act.GRANT_REVOKE, f"grant:{grant_id}", now=now, opd=row[0], entity=row[1], reason=reason.strip())


def grants_of(conn: Connection[TupleRow], reader_opd: str, *, on: datetime) -> list[Grant]:
    """The grants of an OPD that hold at a moment, oldest first."""
    return _in_force(conn, [reader_opd], on)


def granted_fields(
    conn: Connection[TupleRow], opds: Iterable[str], *, on: datetime
) -> dict[EntityName, frozenset[FieldName]]:
    """What the grants of some OPDs name, by entity: for `masking.viewer_of`."""
    found: dict[EntityName, frozenset[FieldName]] = {}
    for each in _in_force(conn, list(opds), on):
        found[each.entity] = found.get(each.entity, frozenset()) | frozenset(each.fields)
    return found


def all_grants(conn: Connection[TupleRow], scope: Scope) -> list[Grant]:
    """Every grant of the readers within the scope, in force or not, newest first."""
    with conn.cursor(row_factory=class_row(Grant)) as cursor:
        return cursor.execute(SQL["grants"], _within(scope)).fetchall()


def agreements(conn: Connection[TupleRow], scope: Scope) -> list[Agreement]:
    """Every PKS of the readers within the scope, the next to end first."""
    with conn.cursor(row_factory=class_row(Agreement)) as cursor:
        return cursor.execute(SQL["agreements"], _within(scope)).fetchall()


def agreement(conn: Connection[TupleRow], number: str) -> Agreement:
    """One PKS. Raises Unknown."""
    with conn.cursor(row_factory=class_row(Agreement)) as cursor:
        found = cursor.execute(SQL["agreement"], {"number": number}).fetchone()
    if found is None:
        raise Unknown(f"PKS {number} belum tercatat.")
    return found


def _in_force(conn: Connection[TupleRow], opds: list[str], on: datetime) -> list[Grant]:
    with conn.cursor(row_factory=class_row(Grant)) as cursor:
        return cursor.execute(SQL["grants_in_force"], {"opds": opds, "on": on}).fetchall()


def _within(scope: Scope) -> Mapping[str, object]:
    return {"everywhere": scope.everywhere, "opds": sorted(scope.opds)}


def known_fields(contract: Contract, wanted: WantedGrant) -> list[FieldName]:
    unknown = sorted(set(wanted.fields) - set(contract.by_name))
    if unknown:
        raise NotAllowed(f"Kolom {', '.join(unknown)} tidak ada dalam kontrak {contract.name}.")
    fields = [name for name in contract.by_name if name in wanted.fields]
    if not fields:
        raise NotAllowed("Hak Akses menyebut kolom; mohon pilih paling sedikit satu.")
    return fields


def _check_basis(
    conn: Connection[TupleRow],
    contract: Contract,
    wanted: WantedGrant,
    fields: Iterable[FieldName],
    ends_at: datetime,
    now: datetime,
) -> None:
    _long_enough("Tujuan", wanted.purpose, SHORTEST_PURPOSE)
    _long_enough("Dasar hukum", wanted.legal_basis, SHORTEST_BASIS)
    specific = [name for name in fields if contract.by_name[name].specific]
    if specific and len((wanted.specific_basis or "").strip()) < SHORTEST_BASIS:
        raise NotAllowed(f"Kolom {', '.join(specific)} adalah data spesifik: mohon sebutkan dasar pemrosesannya.")
    if wanted.agreement is None:
        if is_population_data(contract):
            raise NotAllowed(f"Data kependudukan ({contract.name}) hanya dibuka dengan PKS: mohon sebutkan nomornya.")
        return
    elements = [f"{contract.entity}.{name}" for name in fields]
    for fault in agreement_faults(agreement(conn, wanted.agreement), wanted.reader, elements, ends_at, now):
        raise NotAllowed(fault)


def agreement_faults(
    held: Agreement, reader: str, elements: Iterable[str], ends_at: datetime, now: datetime
) -> Iterator[str]:
    """Why a grant cannot stand on a PKS."""
    outside = [element for element in elements if element not in held.elements]
    if held.reader != reader:
        yield f"PKS {held.number} bukan dengan OPD {reader}."
    if not held.holds(now):
        yield f"PKS {held.number} sudah berakhir."
    if ends_at > held.ends_at:
        yield f"PKS {held.number} berakhir pada {held.until}; Hak Akses tidak dapat lebih lama."
    if outside:
        yield f"PKS {held.number} tidak memuat {', '.join(outside)}."


def _long_enough(what: str, text: str, shortest: int) -> None:
    if len(text.strip()) < shortest or "\0" in text:
        raise NotAllowed(f"{what} paling sedikit {shortest} huruf.")


def end_of(day: date, zone: tzinfo, now: datetime) -> datetime:
    """The end of a day here. Raises NotAllowed for one that is over."""
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    if end <= now:
        raise NotAllowed(f"Tanggal {day} sudah lewat.")
    return end

"""Requests for access: a reader asks for fields of a document, its owner and then the Walidata decide, a grant follows.

Each act is one step of `identity/access_states.py`, one entry of the audit and one fact, in the caller's transaction.
Population data without a PKS may be asked for, as the PKS often comes later; granted they are not.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.facts import Fact, report
from hub_db.facts import Json as FactJson
from hub_db.statements import load
from identity.access_reading import AccessRequest, WantedAccess, find, missing, one_by, steps
from identity.access_states import STATE_TITLES, Side, State, Step, after, agreeing, deciding, may_decide_too
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import NotAllowed
from identity.grants import SHORTEST_BASIS, SHORTEST_PURPOSE, add_grant, end_of, known_fields
from identity.opds import find_opd
from schemas.contract import Contract
from schemas.names import FieldName

SQL = load("identity", "sql/access_requests.sql")
SHORTEST_REASON: Final = 20  # characters of a decision
SOURCE: Final = "/simpul/access"
_ACTS: Mapping[Step, tuple[Act, str | None]] = {
    Step.ASK: (Act.ACCESS_ASK, "access.requested"),
    Step.NAME_AGREEMENT: (Act.ACCESS_NAME_AGREEMENT, None),
    Step.AGREE: (Act.ACCESS_AGREE, "access.agreed"),
    Step.DECIDE: (Act.ACCESS_DECIDE, "access.decided"),
    Step.GRANT: (Act.ACCESS_GRANT, "access.granted"),
    Step.REFUSE: (Act.ACCESS_REFUSE, "access.refused"),
    Step.WITHDRAW: (Act.ACCESS_WITHDRAW, "access.withdrawn"),
}


def ask(
    conn: Connection[TupleRow], contract: Contract, wanted: WantedAccess, *, by: Actor, zone: tzinfo, now: datetime
) -> AccessRequest:
    """File a request. Raises NotAllowed with what is to be mended, Unknown for an OPD that is not there."""
    fields = known_fields(contract, wanted.grant(zone, now))
    _must_be_askable(conn, contract, wanted, fields, zone, now)
    values = {
        "reader": wanted.reader,
        "owner": contract.opd,
        "document": contract.name,
        "entity": contract.entity,
        "fields": fields,
        "purpose": wanted.purpose.strip(),
        "legal_basis": wanted.legal_basis.strip(),
        "specific_basis": (wanted.specific_basis or "").strip() or None,
        "agreement": (wanted.agreement or "").strip() or None,
        "starts": wanted.starts,
        "until": wanted.until,
        "asked_by": by.name,
        "asked_at": now,
        "state": State.ASKED.value,
    }
    row = conn.execute(SQL["ask"], values).fetchone()
    if row is None:
        raise RuntimeError("an insert gave no number")
    request = find(conn, int(row[0]))
    _enter(conn, request, Step.ASK, by, now, "")
    return request


def name_agreement(
    conn: Connection[TupleRow], number: int, agreement_number: str, *, by: Actor, now: datetime
) -> AccessRequest:
    """Say on which PKS a request stands, while nothing is decided finally. Raises NotAllowed, Unknown."""
    request = _claim(conn, number, Step.NAME_AGREEMENT)
    if len(agreement_number.strip()) < SHORTEST_BASIS:
        raise NotAllowed(f"Nomor PKS paling sedikit {SHORTEST_BASIS} huruf.")
    conn.execute(SQL["name_agreement"], {"id": number, "agreement": agreement_number.strip()})
    _enter(conn, request, Step.NAME_AGREEMENT, by, now, agreement_number.strip())
    return find(conn, number)


def agree(
    conn: Connection[TupleRow],
    contract: Contract,
    number: int,
    *,
    side: Side,
    by: Actor,
    reason: str,
    zone: tzinfo,
    now: datetime,
) -> AccessRequest:
    """Say yes for an office; the Walidata's yes gives the grant in the same transaction.

    Raises NotAllowed: not this office's turn, too short a reason, the asker or one who has decided already, or a grant
    that the law forbids; Unknown.
    """
    request = _claimed_for(conn, number, side, by, reason)
    step = agreeing(request.state)
    _enter(conn, request, step, by, now, reason)
    if step is Step.DECIDE:
        for fault in missing(conn, contract, request.wanted, zone=zone, now=now):
            raise NotAllowed(f"Belum dapat diberikan: {fault}")
        given = add_grant(conn, contract, request.wanted.grant(zone, now), by=by, zone=zone, now=now)
        conn.execute(SQL["move"], {"id": number, "state": State.GRANTED.value, "grant": given.id})
        _enter(conn, request, Step.GRANT, by, now, "", grant=given.id)
    else:
        conn.execute(SQL["move"], {"id": number, "state": State.AGREED.value, "grant": None})
    return find(conn, number)


def refuse(
    conn: Connection[TupleRow], number: int, *, side: Side, by: Actor, reason: str, now: datetime
) -> AccessRequest:
    """Say no for an office. Raises NotAllowed, Unknown."""
    request = _claimed_for(conn, number, side, by, reason)
    conn.execute(SQL["move"], {"id": number, "state": State.REFUSED.value, "grant": None})
    _enter(conn, request, Step.REFUSE, by, now, reason)
    return find(conn, number)


def withdraw(conn: Connection[TupleRow], number: int, *, by: Actor, now: datetime) -> AccessRequest:
    """Take a request back, for the reader. Raises NotAllowed once it is decided, Unknown."""
    request = _claim(conn, number, Step.WITHDRAW)
    conn.execute(SQL["move"], {"id": number, "state": State.WITHDRAWN.value, "grant": None})
    _enter(conn, request, Step.WITHDRAW, by, now, "")
    return find(conn, number)


def _claim(conn: Connection[TupleRow], number: int, step: Step) -> AccessRequest:
    request = one_by(conn, "claim", number)
    if after(request.state, step) is None:
        raise NotAllowed(f"Permohonan akses {number} tidak dapat diubah lagi: {STATE_TITLES[request.state]}.")
    return request


def _claimed_for(conn: Connection[TupleRow], number: int, side: Side, by: Actor, reason: str) -> AccessRequest:
    request = _claim(conn, number, Step.REFUSE)
    if deciding(request.state) is not side:
        raise NotAllowed(f"Bukan giliran Anda: {STATE_TITLES[request.state].lower()}.")
    if len(reason.strip()) < SHORTEST_REASON or "\0" in reason:
        raise NotAllowed(f"Alasan paling sedikit {SHORTEST_REASON} huruf.")
    decided = [each.actor for each in steps(conn, number) if each.step is Step.AGREE]
    if not may_decide_too(by.name, request.asked_by, decided):
        raise NotAllowed("Yang mengajukan tidak memutuskan, dan satu orang tidak memutuskan di dua meja.")
    return request


def _must_be_askable(
    conn: Connection[TupleRow],
    contract: Contract,
    wanted: WantedAccess,
    fields: Sequence[FieldName],
    zone: tzinfo,
    now: datetime,
) -> None:
    specific = [name for name in fields if contract.by_name[name].specific]
    if not find_opd(conn, wanted.reader).active:
        raise NotAllowed(f"OPD {wanted.reader} tidak aktif.")
    find_opd(conn, contract.opd)
    if wanted.reader == contract.opd:
        raise NotAllowed(f"OPD {wanted.reader} memiliki dokumen ini dan tidak memerlukan Hak Akses atasnya.")
    if len(wanted.purpose.strip()) < SHORTEST_PURPOSE or "\0" in wanted.purpose:
        raise NotAllowed(f"Tujuan paling sedikit {SHORTEST_PURPOSE} huruf.")
    if len(wanted.legal_basis.strip()) < SHORTEST_BASIS or "\0" in wanted.legal_basis:
        raise NotAllowed(f"Dasar hukum paling sedikit {SHORTEST_BASIS} huruf.")
    if specific and len((wanted.specific_basis or "").strip()) < SHORTEST_BASIS:
        raise NotAllowed(f"Kolom {', '.join(specific)} adalah data spesifik: mohon sebutkan dasar pemrosesannya.")
    if wanted.until < wanted.starts:
        raise NotAllowed("Tanggal akhir lebih awal daripada tanggal mulai.")
    end_of(wanted.until, zone, now)


def _enter(
    conn: Connection[TupleRow],
    request: AccessRequest,
    step: Step,
    by: Actor,
    now: datetime,
    reason: str,
    grant: int | None = None,
) -> None:
    """A step of the request, an entry of the audit and a fact. What people typed stays out of the fact."""
    conn.execute(
        SQL["add_step"],
        {
            "request": request.id,
            "act": step.value,
            "at": now,
            "actor": by.name,
            "role": by.role,
            "opd": by.opd,
            "reason": reason.strip(),
        },
    )
    act, kind = _ACTS[step]
    about = {"reader": request.reader, "owner": request.owner, "fields": list(request.fields)}
    more = {} if grant is None else {"grant": grant}
    note(
        conn, by, act, f"access:{request.id}", now=now, opd=request.reader,
        document=request.document, reason=reason.strip() or None, **about, **more,
    )  # fmt: skip
    if kind is not None:
        data: Mapping[str, FactJson] = {
            "request": request.id, **about, "until": request.until.isoformat(), **more,
        }  # fmt: skip
        report(
            conn,
            Fact(
                kind, request.document, data,
                source=SOURCE, occurred_at=now, actor=by.name, role=by.role, unit=by.opd,
            ),
        )  # fmt: skip

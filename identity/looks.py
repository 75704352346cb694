"""Unmasked looks: values in the clear, for a role and a grant, with a purpose typed by the one who looks.

Two transactions. The first writes an entry of the audit for each row and commits; the second gets the values, which the
database tells for committed entries only. So whatever fails or is rolled back, nobody has seen what no entry tells of.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.errors import InsufficientPrivilege, InvalidParameterValue, NoDataFound
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from hub_db.connection import transaction
from hub_db.statements import load
from identity.actors import Actor
from identity.errors import NotAllowed, Unknown
from identity.grants import Grant
from identity.masking import Shown
from identity.permissions import Permission
from identity.principals import Caller
from identity.records import Record, read_values
from schemas.contract import Contract
from schemas.names import FieldName

SQL = load("identity", "sql/records.sql")
SHORTEST_PURPOSE: Final = 20  # characters
MOST_ROWS: Final = 100  # of one look
MASS_LOOK: Final = 50  # rows an hour; more are told to the auditor


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks, by which role, under which grant."""

    caller: Caller
    actor: Actor
    grant: Grant


@dataclass(frozen=True, slots=True)
class Look:
    """What was told. `entries`: the audit's entries, one for each row that was asked for."""

    records: tuple[Record, ...]
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MassLook:
    """Somebody who looked at unusually many rows."""

    actor: str
    actor_kind: str
    opd: str | None
    looks: int


def look_unmasked(
    conn: Connection[TupleRow],
    contract: Contract,
    looker: Looker,
    addresses: Sequence[str],
    *,
    purpose: str,
    fields: Collection[FieldName] | None = None,
) -> Look:
    """Open the granted fields (or some of them) of the rows at these addresses. `conn` is in no transaction.

    Raises NotAllowed: no permission, no valid grant, a purpose too short, none or too many rows; Unknown: no such row.
    """
    return _look(conn, contract, looker, addresses, purpose, fields, searched=False)


def search_unmasked(
    conn: Connection[TupleRow],
    contract: Contract,
    looker: Looker,
    keys: Sequence[str],
    *,
    purpose: str,
    fields: Collection[FieldName] | None = None,
) -> Look:
    """The same for keys that somebody typed, as a NIK: whether it is there is told by the audit too."""
    return _look(conn, contract, looker, keys, purpose, fields, searched=True)


def looks_since(conn: Connection[TupleRow], actor: str, since: datetime) -> int:
    """How many rows somebody has looked at, or searched for, since then."""
    row = conn.execute(SQL["looks_since"], {"actor": actor, "since": since}).fetchone()
    return int(row[0]) if row else 0


def mass_looks(conn: Connection[TupleRow], *, since: datetime, most: int = MASS_LOOK) -> list[MassLook]:
    """Who has looked at more than `most` rows since then: for the watch, once an hour and oftener."""
    return [MassLook(*row) for row in conn.execute(SQL["mass_looks"], {"since": since, "most": most})]


def _look(
    conn: Connection[TupleRow],
    contract: Contract,
    looker: Looker,
    addresses: Sequence[str],
    purpose: str,
    fields: Collection[FieldName] | None,
    *,
    searched: bool,
) -> Look:
    if conn.info.transaction_status is not TransactionStatus.IDLE:
        raise ValueError("a look commits its audit by itself: the connection must not be in a transaction")
    opened = _opened(contract, looker, fields)
    _check(looker, addresses, purpose)
    values = {
        "entity": contract.entity,
        "addresses": list(addresses),
        "searched": searched,
        "fields": opened,
        "grant": looker.grant.id,
        "purpose": purpose.strip(),
        "actor": looker.actor.name,
        "actor_kind": looker.actor.kind,
        "role": looker.actor.role,
        "opd": looker.grant.reader,
    }
    with transaction(conn):
        entries = _ask(conn, values)
    with transaction(conn):
        rows = conn.execute(SQL["tell"], {"entries": entries, "addresses": list(addresses)}).fetchall()
    how = dict.fromkeys(opened, Shown.OPEN)
    told = (Record(address, read_values(contract, raw, how), how) for address, _, raw in rows)
    return Look(tuple(told), tuple(entries))


def _ask(conn: Connection[TupleRow], values: dict[str, object]) -> list[int]:
    try:
        row = conn.execute(SQL["ask"], values).fetchone()
    except InsufficientPrivilege:
        raise NotAllowed("Hak Akses ini tidak berlaku lagi, atau tidak mencakup kolom yang diminta.") from None
    except NoDataFound:
        raise Unknown("Data yang diminta tidak ada.") from None
    except InvalidParameterValue:
        raise NotAllowed("Permintaan membuka data tidak lengkap.") from None
    return list(row[0]) if row else []


def _opened(contract: Contract, looker: Looker, fields: Collection[FieldName] | None) -> list[FieldName]:
    granted = [name for name in contract.by_name if name in looker.grant.fields]
    wanted = granted if fields is None else [name for name in contract.by_name if name in fields]
    outside = set(fields or ()) - set(granted)
    if looker.grant.entity != contract.entity or outside or not wanted:
        raise NotAllowed("Hak Akses ini tidak mencakup kolom yang diminta.")
    return wanted


def _check(looker: Looker, addresses: Sequence[str], purpose: str) -> None:
    if not looker.caller.may(Permission.UNMASK, looker.grant.reader):
        raise NotAllowed("Peran Anda tidak dapat membuka nilai yang disamarkan.")
    if len(purpose.strip()) < SHORTEST_PURPOSE:
        raise NotAllowed(f"Mohon tulis tujuan membuka data, paling sedikit {SHORTEST_PURPOSE} huruf.")
    if not 1 <= len(addresses) <= MOST_ROWS or any("\0" in address for address in addresses):
        raise NotAllowed(f"Sekali membuka data: 1 sampai {MOST_ROWS} baris.")

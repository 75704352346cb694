"""Values in the clear for a program: under a grant of its OPD, for a stated purpose. The audit tells of it before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from dashboard.database import lending, snapshot
from dashboard.record_reading import viewer
from dashboard.rest.problems import Problem
from dashboard.site import Site
from identity.actors import Actor
from identity.errors import NotAllowed, Unknown
from identity.grants import Grant, grants_of
from identity.looks import SHORTEST_PURPOSE, Looker, look_unmasked, search_unmasked
from identity.permissions import Permission
from identity.principals import TokenPrincipal
from identity.records import Record, records_of_persons
from schemas.contract import Contract
from schemas.names import FieldName

PURPOSE: Final = "Simpul-Purpose"  # the header in which a program states it
LONGEST_PURPOSE: Final = 500


def opened(
    site: Site,
    program: TokenPrincipal,
    contract: Contract,
    keys: Sequence[str],
    *,
    purpose: str,
    fields: Sequence[FieldName] | None,
    by_address: bool,
    now: datetime,
) -> list[Record]:
    """The rows with these keys (or at these addresses): what the grant names in the clear, the rest as it is shown.

    Raises Problem: no permission, no grant, a purpose too short.
    """
    grant = _grant(site, program, contract, fields, now)
    open_fields = [name for name in contract.by_name if name in grant.fields and (fields is None or name in fields)]
    look = look_unmasked if by_address else search_unmasked
    looker = Looker(program, Actor.program(program), grant)
    try:
        with lending(site.writers) as conn:
            told = look(conn, contract, looker, keys, purpose=purpose, fields=open_fields)
    except Unknown:
        return []
    except NotAllowed as refusal:
        raise Problem("hak-akses-tidak-ada", str(refusal)) from None
    with snapshot(site.pool) as conn:
        sees = viewer(conn, program, now)
        rest = records_of_persons(conn, contract, sees, [each.address for each in told.records], only=fields)
    return [_together(contract, clear, rest.get(clear.address)) for clear in told.records]


def opened_past(
    site: Site, program: TokenPrincipal, contract: Contract, key: str, *, purpose: str, by_address: bool, now: datetime
) -> tuple[int, frozenset[FieldName]]:
    """The audit's entry of a look at one row, by which its past may be told; and the fields that the grant opens.

    Raises Problem as `opened` does; also where the address is none.
    """
    grant = _grant(site, program, contract, None, now)
    fields = [name for name in contract.by_name if name in grant.fields]
    look = look_unmasked if by_address else search_unmasked
    looker = Looker(program, Actor.program(program), grant)
    try:
        with lending(site.writers) as conn:
            told = look(conn, contract, looker, [key], purpose=purpose, fields=fields)
    except Unknown:
        raise Problem("baris-tidak-ada") from None
    except NotAllowed as refusal:
        raise Problem("hak-akses-tidak-ada", str(refusal)) from None
    return told.entries[0], frozenset(fields)


def purpose_of(text: str | None) -> str:
    """The stated purpose. Raises Problem."""
    purpose = (text or "").strip()
    if not SHORTEST_PURPOSE <= len(purpose) <= LONGEST_PURPOSE or not purpose.isprintable():
        raise Problem(
            "tujuan-diperlukan",
            f"Header {PURPOSE} berisi tujuan pembukaan data, {SHORTEST_PURPOSE} sampai {LONGEST_PURPOSE} huruf.",
        )
    return purpose


def _grant(
    site: Site, program: TokenPrincipal, contract: Contract, fields: Sequence[FieldName] | None, now: datetime
) -> Grant:
    """The grant with the most of the wanted fields; of equal ones the oldest."""
    if not program.may(Permission.UNMASK):
        raise Problem("token-tanpa-hak", f"Token ini tidak diterbitkan untuk {Permission.UNMASK}.")
    with snapshot(site.pool) as conn:
        found = [each for each in grants_of(conn, program.opd, on=now) if each.entity == contract.entity]
    wanted = set(contract.by_name if fields is None else fields)
    best = max(found, key=lambda each: len(wanted & set(each.fields)), default=None)
    if best is None or not wanted & set(best.fields):
        raise Problem("hak-akses-tidak-ada", f"OPD {program.opd} tidak memiliki Hak Akses atas {contract.entity}.")
    return best


def _together(contract: Contract, clear: Record, masked: Record | None) -> Record:
    """The opened values over those that anybody of the OPD is shown."""
    if masked is None:
        return clear
    values, how = {**masked.values, **clear.values}, {**masked.shown, **clear.shown}
    return Record(clear.address, {name: values[name] for name in contract.by_name if name in values}, how)

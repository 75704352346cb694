"""What addresses of the reference API have in common: where they are, what they need, and which entity is asked for."""

from datetime import datetime
from typing import Annotated, Final, NoReturn

from fastapi import Path

from dashboard.rest.asked import LONGEST_KEY
from dashboard.rest.callers import TokenGuard
from dashboard.rest.problems import Problem
from dashboard.rest.states import State
from dashboard.site import Site
from identity.permissions import Permission
from identity.principals import TokenPrincipal
from schemas.contract import Contract
from schemas.names import EntityName

BASE: Final = "/api/v1/reference"
READER: Final = TokenGuard(Permission.VIEW_RECORDS)
Entity = Annotated[str, Path(max_length=63)]
Key = Annotated[str, Path(max_length=LONGEST_KEY)]


def contract_of(site: Site, program: TokenPrincipal, entity: str) -> Contract:
    """The entity, when the hub serves it and the token is for it. Raises Problem."""
    contract = site.entities.get(EntityName(entity))
    if contract is None:
        _unknown(entity)
    if not program.covers(contract.document):
        raise Problem("token-tanpa-hak", f"Token ini tidak diterbitkan untuk dokumen {contract.document}.")
    return contract


def state_of(site: Site, contract: Contract, now: datetime) -> State:
    """How the entity stands. Raises Problem when none of its documents has been opened."""
    return site.rest.states.of(contract.entity, now) or _unknown(contract.entity)


def _unknown(entity: str) -> NoReturn:
    raise Problem("entitas-tidak-ada", f"Tidak ada entitas {entity[:63]!r} yang dilayani di sini.")

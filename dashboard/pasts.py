"""The past of a row for pages and programs: first the audit tells of the look, then the database tells the past."""

from dashboard.database import lending, snapshot
from dashboard.site import Site
from hub_db.golden import Entity
from identity.actors import Actor
from identity.pasts import Depth, Told, ask_past, needs_entry, tell_past
from schemas.contract import Contract


def entity_of(site: Site, contract: Contract) -> Entity | None:
    """The entity with its sources; None when none of its documents has been opened."""
    with snapshot(site.pool) as conn:
        return site.known.of(conn, contract.entity)


def told_past(
    site: Site, contract: Contract, entity: Entity, address: str, depth: Depth, *, by: Actor, entry: int | None = None
) -> Told | None:
    """The past of the row at an address. `entry` is that of a look in the clear, if there was one.

    None when nothing was ever said of it. Raises Unknown where the address is none.
    """
    with lending(site.writers) as conn:
        if entry is None and needs_entry(contract, entity):
            entry = ask_past(conn, contract, address, by=by)
        return tell_past(conn, contract, entity, address, depth, entry=entry)

"""Reference data for people, masked as the database tells them: entities, rows by a filter, one row."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Query
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard import reading, row_warnings
from dashboard.addresses import Addresses
from dashboard.database import snapshot
from dashboard.forms import Form
from dashboard.guard import CurrentVisit
from dashboard.record_reading import Seen, filter_value, place_after, plain, seen, title, usable_grants, viewer
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from hub_db.conflicts.reading import ruled_fields
from identity.errors import NotAllowed
from identity.masking import Shown
from identity.pasts import Sight
from identity.permissions import Permission
from identity.records import Record, record, records
from schemas.names import EntityName, FieldName

WAY = "/data-induk"
SHOWN = 50  # rows on a page
COLUMNS = 7  # fields of a row in the list; all of them stand on its own page
LONGEST_ADDRESS = 600
Entity = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,59}$")]
Address = Annotated[str, Query(min_length=1, max_length=LONGEST_ADDRESS)]
Text = Annotated[str, Query(max_length=200)]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_RECORDS)
def overview(site: CurrentSite, visit: CurrentVisit) -> Response:
    with snapshot(site.pool) as conn:
        sees = viewer(conn, visit.principal, visit.now)
        there = reading.entities(conn)
    found = [seen(contract, sees) for entity, contract in site.entities.items() if entity in there]
    return site.pages.page("entities.html", visit, found=found)


@addresses.page(WAY + "/{entity}", Permission.VIEW_RECORDS)
def rows(
    site: CurrentSite,
    visit: CurrentVisit,
    entity: Entity,
    kolom: Text = "",
    isi: Text = "",
    sesudah: Annotated[str, Query(max_length=LONGEST_ADDRESS)] = "",
) -> Response:
    form = Form.of(kolom=kolom, isi=isi)
    with snapshot(site.pool) as conn:
        entry = seen_entity(conn, site, visit, entity)
        filters = _filters(entry, form)
        found = _page_of(conn, visit, entry, filters, sesudah) if form.good else []
    kept = {name: value for name, value in (("kolom", kolom), ("isi", isi)) if value}
    way = f"{WAY}/{entity}"
    older = {**kept, "sesudah": found[SHOWN - 1].address} if len(found) > SHOWN else None
    return site.pages.page(
        "records.html",
        visit,
        status=200 if form.good else 422,
        entry=entry,
        form=form,
        found=found[:SHOWN],
        columns=entry.columns[:COLUMNS],
        choices=[(field.name, title(field)) for field in entry.filters],
        filters=filters,
        may_look=visit.principal.may(Permission.UNMASK),
        first=f"{way}?{urlencode(kept)}" if sesudah else "",
        older=f"{way}?{urlencode(older)}" if older else "",
        **helpers(site),
    )


@addresses.page(WAY + "/{entity}/baris", Permission.VIEW_RECORDS)
def one(site: CurrentSite, visit: CurrentVisit, entity: Entity, alamat: Address) -> Response:
    with snapshot(site.pool) as conn:
        entry = seen_entity(conn, site, visit, entity)
        row = seen_row(conn, visit, entry, alamat)
        grants = usable_grants(conn, visit.principal, entry.contract.entity, visit.now)
        told = row_warnings.of_record(
            conn, entry.contract, row.address, row_warnings.open_fields(row.shown), site.settings.instance
        )
        sight = Sight(entry.contract, viewer(conn, visit.principal, visit.now))
        ruled = ruled_fields(conn, entity, row.address) if sight.of_others else {}
    return site.pages.page(
        "record.html",
        visit,
        entry=entry,
        row=row,
        grants=grants,
        told=told,
        ruled=ruled,
        may_see_conflicts=visit.principal.may(Permission.VIEW_CONFLICTS),
        **helpers(site),
    )


def seen_entity(conn: Connection[TupleRow], site: Site, visit: Visit, entity: str) -> Seen:
    """The entity as this person sees it; 404 for none of ours, or one that is not in the database yet."""
    contract = site.entities.get(EntityName(entity))
    if contract is None or contract.entity not in reading.entities(conn):
        raise HTTPException(404)
    return seen(contract, viewer(conn, visit.principal, visit.now))


def seen_row(conn: Connection[TupleRow], visit: Visit, entry: Seen, address: str) -> Record:
    """One row, masked; 404 when there is none, or nothing of it may be seen."""
    found = record(conn, entry.contract, viewer(conn, visit.principal, visit.now), address)
    if found is None:
        raise HTTPException(404)
    return found


def helpers(site: Site) -> dict[str, Any]:
    """What a template needs to write values."""
    zone = site.settings.instance.zone
    return {
        "title": title,
        "plain": lambda field, value: plain(field, value, zone),
        "Shown": Shown,
    }


def _filters(entry: Seen, form: Form) -> dict[FieldName, str]:
    """The filter that was asked for, as the database compares it; what it may not be is a fault of the form."""
    if not form["kolom"]:
        return {}
    field = next((field for field in entry.filters if field.name == form["kolom"]), None)
    if field is None:
        form.refuse("kolom", "Isian itu tidak dapat dipakai untuk menyaring. Mohon pilih dari daftar.")
        return {}
    value = filter_value(field, form["isi"])
    if value is None:
        form.refuse("isi", f"Isi {title(field)} belum ditulis, atau bukan bentuknya. Mohon periksa.")
        return {}
    return {field.name: value}


def _page_of(
    conn: Connection[TupleRow], visit: Visit, entry: Seen, filters: dict[FieldName, str], after: str
) -> list[Record]:
    """One page and one row more; nothing where a filter is needed first."""
    if entry.personal and not filters:
        return []
    sees = viewer(conn, visit.principal, visit.now)
    place = place_after(entry.contract, after) if after else None
    if after and (place is None or record(conn, entry.contract, sees, after) is None):
        raise HTTPException(404)
    try:
        return records(conn, entry.contract, sees, filters=filters, after=place, limit=SHOWN + 1)
    except NotAllowed:
        raise HTTPException(404) from None

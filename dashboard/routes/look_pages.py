"""Values in the clear: one row, for a grant and a typed purpose, in one answer. The audit tells of it before."""

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard import row_warnings
from dashboard.addresses import Addresses
from dashboard.database import lending, snapshot
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.record_reading import Seen, plain, title, usable_grants
from dashboard.routes.record_pages import LONGEST_ADDRESS, WAY, Address, Entity, helpers, seen_entity, seen_row
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity.actors import Actor
from identity.errors import NotAllowed, Unknown
from identity.grants import Grant
from identity.looks import SHORTEST_PURPOSE, Look, Looker, look_unmasked, search_unmasked
from identity.permissions import Permission
from identity.records import Record
from schemas.contract import Field
from schemas.names import FieldName

LONGEST_PURPOSE = 500
OPEN_FOR = timedelta(minutes=15)  # then the page with the values goes back to the masked one by itself
addresses = Addresses()


@addresses.page(WAY + "/{entity}/buka", Permission.UNMASK)
def ask(site: CurrentSite, visit: CurrentVisit, entity: Entity, alamat: Address, isian: str = "") -> Response:
    with snapshot(site.pool) as conn:
        entry = seen_entity(conn, site, visit, entity)
        row = seen_row(conn, visit, entry, alamat)
        grants = usable_grants(conn, visit.principal, entry.contract.entity, visit.now)
    granted = [str(field.name) for field in _granted(entry, grants)]
    form = Form({"alamat": [alamat], "isian": [isian] if isian in granted else granted})
    return _page(site, visit, entry, row, grants, form)


@addresses.act(WAY + "/{entity}/buka", Permission.UNMASK)
def look(site: CurrentSite, visit: CurrentVisit, entity: Entity, form: Posted) -> Response:
    """The values, this once: they stand in this answer and nowhere else."""
    address = form.text("alamat", "Alamat baris", longest=LONGEST_ADDRESS)
    with snapshot(site.pool) as conn:
        entry = seen_entity(conn, site, visit, entity)
        row = seen_row(conn, visit, entry, address) if form.good else None
    return _look(site, visit, entry, row, form, address)


@addresses.page(WAY + "/{entity}/cari", Permission.UNMASK)
def ask_by_key(site: CurrentSite, visit: CurrentVisit, entity: Entity) -> Response:
    with snapshot(site.pool) as conn:
        entry = seen_entity(conn, site, visit, entity)
        grants = usable_grants(conn, visit.principal, entry.contract.entity, visit.now)
    form = Form({"isian": [str(field.name) for field in _granted(entry, grants)]})
    return _page(site, visit, entry, None, grants, form)


@addresses.act(WAY + "/{entity}/cari", Permission.UNMASK)
def search(site: CurrentSite, visit: CurrentVisit, entity: Entity, form: Posted) -> Response:
    """A key that somebody typed, as a NIK: asking for it is a look, whether or not it is there."""
    with snapshot(site.pool) as conn:
        entry = seen_entity(conn, site, visit, entity)
    return _look(site, visit, entry, None, form, form.text("kunci", "Kunci", longest=LONGEST_ADDRESS))


def _look(site: Site, visit: Visit, entry: Seen, row: Record | None, form: Form, address: str) -> Response:
    with snapshot(site.pool) as conn:
        grants = usable_grants(conn, visit.principal, entry.contract.entity, visit.now)
    numbers = {str(grant.id): grant for grant in grants}
    chosen = form.choice("hak", "Hak Akses", numbers)
    wanted = form.choices("isian", "Isian", {str(field.name) for field in _granted(entry, grants)})
    purpose = form.text("tujuan", "Tujuan", least=SHORTEST_PURPOSE, longest=LONGEST_PURPOSE)
    if form.good:
        grant = numbers[chosen]
        looker = Looker(visit.principal, Actor.person(visit.principal, Permission.UNMASK, grant.reader), grant)
        open_them = look_unmasked if row else search_unmasked
        try:
            with lending(site.writers) as conn:
                fields = [FieldName(name) for name in wanted]
                told = open_them(conn, entry.contract, looker, [address], purpose=purpose, fields=fields)
            return _open(site, visit, entry, grant, told, purpose)
        except NotAllowed as refusal:
            form.refuse("hak", str(refusal))
        except Unknown:
            raise HTTPException(404) from None
    return _page(site, visit, entry, row, grants, form)


def _granted(entry: Seen, grants: list[Grant]) -> list[Field]:
    """The fields that one of the grants opens."""
    return [field for field in entry.contract.fields if any(field.name in grant.fields for grant in grants)]


def _page(site: Site, visit: Visit, entry: Seen, row: Record | None, grants: list[Grant], form: Form) -> Response:
    """The purpose is asked for; without a row its key too."""
    return site.pages.page(
        "look.html",
        visit,
        status=200 if form.good else 422,
        entry=entry,
        row=row,
        grants=grants,
        fields=[(field.name, title(field)) for field in _granted(entry, grants)],
        form=form,
        least=SHORTEST_PURPOSE,
        **helpers(site),
    )


def _open(site: Site, visit: Visit, entry: Seen, grant: Grant, told: Look, purpose: str) -> Response:
    contract, zone = entry.contract, site.settings.instance.zone
    always = row_warnings.open_fields(entry.how)
    with snapshot(site.pool) as conn:
        warned = [
            row_warnings.of_record(
                conn, contract, row.address, always | row_warnings.open_fields(row.shown), site.settings.instance
            ).lines
            for row in told.records
        ]
    rows = [
        [
            (title(contract.by_name[name]), plain(contract.by_name[name], value, zone), lines.get(name, ()))
            for name, value in row.values.items()
        ]
        for row, lines in zip(told.records, warned, strict=True)
    ]
    return site.pages.page(
        "looked.html",
        visit,
        entry=entry,
        grant=grant,
        rows=rows,
        purpose=purpose,
        until=visit.now + OPEN_FOR,
        open_for_s=round(OPEN_FOR.total_seconds()),
    )

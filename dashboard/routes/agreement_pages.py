"""PKS: the agreements on which grants of population data stand; entering one and ending it."""

from typing import Annotated

from fastapi import Query
from starlette.responses import RedirectResponse, Response

from dashboard import news
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.grant_reading import agreement_state
from dashboard.guard import CurrentVisit, Posted
from dashboard.routes.grant_pages import LONGEST, WAY
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity.actors import Actor
from identity.errors import IdentityError, Taken
from identity.grants import (
    SHORTEST_BASIS,
    SHORTEST_PURPOSE,
    SHORTEST_REASON,
    WantedAgreement,
    add_agreement,
    agreements,
    end_agreement,
    is_population_data,
)
from identity.opds import opds
from identity.permissions import Permission

HERE = WAY + "/pks"
LONGEST_ELEMENTS = 10_000
addresses = Addresses()


@addresses.page(HERE, Permission.VIEW_GRANTS)
def overview(site: CurrentSite, visit: CurrentVisit, akhiri: Annotated[str, Query(max_length=200)] = "") -> Response:
    return _page(site, visit, Form.of(nomor_akhir=akhiri))


@addresses.act(HERE, Permission.DECIDE_GRANTS)
def enter(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    number = form.text("nomor", "Nomor PKS", least=SHORTEST_BASIS, longest=200)
    form.text("opd", "OPD", longest=64)
    elements = form.text("isian", "Elemen data", longest=LONGEST_ELEMENTS).replace(",", " ").split()
    purpose = form.text("tujuan", "Tujuan", least=SHORTEST_PURPOSE, longest=LONGEST)
    until = form.date("sampai", "Tanggal berakhir")
    known = {f"{each.entity}.{name}" for each in site.entities.values() for name in each.by_name}
    if unknown := [element for element in elements if element not in known]:
        form.refuse("isian", f"Elemen {', '.join(unknown[:5])} tidak dikenal. Mohon tulis seperti penduduk.nama.")
    if form.good and until is not None:
        wanted = WantedAgreement(number, form["opd"], tuple(elements), purpose, until)
        try:
            with writing(site.writers) as conn:
                by = Actor.person(visit.principal, Permission.DECIDE_GRANTS)
                add_agreement(conn, wanted, by=by, zone=site.settings.instance.zone, now=visit.now)
            return RedirectResponse(news.after(HERE, "pks"), status_code=303)
        except IdentityError as refusal:
            place = "nomor" if isinstance(refusal, Taken) else "sampai" if "Tanggal" in str(refusal) else "opd"
            form.refuse(place, str(refusal))
    return _page(site, visit, form)


@addresses.act(HERE + "/akhiri", Permission.DECIDE_GRANTS)
def end(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    form.text("nomor_akhir", "Nomor PKS", longest=200)
    reason = form.text("alasan", "Alasan", least=SHORTEST_REASON, longest=LONGEST)
    if form.good:
        try:
            with writing(site.writers) as conn:
                by = Actor.person(visit.principal, Permission.DECIDE_GRANTS)
                end_agreement(conn, form["nomor_akhir"], by=by, reason=reason, now=visit.now)
            return RedirectResponse(news.after(HERE, "pks-akhir"), status_code=303)
        except IdentityError as refusal:
            form.refuse("nomor_akhir", str(refusal))
    return _page(site, visit, form)


def _page(site: Site, visit: Visit, form: Form) -> Response:
    with snapshot(site.pool) as conn:
        found = agreements(conn, visit.principal.scope(Permission.VIEW_GRANTS))
        agencies = opds(conn)
    names = {each.code: each.short_name for each in agencies}
    return site.pages.page(
        "agreements.html",
        visit,
        status=200 if form.good else 422,
        found=[(each, agreement_state(each, visit.now)) for each in found],
        holding=[
            (each.number, f"{each.number}, {names.get(each.reader, each.reader)}")
            for each in found
            if each.holds(visit.now)
        ],
        names=names,
        readers=[(each.code, f"{each.name} ({each.code})") for each in agencies if each.active],
        population=[each.entity for each in site.entities.values() if is_population_data(each)],
        form=form,
        shortest_purpose=SHORTEST_PURPOSE,
        shortest_reason=SHORTEST_REASON,
        longest=LONGEST,
        may_decide=visit.principal.may(Permission.DECIDE_GRANTS),
    )

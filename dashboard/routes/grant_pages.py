"""Grants: who may read what beyond the mask, for what, until when; giving one, and taking it back with a reason."""

from typing import Annotated

from fastapi import Path, Query
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import news
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.grant_reading import STATES, Wanted, find, fitting, state_key, state_of
from dashboard.guard import CurrentVisit, Posted
from dashboard.record_reading import title
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity import grants
from identity.actors import Actor
from identity.errors import IdentityError, Unknown
from identity.grants import WantedGrant
from identity.opds import opds
from identity.permissions import Permission
from schemas.contract import Contract, Field
from schemas.names import EntityName

WAY = "/hak-akses"
LONGEST = 500
REVOCABLE = frozenset({"berlaku", "menunggu"})
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Text = Annotated[str, Query(max_length=64)]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_GRANTS)
def overview(
    site: CurrentSite, visit: CurrentVisit, opd: Text = "", entitas: Text = "", keadaan: Text = ""
) -> Response:
    with snapshot(site.pool) as conn:
        every = grants.all_grants(conn, visit.principal.scope(Permission.VIEW_GRANTS))
        names = {each.code: each.short_name for each in opds(conn)}
    found = fitting(every, Wanted(opd, entitas, keadaan), visit.now)
    asked = {"OPD": opd, "Data Induk": entitas, "keadaan": keadaan}
    return site.pages.page(
        "grants.html",
        visit,
        every=every,
        holding=sum(grant.holds(visit.now) for grant in every),
        found=[(grant, state_of(grant, visit.now)) for grant in found],
        form=Form.of(opd=opd, entitas=entitas, keadaan=keadaan),
        filters=[(f"{word}: {value}", WAY) for word, value in asked.items() if value],
        names=names,
        readers=[(code, names.get(code, code)) for code in sorted({grant.reader for grant in every})],
        entities=[(entity, entity) for entity in sorted({grant.entity for grant in every})],
        states=[(key, badge.word) for key, badge in STATES.items()],
        may_decide=visit.principal.may(Permission.DECIDE_GRANTS),
    )


@addresses.page(WAY + "/baru", Permission.DECIDE_GRANTS)
def wanted(site: CurrentSite, visit: CurrentVisit, entitas: Text = "") -> Response:
    if entitas and EntityName(entitas) not in site.entities:
        raise HTTPException(404)
    return _new(site, visit, Form.of(entitas=entitas))


@addresses.act(WAY + "/baru", Permission.DECIDE_GRANTS)
def give(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    entity = form.choice("entitas", "Data Induk", [str(each) for each in site.entities])
    contract = site.entities.get(EntityName(entity))
    reader, until = form.text("opd", "OPD pembaca", longest=64), form.date("sampai", "Tanggal berakhir")
    fields = form.choices("isian", "Isian", [] if contract is None else [str(name) for name in contract.by_name])
    purpose = form.text("tujuan", "Tujuan", least=grants.SHORTEST_PURPOSE, longest=LONGEST)
    basis = form.text("dasar", "Dasar hukum", least=grants.SHORTEST_BASIS, longest=LONGEST)
    agreement = form.text("pks", "Nomor PKS", least=0)
    specific = form.text("khusus", "Dasar data spesifik", least=0, longest=LONGEST)
    if form.good and contract is not None and until is not None:
        new = WantedGrant(reader, tuple(fields), purpose, basis, until, agreement or None, specific or None)
        try:
            by = Actor.person(visit.principal, Permission.DECIDE_GRANTS)
            with writing(site.writers) as conn:
                given = grants.add_grant(conn, contract, new, by=by, zone=site.settings.instance.zone, now=visit.now)
            return RedirectResponse(news.after(f"{WAY}/{given.id}", "hak"), status_code=303)
        except IdentityError as refusal:
            form.refuse(_place(str(refusal)), str(refusal))
    return _new(site, visit, form)


@addresses.page(WAY + "/{number}", Permission.VIEW_GRANTS)
def one(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    return _page(site, visit, number, Form())


@addresses.act(WAY + "/{number}/cabut", Permission.DECIDE_GRANTS)
def take_back(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    reason = form.text("alasan", "Alasan", least=grants.SHORTEST_REASON, longest=LONGEST)
    if form.good:
        try:
            by = Actor.person(visit.principal, Permission.DECIDE_GRANTS)
            with writing(site.writers) as conn:
                grants.revoke_grant(conn, number, by=by, reason=reason, now=visit.now)
            return RedirectResponse(news.after(f"{WAY}/{number}", "dicabut"), status_code=303)
        except Unknown as refusal:
            form.refuse("alasan", str(refusal))
    return _page(site, visit, number, form)


def _place(refusal: str) -> str:
    """The field at which a refusal of the rules is to be mended."""
    words = {"PKS": "pks", "spesifik": "khusus", "Tanggal": "sampai", "OPD": "opd", "Kolom": "isian"}
    return next((place for word, place in words.items() if word in refusal), "")


def _new(site: Site, visit: Visit, form: Form) -> Response:
    contract: Contract | None = site.entities.get(EntityName(form["entitas"]))
    with snapshot(site.pool) as conn:
        agreements = grants.agreements(conn, visit.principal.scope(Permission.VIEW_GRANTS))
        agencies = opds(conn)
    return site.pages.page(
        "grant_new.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        contract=contract,
        needs_agreement=contract is not None and grants.is_population_data(contract),
        entities=[(entity, f"{entity} ({each.opd})") for entity, each in site.entities.items()],
        fields=[(field.name, f"{title(field)} ({_openness(field)})") for field in contract.fields] if contract else [],
        agencies=[(each.code, f"{each.name} ({each.code})") for each in agencies if each.active],
        agreements=[(each.number, f"{each.number}, {each.reader}") for each in agreements if each.holds(visit.now)],
        shortest=grants.SHORTEST_PURPOSE,
        longest=LONGEST,
    )


def _openness(field: Field) -> str:
    return "spesifik" if field.specific else field.sensitivity.value


def _page(site: Site, visit: Visit, number: int, form: Form) -> Response:
    with snapshot(site.pool) as conn:
        grant = find(conn, visit.principal.scope(Permission.VIEW_GRANTS), number)
        names = {each.code: each.name for each in opds(conn)}
    if grant is None:
        raise HTTPException(404)
    contract = site.entities.get(grant.entity)
    titles = {field.name: title(field) for field in contract.fields} if contract else {}
    return site.pages.page(
        "grant.html",
        visit,
        status=200 if form.good else 422,
        grant=grant,
        state=state_of(grant, visit.now),
        reader=names.get(grant.reader, grant.reader),
        fields=[(name, titles.get(name, "")) for name in grant.fields],
        form=form,
        may_revoke=visit.principal.may(Permission.DECIDE_GRANTS) and state_key(grant, visit.now) in REVOCABLE,
        shortest=grants.SHORTEST_REASON,
        longest=LONGEST,
    )

"""Asking for access to a document of the catalogue, and saying at the end that the data are deleted."""

from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from base.indonesian import day
from dashboard import news
from dashboard.access_reading import askable, document_contract, openness
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.record_reading import title
from dashboard.routes.access_pages import LONGEST, WAY, Number
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity import deletions
from identity.access_reading import WantedAccess
from identity.access_requests import ask
from identity.actors import Actor
from identity.errors import IdentityError
from identity.grants import SHORTEST_BASIS, SHORTEST_PURPOSE, agreements, is_population_data
from identity.opds import opds
from identity.permissions import Permission
from identity.principals import Scope
from schemas.contract import Contract

Code = Annotated[str, Path(pattern="^[a-z][a-z0-9]{1,23}$")]
Document = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{0,59}$")]
addresses = Addresses()


@addresses.page(WAY + "/baru", Permission.REQUEST_ACCESS)
def choose(site: CurrentSite, visit: CurrentVisit) -> Response:
    own = visit.principal.scope(Permission.REQUEST_ACCESS).opds
    with snapshot(site.pool) as conn:
        found = [each for each in askable(conn) if own != {each.opd}]
        names = {each.code: each.name for each in opds(conn)}
    return site.pages.page("access_choose.html", visit, found=found, names=names)


@addresses.page("/katalog/{opd}/{document}/minta", Permission.REQUEST_ACCESS)
def wanted(site: CurrentSite, visit: CurrentVisit, opd: Code, document: Document) -> Response:
    readers = _readers(visit, opd)
    standing = Form.of(mulai=day(site.today(visit.now)), opd=readers[0] if len(readers) == 1 else "")
    return _form(site, visit, _contract(site, opd, document), standing)


@addresses.act("/katalog/{opd}/{document}/minta", Permission.REQUEST_ACCESS)
def file(site: CurrentSite, visit: CurrentVisit, opd: Code, document: Document, form: Posted) -> Response:
    contract = _contract(site, opd, document)
    reader = form.choice("opd", "OPD pembaca", _readers(visit, opd))
    fields = form.choices("isian", "Isian", [str(name) for name in contract.by_name])
    purpose = form.text("tujuan", "Tujuan", least=SHORTEST_PURPOSE, longest=LONGEST)
    basis = form.text("dasar", "Dasar hukum", least=SHORTEST_BASIS, longest=LONGEST)
    agreement = form.text("pks", "Nomor PKS", least=0)
    specific = form.text("khusus", "Dasar data spesifik", least=0, longest=LONGEST)
    starts, until = form.date("mulai", "Tanggal mulai"), form.date("sampai", "Tanggal berakhir")
    if form.good and starts is not None and until is not None:
        asked = WantedAccess(
            reader, tuple(fields), purpose, basis, starts, until, agreement or None, specific or None
        )  # fmt: skip
        try:
            by = Actor.person(visit.principal, Permission.REQUEST_ACCESS, reader)
            with writing(site.writers) as conn:
                filed = ask(conn, contract, asked, by=by, zone=site.settings.instance.zone, now=visit.now)
            return RedirectResponse(news.after(f"{WAY}/{filed.id}", "permohonan"), status_code=303)
        except IdentityError as refusal:
            form.refuse(_place(str(refusal)), str(refusal))
    return _form(site, visit, contract, form)


@addresses.page(WAY + "/penghapusan/{number}", Permission.REQUEST_ACCESS)
def ask_deletion(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    return _deletion(site, visit, number, Form())


@addresses.act(WAY + "/penghapusan/{number}", Permission.REQUEST_ACCESS)
def confirm_deletion(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    scope = visit.principal.scope(Permission.REQUEST_ACCESS)
    how = form.text("cara", "Cara penghapusan", least=deletions.SHORTEST_HOW, longest=LONGEST)
    task = _task(site, visit, number)
    if form.good:
        try:
            by = Actor.person(visit.principal, Permission.REQUEST_ACCESS, task.reader)
            with writing(site.writers) as conn:
                deletions.confirm(conn, number, by=by, how=how, within=scope, now=visit.now)
            return RedirectResponse(f"{WAY}?tampil=penghapusan&{news.PARAMETER}=dihapus", status_code=303)
        except IdentityError as refusal:
            form.refuse("cara", str(refusal))
    return _deletion(site, visit, number, form)


def _place(refusal: str) -> str:
    """The field at which a refusal of the rules is to be mended."""
    words = {"PKS": "pks", "spesifik": "khusus", "mulai": "mulai", "lewat": "sampai", "OPD": "opd", "Kolom": "isian"}
    return next((place for word, place in words.items() if word in refusal), "")


def _readers(visit: Visit, owner: str) -> list[str]:
    """The OPDs for which this person may ask: any of the own but the owner."""
    return sorted(visit.principal.scope(Permission.REQUEST_ACCESS).opds - {owner})


def _contract(site: Site, opd: str, document: str) -> Contract:
    """404 for a document that the hub does not take."""
    with snapshot(site.pool) as conn:
        found = document_contract(conn, opd, document)
    if found is None:
        raise HTTPException(404)
    return found


def _form(site: Site, visit: Visit, contract: Contract, form: Form) -> Response:
    readers = _readers(visit, contract.opd)
    with snapshot(site.pool) as conn:
        held = agreements(conn, Scope(everywhere=False, opds=frozenset(readers)))
        names = {each.code: each.name for each in opds(conn)}
    return site.pages.page(
        "access_new.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        contract=contract,
        owner=names.get(contract.opd, contract.opd),
        readers=[(code, names.get(code, code)) for code in readers],
        needs_agreement=is_population_data(contract),
        agreements=[each.number for each in held if each.holds(visit.now)],
        fields=[(field.name, title(field), openness(field)) for field in contract.fields],
        any_specific=any(field.specific for field in contract.fields),
        shortest=SHORTEST_PURPOSE,
        longest=LONGEST,
    )


def _task(site: Site, visit: Visit, number: int) -> deletions.Due:
    """What the person's OPD still has to delete; 404 for anything else."""
    with snapshot(site.pool) as conn:
        found = deletions.due(conn, visit.principal.scope(Permission.REQUEST_ACCESS), now=visit.now)
    task = next((each for each in found if each.id == number), None)
    if task is None:
        raise HTTPException(404)
    return task


def _deletion(site: Site, visit: Visit, number: int, form: Form) -> Response:
    task = _task(site, visit, number)
    with snapshot(site.pool) as conn:
        names = {each.code: each.name for each in opds(conn)}
    return site.pages.page(
        "access_deletion.html",
        visit,
        status=200 if form.good else 422,
        task=task,
        reader=names.get(task.reader, task.reader),
        form=form,
        shortest=deletions.SHORTEST_HOW,
        longest=LONGEST,
    )

"""People and their roles: who there is, who may do what since when, and the links by which they get in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import news
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity import appointments, links, second_factor
from identity.actors import Actor
from identity.appointments import NewAppointment
from identity.errors import IdentityError, Unknown
from identity.links import PATH, Purpose
from identity.opds import opds
from identity.people import PAGE, NewPerson, Person, add_person, change_person, find_person, people
from identity.permissions import ROLE_TITLES, Permission, Role

WAY = "/orang"
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
ACTING = ("Plt.", "Plh.")
Act = Callable[[Connection[TupleRow], Person], object]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_PEOPLE)
def overview(
    site: CurrentSite,
    visit: CurrentVisit,
    cari: Annotated[str, Query(max_length=100)] = "",
    sesudah: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    search, after = cari.replace("\0", "").strip(), sesudah.replace("\0", "")
    with snapshot(site.pool) as conn:
        found = people(conn, visit.principal.scope(Permission.VIEW_PEOPLE), search=search or None, after=after)
    return site.pages.page(
        "people.html",
        visit,
        form=Form.of(cari=search),
        found=found,
        today=site.today(visit.now),
        may_manage=visit.principal.may(Permission.MANAGE_PEOPLE),
        first=after != "",
        after=found[-1].name if len(found) == PAGE else "",
        role_titles=ROLE_TITLES,
    )


@addresses.page(WAY + "/baru", Permission.MANAGE_PEOPLE)
def invitation(site: CurrentSite, visit: CurrentVisit) -> Response:
    return site.pages.page("person_new.html", visit, form=Form())


@addresses.act(WAY, Permission.MANAGE_PEOPLE)
def invite(request: Request, site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    new = _told(form, form.text("nama", "Nama pengguna", longest=32))
    by = Actor.person(visit.principal, Permission.MANAGE_PEOPLE)
    if form.good:
        try:
            with writing(site.writers) as conn:
                number = add_person(conn, new, by=by, now=visit.now)
                secret = links.issue_link(conn, number, Purpose.INVITATION, by=by, now=visit.now)
            return _link_shown(request, site, visit, number, secret)
        except IdentityError as refusal:
            form.refuse("", str(refusal))
    return site.pages.page("person_new.html", visit, status=422, form=form)


@addresses.page(WAY + "/{number}", Permission.VIEW_PEOPLE)
def one(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    return _page(site, visit, number, None)


@addresses.act(WAY + "/{number}/ubah", Permission.MANAGE_PEOPLE)
def change(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    new = _told(form, "")
    if not form.good:
        return _page(site, visit, number, form)
    by = Actor.person(visit.principal, Permission.MANAGE_PEOPLE)

    def act(conn: Connection[TupleRow], person: Person) -> None:
        change_person(conn, number, replace(new, name=person.name), by=by, now=visit.now)

    return _do(site, visit, number, form, act, "tersimpan")


@addresses.act(WAY + "/{number}/peran", Permission.MANAGE_PEOPLE)
def appoint(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    """Give a role, or entrust one to a delegate."""
    role = form.choice("peran", "Peran", [str(each) for each in Role])
    opd = form.text("opd", "OPD", longest=24)
    acting = form.choice("sebagai", "Cara memegang", ["", *ACTING])
    letter = form.text("surat", "Nomor surat tugas", least=0, longest=100)
    begins, ends = form.date("mulai", "Mulai"), form.date("selesai", "Sampai", needed=False)
    if not form.good or begins is None:
        return _page(site, visit, number, form)
    new = NewAppointment(
        Role(role),
        opd,
        begins,
        ends,
        "Plt." if acting == "Plt." else "Plh." if acting == "Plh." else None,
        letter or None,
    )
    by = Actor.person(visit.principal, Permission.MANAGE_PEOPLE)
    return _do(
        site,
        visit,
        number,
        form,
        lambda conn, _: appointments.appoint(conn, number, new, by=by, now=visit.now),
        "peran",
    )


@addresses.act(WAY + "/{number}/peran/{appointment}/akhiri", Permission.MANAGE_PEOPLE)
def dismiss(site: CurrentSite, visit: CurrentVisit, number: Number, appointment: Number, form: Posted) -> Response:
    by = Actor.person(visit.principal, Permission.MANAGE_PEOPLE)
    return _do(
        site,
        visit,
        number,
        form,
        lambda conn, _: appointments.dismiss(conn, number, appointment, by=by, now=visit.now),
        "peran-akhir",
    )


@addresses.act(WAY + "/{number}/nonaktif", Permission.MANAGE_PEOPLE)
def disable(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    by = Actor.person(visit.principal, Permission.MANAGE_PEOPLE)
    return _do(
        site,
        visit,
        number,
        form,
        lambda conn, _: appointments.disable(conn, number, by=by, now=visit.now),
        "nonaktif",
    )


@addresses.act(WAY + "/{number}/aktif", Permission.MANAGE_PEOPLE)
def enable(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    by = Actor.person(visit.principal, Permission.MANAGE_PEOPLE)
    return _do(
        site, visit, number, form, lambda conn, _: appointments.enable(conn, number, by=by, now=visit.now), "aktif"
    )


@addresses.act(WAY + "/{number}/langkah-kedua/hapus", Permission.MANAGE_PEOPLE)
def forget_second_factor(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    by = Actor.person(visit.principal, Permission.MANAGE_PEOPLE)
    return _do(
        site,
        visit,
        number,
        form,
        lambda conn, _: second_factor.remove(conn, number, by=by, now=visit.now),
        "langkah-kedua",
    )


@addresses.act(WAY + "/{number}/tautan", Permission.MANAGE_PEOPLE)
def new_link(request: Request, site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    try:
        with writing(site.writers) as conn:
            by = Actor.person(visit.principal, Permission.MANAGE_PEOPLE)
            secret = links.invite_again(conn, number, by=by, now=visit.now)
    except Unknown:
        raise HTTPException(404) from None
    except IdentityError as refusal:
        form.refuse("", str(refusal))
        return _page(site, visit, number, form)
    return _link_shown(request, site, visit, number, secret)


def _told(form: Form, name: str) -> NewPerson:
    return NewPerson(
        name,
        form.text("nama_tampil", "Nama yang ditampilkan", longest=100),
        form.text("jabatan", "Jabatan", longest=100),
        form.text("surel", "Surel", least=0, longest=254) or None,
        form.text("telepon", "Telepon", least=0, longest=30) or None,
    )


def _do(site: Site, visit: Visit, number: int, form: Form, act: Act, word: str) -> Response:
    """One act on one person; what forbids it is told on the person's page."""
    try:
        with writing(site.writers) as conn:
            act(conn, find_person(conn, number))
    except Unknown:
        raise HTTPException(404) from None
    except IdentityError as refusal:
        form.refuse("", str(refusal))
    if not form.good:
        return _page(site, visit, number, form)
    return RedirectResponse(news.after(f"{WAY}/{number}", word), status_code=303)


def _page(site: Site, visit: Visit, number: int, form: Form | None) -> Response:
    scope = visit.principal.scope(Permission.VIEW_PEOPLE)
    with snapshot(site.pool) as conn:
        try:
            person = find_person(conn, number)
        except Unknown:
            raise HTTPException(404) from None
        agencies = opds(conn)
    if not scope.everywhere and not any(scope.covers(held.opd) for held in person.held):
        raise HTTPException(404)
    now = Form.of(
        nama_tampil=person.shown_name, jabatan=person.office, surel=person.email or "", telepon=person.phone or ""
    )
    return site.pages.page(
        "person.html",
        visit,
        status=422 if form else 200,
        person=person,
        form=form.over(now) if form else now,
        today=site.today(visit.now),
        may_manage=visit.principal.may(Permission.MANAGE_PEOPLE) and person.id != visit.principal.person_id,
        agencies=[(each.code, each.name) for each in agencies if each.active],
        roles=[(str(role), title) for role, title in ROLE_TITLES.items()],
        role_titles=ROLE_TITLES,
        acting=[(each, each) for each in ACTING],
    )


def _link_shown(request: Request, site: Site, visit: Visit, number: int, secret: str) -> Response:
    """The link, this once: only its hash is kept."""
    with snapshot(site.pool) as conn:
        person = find_person(conn, number)
        link = links.look_at(conn, secret, now=visit.now)
    url = f"{request.url.scheme}://{request.headers['host']}{PATH}{secret}"
    return site.pages.page("person_link.html", visit, person=person, url=url, expires_at=link.expires_at)

"""Drafts of contracts: what waits, what each would change, what is said of it, and the decision with its reason."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Path, Query
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import draft_reading, news
from dashboard.addresses import Addresses
from dashboard.case_register import living_with
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity.actors import Actor
from identity.opds import opds
from identity.permissions import Permission
from registry.errors import DraftRefused
from registry.governance import drafts, effect_job, review
from registry.governance.drafts import Draft, State
from registry.governance.governed import DRAFTS_WAY

WAY = DRAFTS_WAY
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Text = Annotated[str, Query(max_length=64)]
Deciding = Callable[[Connection[TupleRow], Actor], object]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_CONTRACTS)
def overview(site: CurrentSite, visit: CurrentVisit, keadaan: Text = "", opd: Text = "") -> Response:
    with snapshot(site.pool) as conn:
        every = drafts.every(conn, visit.principal.scope(Permission.VIEW_CONTRACTS))
        names = {each.code: each.short_name for each in opds(conn)}
    found = [each for each in every if keadaan in ("", each.state) and opd in ("", each.opd)]
    asked = {"keadaan": keadaan, "OPD": opd}
    return site.pages.page(
        "drafts.html",
        visit,
        every=every,
        waiting=sum(each.state is State.SUBMITTED for each in every),
        found=[(each, draft_reading.badge_of(each)) for each in found],
        names=names,
        form=Form.of(keadaan=keadaan, opd=opd),
        filters=[(f"{word}: {value}", WAY) for word, value in asked.items() if value],
        states=[(state.value, badge.word) for state, badge in draft_reading.STATES.items()],
        agencies=[(code, names.get(code, code)) for code in sorted({each.opd for each in every if each.opd})],
    )


@addresses.page(WAY + "/{number}", Permission.VIEW_CONTRACTS)
def one(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    return _page(site, visit, number, Form())


@addresses.act(WAY + "/{number}/tanggapan", Permission.DRAFT_CONTRACTS)
def say(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    said = form.text("tanggapan", "Tanggapan", longest=review.LONGEST_COMMENT)

    def act(conn: Connection[TupleRow], by: Actor) -> None:
        review.comment(conn, number, said, by=by, now=visit.now)

    return _decide(site, visit, number, form, Permission.DRAFT_CONTRACTS, act, ("tanggapan", "tanggapan"))


@addresses.act(WAY + "/{number}/ajukan", Permission.DRAFT_CONTRACTS)
def submit(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    walidata = site.settings.instance.sop.walidata

    def act(conn: Connection[TupleRow], by: Actor) -> None:
        review.submit(conn, number, walidata=walidata, by=by, now=visit.now)
        effect_job.ask(conn, number, by=by.name)

    return _decide(site, visit, number, form, Permission.DRAFT_CONTRACTS, act, ("", "diajukan"))


@addresses.act(WAY + "/{number}/dampak", Permission.DRAFT_CONTRACTS)
def reckon(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    """Ask for the effect on what is stored; a job reckons it, as the page itself may read no values."""

    def act(conn: Connection[TupleRow], by: Actor) -> None:
        effect_job.ask(conn, number, by=by.name)

    return _decide(site, visit, number, form, Permission.DRAFT_CONTRACTS, act, ("", "dampak"))


@addresses.act(WAY + "/{number}/tarik", Permission.DRAFT_CONTRACTS)
def withdraw(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    reason = _reason(form, "alasan_tarik")

    def act(conn: Connection[TupleRow], by: Actor) -> None:
        review.withdraw(conn, number, reason, by=by, now=visit.now)

    return _decide(site, visit, number, form, Permission.DRAFT_CONTRACTS, act, ("alasan_tarik", "ditarik"))


@addresses.act(WAY + "/{number}/kembalikan", Permission.APPROVE_CONTRACTS)
def give_back(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    reason = _reason(form, "alasan")

    def act(conn: Connection[TupleRow], by: Actor) -> None:
        review.give_back(conn, number, reason, by=by, now=visit.now)

    return _decide(site, visit, number, form, Permission.APPROVE_CONTRACTS, act, ("alasan", "dikembalikan"))


@addresses.act(WAY + "/{number}/setujui", Permission.APPROVE_CONTRACTS)
def approve(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    reason = _reason(form, "alasan")

    def act(conn: Connection[TupleRow], by: Actor) -> None:
        review.approve(conn, number, reason, by=by, instance=site.settings.instance, now=visit.now)

    return _decide(site, visit, number, form, Permission.APPROVE_CONTRACTS, act, ("alasan", "disetujui"))


def _reason(form: Form, name: str) -> str:
    return form.text(name, "Alasan", least=review.SHORTEST_REASON, longest=review.LONGEST_REASON)


def _decide(
    site: Site,
    visit: Visit,
    number: int,
    form: Form,
    permission: Permission,
    act: Deciding,
    told: tuple[str, str],
) -> Response:
    """Do it and say so, or draw the page again with what to mend. `told`: field of a fault, word of the news."""
    place, word = told
    if form.good:
        try:
            with writing(site.writers) as conn:
                found = drafts.find(conn, visit.principal.scope(permission), number)
                if found is None:
                    raise HTTPException(404)
                act(conn, Actor.person(visit.principal, permission, found.opd))
            return RedirectResponse(news.after(f"{WAY}/{number}", word), status_code=303)
        except DraftRefused as refusal:
            form.refuse(place, str(refusal))
    return _page(site, visit, number, form)


def _page(site: Site, visit: Visit, number: int, form: Form) -> Response:
    with snapshot(site.pool) as conn:
        found = drafts.find(conn, visit.principal.scope(Permission.VIEW_CONTRACTS), number)
        if found is None:
            raise HTTPException(404)
        whole = draft_reading.whole(conn, found, site.settings.instance)
        names = {each.code: each.name for each in opds(conn)}
        lives_in = living_with(conn, visit.principal, found.document)
    return site.pages.page(
        "draft.html",
        visit,
        status=200 if form.good else 422,
        whole=whole,
        lives_in=lives_in,
        may_begin=visit.principal.may(Permission.BEGIN_CASES, found.opd or ""),
        draft=found,
        badge_now=draft_reading.badge_of(found),
        effects=draft_reading.EFFECTS,
        steps=draft_reading.STEPS,
        owner=names.get(found.opd or "", found.opd or "hub"),
        form=form,
        shortest=review.SHORTEST_REASON,
        longest=review.LONGEST_REASON,
        longest_comment=review.LONGEST_COMMENT,
        **_may(visit, found),
    )


def _may(visit: Visit, draft: Draft) -> dict[str, bool]:
    """Which acts this person finds on the page; each is asked again when it is done."""
    principal = visit.principal
    drafts_it = principal.scope(Permission.DRAFT_CONTRACTS).covers(draft.opd or "")
    approves = principal.scope(Permission.APPROVE_CONTRACTS).covers(draft.opd or "")
    is_own = principal.name in (draft.author, draft.submitted_by)
    return {
        "may_comment": drafts_it,
        "may_reckon": drafts_it and draft.is_living,
        "may_submit": drafts_it and draft.state is State.OPEN,
        "may_withdraw": drafts_it and draft.is_living,
        "may_decide": approves and draft.state is State.SUBMITTED,
        "is_own": is_own,
    }

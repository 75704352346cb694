"""Tidak Padan: where sources disagree, and what a steward decides."""

from collections.abc import Collection, Mapping
from typing import Annotated

from fastapi import Path, Query
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import conflict_reading, news
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.record_reading import viewer
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from hub_db import layouts
from hub_db.conflicts import reading
from hub_db.conflicts.causes import Kind
from hub_db.conflicts.reading import Choice, State
from identity.actors import Actor
from identity.opds import opds
from identity.permissions import Permission
from jobs.conflict_decisions import LONGEST_REASON, OF_VALUES, SHORTEST_REASON, decide, take_back
from jobs.errors import NotPossible
from schemas.contract import Contract

WAY = "/tidak-padan"
Number = Annotated[int, Path(ge=1, le=2**62)]
After = Annotated[int, Query(alias="sesudah", ge=0, le=2**62)]
Sort = Annotated[str, Query(alias="jenis", max_length=40)]
Standing = Annotated[str, Query(alias="keadaan", max_length=40)]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_CONFLICTS)
def overview(
    site: CurrentSite, visit: CurrentVisit, after: After = 0, sort: Sort = "", standing: Standing = "open"
) -> Response:
    state = State(standing) if standing in list(State) else State.OPEN
    kinds = [Kind(sort)] if sort in list(Kind) else None
    with snapshot(site.pool) as conn:
        within = _within(visit)
        found = reading.conflicts(conn, states=[state], kinds=kinds, opds=within, after=after, most=reading.PAGE + 1)
        counts = reading.counts(conn, states=[state], opds=within)
        waiting = sum(each.conflicts for each in reading.counts(conn, opds=within))
        contracts = _contracts(conn)
        names = _names(conn)
    shown = found[: reading.PAGE]
    return site.pages.page(
        "conflicts.html",
        visit,
        found=[(each, conflict_reading.heading(each, contracts)) for each in shown],
        more=shown[-1].id if len(found) > len(shown) else 0,
        counts=_by_kind(counts),
        sorts=[(each, conflict_reading.sort_of(each)) for each in counts],
        waiting=waiting,
        state=state,
        kind=kinds[0] if kinds else None,
        after=after,
        names=names,
        words=conflict_reading,
    )


@addresses.page(WAY + "/{number}", Permission.VIEW_CONFLICTS)
def one(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    return _page(site, visit, number, Form())


@addresses.act(WAY + "/{number}", Permission.DECIDE_CONFLICTS)
def judge(site: CurrentSite, visit: CurrentVisit, form: Posted, number: Number) -> Response:
    choice = form.choice("putus", "Keputusan", list(Choice))
    reason = form.text("alasan", "Alasan", least=SHORTEST_REASON, longest=LONGEST_REASON)
    revision = _revision(form)
    onward: int | None = None
    with snapshot(site.pool) as conn:
        found = reading.conflict(conn, number, opds=_within(visit))
        if found is not None:
            onward = _next(conn, visit, found)
    if found is None:
        raise HTTPException(404)
    if form.good:
        by = Actor.person(visit.principal, Permission.DECIDE_CONFLICTS)
        with writing(site.writers) as conn:
            try:
                instance = site.settings.instance
                decide(conn, instance, number, revision, Choice(choice), reason=reason, by=by, now=visit.now)
            except NotPossible as refusal:  # nothing was written yet
                form.refuse("", str(refusal))
    if not form.good:
        return _page(site, visit, number, form)
    to = f"{WAY}/{onward}" if form["lanjut"] and onward else f"{WAY}/{number}"
    return RedirectResponse(news.after(to, "padan"), status_code=303)


@addresses.act(WAY + "/{number}/tarik", Permission.DECIDE_CONFLICTS)
def withdraw(site: CurrentSite, visit: CurrentVisit, form: Posted, number: Number) -> Response:
    reason = form.text("alasan_tarik", "Alasan", least=SHORTEST_REASON, longest=LONGEST_REASON)
    revision = _revision(form)
    with snapshot(site.pool) as conn:
        if reading.conflict(conn, number, opds=_within(visit)) is None:
            raise HTTPException(404)
    if form.good:
        by = Actor.person(visit.principal, Permission.DECIDE_CONFLICTS)
        with writing(site.writers) as conn:
            try:
                take_back(conn, site.settings.instance, number, revision, reason=reason, by=by, now=visit.now)
            except NotPossible as refusal:  # nothing was written yet
                form.refuse("", str(refusal))
    if not form.good:
        return _page(site, visit, number, form)
    return RedirectResponse(news.after(f"{WAY}/{number}", "padan-tarik"), status_code=303)


def _revision(form: Form) -> int:
    """The revision of the values that were seen; 0, and a fault of the form, where it is none."""
    told = form["revisi"]
    if told.isascii() and told.isdigit() and len(told) < 10:
        return int(told)
    form.refuse("", "Formulir ini tidak lengkap. Mohon muat ulang halaman.")
    return 0


def _page(site: Site, visit: Visit, number: int, form: Form) -> Response:
    may_decide = visit.principal.may(Permission.DECIDE_CONFLICTS)
    with snapshot(site.pool) as conn:
        found = reading.conflict(conn, number, opds=_within(visit))
        if found is None:
            raise HTTPException(404)
        past = reading.events(conn, found.id)
        contracts, names = _contracts(conn), _names(conn)
        seen = viewer(conn, visit.principal, visit.now)
        onward = _next(conn, visit, found)
        follows = reading.follows(conn, found.id)
        waiting = sum(each.conflicts for each in reading.counts(conn, opds=_within(visit)))
    told = conflict_reading.lines(found, contracts, seen, follows)
    return site.pages.page(
        "conflict.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        found=found,
        heading=conflict_reading.heading(found, contracts),
        lines=told,
        covered=any(line.differs and line.masked for line in told),
        priorities={side: _priority(contracts, side) for side in (found.source_a, found.source_b)},
        hints=conflict_reading.hints(found),
        past=past[::-1],
        consequences=conflict_reading.consequences(found, names, follows),
        effects=conflict_reading.effects(found, follows, contracts, names),
        names=names,
        onward=onward,
        waiting=waiting,
        may_decide=may_decide and found.state is State.OPEN,
        may_take_back=may_decide and found.state in (State.DECIDED, State.ASKED),
        may_see_record=visit.principal.may(Permission.VIEW_RECORDS),
        of_values=found.kind in OF_VALUES,
        words=conflict_reading,
        shortest=SHORTEST_REASON,
        longest=LONGEST_REASON,
    )


def _within(visit: Visit) -> Collection[str] | None:
    """The agencies whose conflicts the person may see; None: all."""
    scope = visit.principal.scope(Permission.VIEW_CONFLICTS)
    return None if scope.everywhere else sorted(scope.opds)


def _next(conn: Connection[TupleRow], visit: Visit, found: reading.Conflict) -> int | None:
    """The next open one of the same kind."""
    behind = reading.conflicts(
        conn, states=[State.OPEN], kinds=[found.kind], opds=_within(visit), after=found.id, most=1
    )
    return behind[0].id if behind else None


def _contracts(conn: Connection[TupleRow]) -> dict[str, Contract]:
    return {contract.name: contract for contract in layouts.contracts(conn)}


def _names(conn: Connection[TupleRow]) -> dict[str, str]:
    return {each.code: each.short_name for each in opds(conn)}


def _priority(contracts: Mapping[str, Contract], source: str) -> int | None:
    contract = contracts.get(source)
    return None if contract is None else contract.priority


def _by_kind(counts: Collection[reading.Count]) -> list[tuple[Kind, int]]:
    found = {kind: sum(each.conflicts for each in counts if each.kind is kind) for kind in Kind}
    return [(kind, count) for kind, count in found.items() if count]

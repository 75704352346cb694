"""Jobs: what runs, since when, how far, by whom; pause, resume, cancel."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Path
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

import jobs
from dashboard import news
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.guard import CurrentVisit
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from hub_db.statements import load
from identity.actors import Actor
from identity.permissions import Permission
from identity.principals import Scope
from jobs import Job, JobId, State

JOBS = load("dashboard", "sql/jobs.sql")
SHOWN = 100
WAY = "/pekerjaan"
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Act = Callable[..., Job]
ACTS: dict[str, Act] = {"jeda": jobs.pause, "lanjut": jobs.resume, "batal": jobs.cancel}
# What a job's state still allows, the usual act first: address, word, look of the button.
POSSIBLE = {
    State.QUEUED: (("jeda", "Jeda", ""), ("batal", "Batalkan", "danger")),
    State.RUNNING: (("jeda", "Jeda", ""), ("batal", "Batalkan", "danger")),
    State.PAUSED: (("lanjut", "Lanjutkan", ""), ("batal", "Batalkan", "danger")),
    State.FAILED: (("lanjut", "Ulangi dari sini", ""),),
    State.DONE: (),
    State.CANCELLED: (),
}
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_JOBS)
def overview(site: CurrentSite, visit: CurrentVisit) -> Response:
    scope = visit.principal.scope(Permission.VIEW_JOBS)
    with snapshot(site.pool) as conn:
        found = jobs.list_jobs(conn, limit=SHOWN) if scope.everywhere else _of_opds(conn, scope)
    open_ones = [job for job in found if job.is_open or job.state is State.FAILED]
    ended = [job for job in found if job not in open_ones]
    return site.pages.page("jobs.html", visit, open_ones=open_ones, ended=ended)


@addresses.page(WAY + "/{number}", Permission.VIEW_JOBS)
def one(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    with snapshot(site.pool) as conn:
        job = _seen(conn, visit, number)
    return _page(site, visit, job)


@addresses.act(WAY + "/{number}/{act}", Permission.CONTROL_JOBS)
def control(site: CurrentSite, visit: CurrentVisit, number: Number, act: str) -> Response:
    if act not in ACTS:
        raise HTTPException(404)
    with writing(site.writers) as conn:
        job = _seen(conn, visit, number)
        try:
            ACTS[act](conn, job.id, by=Actor.person(visit.principal, Permission.CONTROL_JOBS))
        except jobs.NotPossible as refusal:
            return _page(site, visit, job, refusal=str(refusal), status=409)
    return RedirectResponse(news.after(f"{WAY}/{number}", "pekerjaan"), status_code=303)


def _of_opds(conn: Connection[TupleRow], scope: Scope) -> list[Job]:
    numbers = {number for (number,) in conn.execute(JOBS["jobs_of_opds"], {"opds": sorted(scope.opds), "limit": SHOWN})}
    return [jobs.find(conn, number) for number in sorted(numbers, reverse=True)]


def _seen(conn: Connection[TupleRow], visit: Visit, number: int) -> Job:
    """The job, if it is there for this person; else there is no such page."""
    scope = visit.principal.scope(Permission.VIEW_JOBS)
    try:
        job = jobs.find(conn, JobId(number))
    except jobs.NoSuchJob:
        raise HTTPException(404) from None
    if not scope.everywhere and job not in _of_opds(conn, scope):
        raise HTTPException(404)
    return job


def _page(site: Site, visit: Visit, job: Job, *, refusal: str = "", status: int = 200) -> Response:
    acts = POSSIBLE[job.state] if visit.principal.may(Permission.CONTROL_JOBS) else ()
    return site.pages.page("job.html", visit, status=status, job=job, acts=acts, refusal=refusal)

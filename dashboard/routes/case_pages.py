"""Integration requests: the board of the twelve stages, what waits for whoever asks, the register, and one case."""

from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard import case_asking, case_board, case_wording, desk
from dashboard.addresses import Addresses
from dashboard.case_board import Office, OpenCases, Wanted, office_of, open_cases
from dashboard.case_view import whole
from dashboard.database import snapshot
from dashboard.forms import Form
from dashboard.guard import CurrentVisit
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity.people import shown_names
from identity.permissions import Permission
from sop import attachments, boards, store
from sop.actors import OPD_ADMIN
from sop.case import Case
from sop.errors import UnknownCase
from sop.events import CaseState
from sop.moments import Moment
from sop.papers import KINDS, Kind
from sop.papers import Form as PaperForm
from sop.setting import setting_of

BOARD, CASES, MINE = "/papan", "/kasus", "/tugas-saya"
Text = Annotated[str, Query(max_length=64)]
Number = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
NEWEST_OF_LINE = 12  # lines of the time line that stand on the page at first
addresses = Addresses()


@addresses.page(BOARD, Permission.VIEW_CASES)
def board(
    site: CurrentSite,
    visit: CurrentVisit,
    opd: Text = "",
    pemegang: Text = "",
    tenggat: Text = "",
    milik: Text = "",
    tampil: Text = "",
) -> Response:
    wanted = Wanted(opd, pemegang, tenggat, milik == "saya")
    seen, office = _every(site, visit)
    every = seen.cards
    drafts = [each for each in every if each.found.state is CaseState.DRAFT and wanted.fits(each, office.on)]
    running = [each for each in every if each.found.state is not CaseState.DRAFT]
    found = [each for each in running if wanted.fits(each, office.on)]
    return site.pages.page(
        "cases_board.html",
        visit,
        wide=True,
        sentence=case_wording.board_sentence(
            seen.running,
            seen.late,
            sum(each.found.at is not None and each.found.at.due == office.on for each in running),
            seen.held,
        ),
        columns=case_board.columns(found, office.book, seen.counts if wanted == Wanted() else None),
        only_first=case_board.FIRST if seen.running > len(running) else 0,
        found=found,
        drafts=drafts,
        urgent=[each for each in found if each.look in ("late", "soon")],
        as_table=tampil == "tabel",
        form=Form.of(opd=opd, pemegang=pemegang, tenggat=tenggat, milik=milik),
        filters=_filters(wanted, office),
        agencies=sorted({(each.found.opd, each.agency) for each in every}, key=lambda each: each[1]),
        holders=case_wording.HOLDERS,
        query=_query(opd=opd, pemegang=pemegang, tenggat=tenggat, milik=milik),
        may_begin=visit.principal.may(Permission.BEGIN_CASES),
    )


@addresses.page(MINE, Permission.ACT_ON_CASES)
def mine(site: CurrentSite, visit: CurrentVisit) -> Response:
    seen, office = _every(site, visit)
    found = [each for each in seen.cards if each.duties]
    return site.pages.page("cases_mine.html", visit, found=found, office=office, holders=case_wording.HOLDERS)


@addresses.page(CASES + "/{number}", Permission.VIEW_CASES)
def one(site: CurrentSite, visit: CurrentVisit, number: Number, lini: Text = "") -> Response:
    return page_of(site, visit, number, all_lines=lini == "semua")


def page_of(site: Site, visit: Visit, number: str, *, all_lines: bool = False, form: Form | None = None) -> Response:
    """The page of a case; `form`: of the contact person, where it is refused. Raises HTTPException 404."""
    with snapshot(site.pool) as conn:
        try:
            case = desk.look(conn, visit.principal, number)
        except UnknownCase:
            raise HTTPException(404) from None
        events = store.events_of(conn, number)
        office = office_of(conn, site.settings.instance, visit.now)
        names = {**shown_names(conn, {each.actor for each in events}), **office.agencies}
        durations = boards.durations(conn, case.procedure)
        theirs = _theirs(conn, site, visit, case)
    procedure = office.book.of(case.procedure)
    contact = theirs["contact"]
    seen = whole(case, events, procedure, office.on, office.calendar, names, durations)
    return site.pages.page(
        "case.html",
        visit,
        status=422 if form else 200,
        whole=seen,
        case=case,
        card=case_board.card(case, visit.principal, office),
        stage=procedure.at(case.current.stage) if case.current else None,
        line=seen.line if all_lines else seen.line[:NEWEST_OF_LINE],
        more=0 if all_lines else max(0, len(seen.line) - NEWEST_OF_LINE),
        form=form or Form.of(narahubung=contact.name, telepon=contact.phone) if contact else Form(),
        letter_day=date.fromisoformat(seen.letter["dated"]) if seen.letter else None,
        paper_forms=list(PaperForm),
        slug_of=case_asking.slug,
        agency=office.agencies.get(case.opd, case.opd),
        holders=case_wording.HOLDERS,
        state=case_wording.STATES[case.state],
        decree=case.decree,
        **theirs,
    )


def _theirs(conn: Connection[TupleRow], site: Site, visit: Visit, case: Case) -> dict[str, Any]:
    """What of a case is this person's: the acts, whom to call, the files that can be opened, the papers."""
    instance = site.settings.instance
    now, setting = Moment.of(visit.now, instance.zone), setting_of(conn, instance)
    contact = desk.contact(conn, visit.principal, case)
    held = {(each.role.value, each.opd) for each in visit.principal.roles}
    return {
        "acts": case_asking.groups(desk.offers(conn, visit.principal, case, now=now, setting=setting)),
        "contact": contact,
        "may_name_contact": contact is not None and (OPD_ADMIN, case.opd) in held and case.ended_on is None,
        "kept": {each.sha256 for each in attachments.handed_in(conn, case.number)},
        "papers": _papers(case),
    }


def _papers(case: Case) -> list[Kind]:
    """The papers of the stages up to the open one; of a case that ended all that it came to."""
    if case.submitted_on is None:
        return []
    reached = max((each.stage for each in case.attempts.values() if each.started_at is not None), default=0)
    return [kind for kind in KINDS.values() if kind.stage <= reached]


def _every(site: Site, visit: Visit) -> tuple[OpenCases, Office]:
    with snapshot(site.pool) as conn:
        office = office_of(conn, site.settings.instance, visit.now)
        return open_cases(conn, visit.principal, office), office


def _filters(wanted: Wanted, office: Office) -> list[tuple[str, str]]:
    """The filters that are set: a word, and the board without them."""
    due = {case_board.LATE: "terlambat", case_board.TODAY: "jatuh tempo hari ini"}
    words = [
        (wanted.opd, f"OPD: {office.agencies.get(wanted.opd, wanted.opd)}"),
        (wanted.holder, f"Pemegang: {case_wording.HOLDERS.get(wanted.holder, wanted.holder)}"),
        (wanted.due, due.get(wanted.due, wanted.due)),
        ("saya" if wanted.mine else "", "milik saya"),
    ]
    return [(word, BOARD) for value, word in words if value]


def _query(**asked: str) -> str:
    return "&".join(f"{name}={value}" for name, value in asked.items() if value.replace("-", "").isalnum())

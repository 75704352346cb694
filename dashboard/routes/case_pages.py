"""Integration requests: the board of the twelve stages, what waits for whoever asks, the register, and one case."""

from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard import case_asking, case_board, case_signing, case_wording, desk
from dashboard.addresses import Addresses
from dashboard.case_board import Office, Wanted, office_of
from dashboard.case_openings import opened
from dashboard.case_view import whole
from dashboard.database import snapshot
from dashboard.forms import Form
from dashboard.guard import CurrentVisit
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity.people import shown_names
from identity.permissions import Permission
from sop import attachments, boards, comments, store
from sop.actors import OPD_ADMIN
from sop.case import Case
from sop.comments import Comment
from sop.errors import UnknownCase
from sop.moments import Moment
from sop.papers import KINDS, Kind
from sop.papers import Form as PaperForm
from sop.setting import setting_of

BOARD, CASES, MINE = "/papan", "/kasus", "/tugas-saya"
Text = Annotated[str, Query(max_length=64)]
Number = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
NEWEST_OF_LINE = 12  # lines of the time line that stand on the page at first
MOST_URGENT = 20  # of those that are shown
TASKS = 100  # of *mine* on one page
From = Annotated[int, Query(ge=0, le=1_000_000)]
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
    with snapshot(site.pool) as conn:
        office = office_of(conn, site.settings.instance, visit.now)
        seen = case_board.wall(conn, visit.principal, office, wanted)
        agencies = case_board.agencies(conn, visit.principal, office, seen.lag)
    found, totals = seen.cards, seen.totals
    return site.pages.page(
        "cases_board.html",
        visit,
        wide=True,
        sentence=case_wording.board_sentence(totals.running, totals.late, totals.today, totals.held),
        lagging=case_wording.lag_sentence(seen.lag, visit.now, site.settings.instance.zone),
        columns=seen.columns,
        only_first=seen.only_first,
        found=found,
        drafts=seen.drafts,
        urgent=[each for each in found if each.look in ("late", "soon")][:MOST_URGENT],
        as_table=tampil == "tabel",
        form=Form.of(opd=opd, pemegang=pemegang, tenggat=tenggat, milik=milik),
        filters=_filters(wanted, office),
        agencies=agencies,
        holders=case_wording.HOLDERS,
        query=_query(opd=opd, pemegang=pemegang, tenggat=tenggat, milik=milik),
        may_begin=visit.principal.may(Permission.BEGIN_CASES),
    )


@addresses.page(MINE, Permission.ACT_ON_CASES)
def mine(site: CurrentSite, visit: CurrentVisit, mulai: From = 0) -> Response:
    with snapshot(site.pool) as conn:
        office = office_of(conn, site.settings.instance, visit.now)
        seen = case_board.mine(conn, visit.principal, office, skip=mulai, limit=TASKS)
    end = mulai + len(seen.cards)
    return site.pages.page(
        "cases_mine.html",
        visit,
        found=seen.cards,
        count=seen.count,
        lagging=case_wording.lag_sentence(seen.lag, visit.now, site.settings.instance.zone),
        begins=mulai,
        later=f"{MINE}?mulai={end}" if end < seen.count else "",
        first=MINE if mulai else "",
    )


@addresses.page(CASES + "/{number}", Permission.VIEW_CASES)
def one(site: CurrentSite, visit: CurrentVisit, number: Number, lini: Text = "", koreksi: Text = "") -> Response:
    return page_of(site, visit, number, all_lines=lini == "semua", correcting=koreksi)


def page_of(
    site: Site,
    visit: Visit,
    number: str,
    *,
    all_lines: bool = False,
    form: Form | None = None,
    said: Form | None = None,
    correcting: str = "",
) -> Response:
    """The page of a case; `form`: of the contact person, `said`: a comment, where it is refused; `correcting`: the
    number of an own comment that the form is about. Raises HTTPException 404."""
    with snapshot(site.pool) as conn:
        try:
            case = desk.look(conn, visit.principal, number)
        except UnknownCase:
            raise HTTPException(404) from None
        office = office_of(conn, site.settings.instance, visit.now)
        record = _record(conn, site, visit, case, office)
        theirs = _theirs(conn, site, visit, case)
    contact, line, spoken = theirs["contact"], record.pop("line"), record.pop("spoken")
    stage = office.book.of(case.procedure).at(case.current.stage) if case.current else None
    return site.pages.page(
        "case.html",
        visit,
        status=422 if form or said else 200,
        said=said or _correction(spoken, visit, correcting),
        case=case,
        card=case_board.card(case, visit.principal, office),
        stage=stage,
        line=line if all_lines else line[:NEWEST_OF_LINE],
        more=0 if all_lines else max(0, len(line) - NEWEST_OF_LINE),
        longest_comment=comments.LONGEST,
        form=form or Form.of(narahubung=contact.name, telepon=contact.phone) if contact else Form(),
        paper_forms=list(PaperForm),
        slug_of=case_asking.slug,
        agency=office.agencies.get(case.opd, case.opd),
        holders=case_wording.HOLDERS,
        state=case_wording.STATES[case.state],
        **record,
        **theirs,
    )


def _record(conn: Connection[TupleRow], site: Site, visit: Visit, case: Case, office: Office) -> dict[str, Any]:
    """What happened to a case and was said about it, and who has opened its files."""
    events, procedure = store.events_of(conn, case.number), office.book.of(case.procedure)
    spoken, openings = comments.of_case(conn, case.number), attachments.openings(conn, case.number)
    openers = {each.by for of_file in openings.values() for each in of_file}
    people = {each.actor for each in events} | {each.by for each in spoken} | openers
    names = {**shown_names(conn, people), **office.agencies}
    durations = boards.durations(conn, case.procedure)
    seen = whole(case, events, procedure, office.on, office.calendar, names, durations)
    me, zone = visit.principal.name, site.settings.instance.zone
    told = [case_wording.comment_told(each, spoken, me, names, zone) for each in reversed(spoken)]
    return {
        "whole": seen,
        "spoken": spoken,
        "line": case_wording.merged(seen.line, told),
        "followers": store.followers(conn, case.number),
        "openings": opened(case, procedure, openings, names),
        "letter_day": date.fromisoformat(seen.letter["dated"]) if seen.letter else None,
    }


def _correction(spoken: list[Comment], visit: Visit, number: str) -> Form:
    """The form for a comment; of an own one that is to be corrected with its text."""
    found = [each for each in spoken if str(each.id) == number and each.by == visit.principal.name]
    return Form.of(komentar=found[0].said, koreksi=number) if found else Form()


def _theirs(conn: Connection[TupleRow], site: Site, visit: Visit, case: Case) -> dict[str, Any]:
    """What of a case is this person's: the acts, whom to call, the files that can be opened, the papers."""
    instance = site.settings.instance
    now, setting = Moment.of(visit.now, instance.zone), setting_of(conn, instance)
    contact = desk.contact(conn, visit.principal, case)
    held = {(each.role.value, each.opd) for each in visit.principal.roles}
    offers = desk.offers(conn, visit.principal, case, now=now, setting=setting)
    return {
        "acts": case_asking.groups(offers),
        "contact": contact,
        "may_name_contact": contact is not None and (OPD_ADMIN, case.opd) in held and case.ended_on is None,
        "kept": {each.sha256 for each in attachments.handed_in(conn, case.number)},
        **case_signing.papers_of(conn, case.number, offers),
        "papers": _papers(case),
        "may_comment": visit.principal.may(Permission.COMMENT_ON_CASES, case.opd),
    }


def _papers(case: Case) -> list[Kind]:
    """The papers of the stages up to the open one; of a case that ended all that it came to."""
    if case.submitted_on is None:
        return []
    reached = max((each.stage for each in case.attempts.values() if each.started_at is not None), default=0)
    return [kind for kind in KINDS.values() if kind.stage <= reached]


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

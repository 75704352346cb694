"""What officers do with a case: each act on a page of its own, as the person, upon the case as the page showed it."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import Path
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import case_asking, case_papers, case_signing_acts, desk, news, own_act
from dashboard.addresses import Addresses
from dashboard.case_signing_acts import moment_of, must_be_theirs
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted, PostedFile
from dashboard.routes.case_pages import CASES, Number
from dashboard.site import CurrentSite, Site
from dashboard.uploads import Upload
from dashboard.visit import Visit
from identity.opds import opds
from identity.permissions import Permission
from sop import renditions
from sop.asking import FIELDS, Answers, Ask, Field, Verb
from sop.commands import File
from sop.errors import Forbidden, Rule, UnknownAct, UnknownCase
from sop.papers import UnknownPaper
from sop.papers.typed import NATURES, RECEIVERS, REQUESTS
from sop.permission import SHORTEST_REASON
from sop.setting import setting_of
from sop.store import Decision

WAY: Final = CASES + "/{number}/langkah/{act}"
Act = Annotated[str, Path(pattern=r"^[a-z-]{1,40}(:[a-z0-9-]{1,60})?$")]
_PLACES: Final = {
    Rule.LETTER_MISSING: "surat",
    Rule.REASON_TOO_SHORT: "alasan",
    Rule.DOCUMENT_MISSING: "dokumen",
    Rule.DOCUMENT_UNKNOWN: "dokumen",
    Rule.FILE_REFUSED: "berkas",
    Rule.SIGNATURE_MISSING: "berkas",
    Rule.HOLD_TOO_LONG: "sampai",
    Rule.HOLD_BACKWARDS: "sampai",
}
addresses = Addresses()


@addresses.page(WAY, Permission.ACT_ON_CASES)
def ask(site: CurrentSite, visit: CurrentVisit, number: Number, act: Act) -> Response:
    return _page(site, visit, number, _asked(act), None)


@addresses.act(WAY, Permission.ACT_ON_CASES, with_file=True)
def do(site: CurrentSite, visit: CurrentVisit, number: Number, act: Act, form: Posted, upload: PostedFile) -> Response:
    asked = _asked(act)
    wants_file = Field.FILE in FIELDS[asked.verb]
    if wants_file and upload is None:
        form.refuse("berkas", "Berkas belum dipilih. Mohon pilih satu berkas.")
    answers = case_asking.answers_in(form, FIELDS[asked.verb])
    freezes = asked.verb is Verb.FREEZE
    typed = case_asking.typed_in(form, asked.about, answers.letter) if freezes else None
    if form.good:
        try:
            if freezes and typed is not None:
                done, word = case_signing_acts.freeze(site, visit, number, asked.about, typed, form), "siap"
            elif asked.verb is Verb.SIGN and upload is not None:
                done, word = case_signing_acts.accept(site, visit, number, asked.about, upload, form), "sah"
            else:
                file = upload if wants_file else None
                done, word = _decide(site, visit, number, asked, answers, form, file), "langkah"
            said = own_act.word_of(site, done.case, word)
            return RedirectResponse(news.after(f"{CASES}/{number}", said), status_code=303)
        except (UnknownCase, UnknownAct, UnknownPaper):
            raise HTTPException(404) from None
        except Forbidden as refusal:
            form.refuse(_PLACES.get(refusal.rule, ""), refusal.sentence)
    return _page(site, visit, number, asked, form)


def _decide(
    site: Site, visit: Visit, number: str, asked: Ask, answers: Answers, form: Form, upload: Upload | None
) -> Decision:
    with writing(site.writers) as conn:
        must_be_theirs(visit, desk.look(conn, visit.principal, number).opd)
        file = _handed_in(conn, visit, number, upload) if upload else None
        return desk.act(
            conn,
            visit.principal,
            number,
            asked,
            replace(answers, file=file),
            seen=case_asking.seen_in(form),
            command_id=form["perintah"][:64],
            now=moment_of(site, visit),
            setting=setting_of(conn, site.settings.instance),
        )


def _handed_in(conn: Connection[TupleRow], visit: Visit, number: str, upload: Upload) -> File:
    """The file is kept; what it is its bytes say, not its name."""
    return case_papers.hand_in(conn, visit.principal, number, upload.data, upload.name, now=visit.now)


def _asked(act: str) -> Ask:
    found = case_asking.ask_of(act)
    if found is None:
        raise HTTPException(404)
    return found


def _page(site: Site, visit: Visit, number: str, asked: Ask, form: Form | None) -> Response:
    """The act's form as the case stands now; what was typed stays, and with it the case as the person saw it."""
    now = moment_of(site, visit)
    with snapshot(site.pool) as conn:
        setting = setting_of(conn, site.settings.instance)
        try:
            case = desk.look(conn, visit.principal, number)
        except UnknownCase:
            raise HTTPException(404) from None
        must_be_theirs(visit, case.opd)
        offers = desk.offers(conn, visit.principal, case, now=now, setting=setting)
        agencies = {each.code: each.name for each in opds(conn)}
        frozen = [each for each in renditions.of_case(conn, number) if each.slot == asked.about]
    offer = next((each for each in offers if each.ask == asked), None)
    stage = setting.book.of(case.procedure).at(case.current.stage) if case.current else None
    return site.pages.page(
        "case_act.html",
        visit,
        status=200 if form is None else 422,
        case=case,
        agency=agencies.get(case.opd, case.opd),
        stage=stage,
        offer=offer,
        slug=case_asking.slug(asked),
        form=form or (case_asking.fresh(offer) if offer else Form()),
        shortest=SHORTEST_REASON,
        longest=case_asking.LONGEST_REASON,
        longest_letter=case_asking.LONGEST_LETTER,
        frozen=frozen[-1] if frozen else None,
        sign_hint=case_asking.sign_hint(asked.about, frozen[-1].version if frozen else None),
        signers=case_asking.signers_of(asked.about),
        natures=[(each, each) for each in NATURES],
        receivers=[(each, each) for each in RECEIVERS],
        requests=[(each, each) for each in REQUESTS],
        longest_name=case_asking.LONGEST_NAME,
        longest_note=case_asking.LONGEST_NOTE,
    )

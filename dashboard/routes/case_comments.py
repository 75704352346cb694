"""Comments on a case, and corrections of own ones: written on the page of the case."""

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import case_comments, news
from dashboard.addresses import Addresses
from dashboard.database import writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.personal_hint import personal_in
from dashboard.routes.case_pages import CASES, Number, page_of
from dashboard.site import CurrentSite
from identity.permissions import Permission
from sop.comments import LONGEST
from sop.errors import Forbidden, UnknownCase

addresses = Addresses()


@addresses.act(CASES + "/{number}/komentar", Permission.COMMENT_ON_CASES)
def say(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    """A comment; with `koreksi` it corrects an own one, which stays as it is."""
    said, corrects = form.text("komentar", "Komentar", longest=LONGEST), _corrects(form)
    hint = personal_in(said)
    if hint:
        form.refuse("komentar", hint)
    if form.good:
        here = site.settings.instance
        try:
            with writing(site.writers) as conn:
                case_comments.say(conn, visit.principal, number, said, corrects=corrects, now=visit.now, instance=here)
            return RedirectResponse(news.after(f"{CASES}/{number}", "komentar"), status_code=303)
        except UnknownCase:
            raise HTTPException(404) from None
        except Forbidden as refusal:
            form.refuse("komentar", refusal.sentence)
    return page_of(site, visit, number, said=form)


def _corrects(form: Form) -> int | None:
    """The number of the comment that is corrected; None for a new one. Raises HTTPException 404 for no number."""
    text = form["koreksi"]
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise HTTPException(404)
    return int(text)

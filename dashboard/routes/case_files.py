"""Papers and files of a case. To open one is an act with an entry in the audit, so each is opened by a button."""

from collections.abc import Callable
from typing import Annotated, Protocol
from urllib.parse import quote

from fastapi import Path
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard import case_papers
from dashboard.addresses import Addresses
from dashboard.database import writing
from dashboard.forms import Form as Posting
from dashboard.guard import CurrentVisit, Posted
from dashboard.routes.case_pages import CASES, Number
from dashboard.site import CurrentSite, Site
from identity.permissions import Permission
from sop.attachments import UnknownFile
from sop.errors import UnknownCase
from sop.papers import Form, UnknownPaper

Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
addresses = Addresses()


class Content(Protocol):
    """A file: its name for who saves it, its media type, its bytes."""

    @property
    def name(self) -> str: ...

    @property
    def media(self) -> str: ...

    @property
    def data(self) -> bytes: ...


@addresses.act(CASES + "/{number}/naskah/{code}", Permission.VIEW_CASES)
def paper(site: CurrentSite, visit: CurrentVisit, number: Number, code: Code, form: Posted) -> Response:
    """A draft of a paper, out of what the hub knows now."""
    kind = _kind(form)
    instance = site.settings.instance
    return _download(
        site,
        lambda conn: case_papers.open_paper(
            conn, visit.principal, number, code, kind, now=visit.now, instance=instance
        ),
    )


@addresses.act(CASES + "/{number}/berkas/{sha256}", Permission.VIEW_CASES)
def file(site: CurrentSite, visit: CurrentVisit, number: Number, sha256: Sha256, form: Posted) -> Response:
    """A file that was handed in."""
    del form  # it brings the token only
    return _download(site, lambda conn: case_papers.open_file(conn, visit.principal, number, sha256, now=visit.now))


def _kind(form: Posting) -> Form:
    """The kind of file that was asked for; a PDF where nothing was."""
    asked = form["bentuk"] or Form.PDF.value
    if asked not in list(Form):
        raise HTTPException(404)
    return Form(asked)


def _download(site: Site, opened: Callable[[Connection[TupleRow]], Content]) -> Response:
    """Kept as a file and never shown in the page's own origin."""
    try:
        with writing(site.writers) as conn:
            found = opened(conn)
    except (UnknownCase, UnknownFile, UnknownPaper):
        raise HTTPException(404) from None
    plain = found.name.encode("ascii", "replace").decode().replace("?", "_")
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name, safe='')}"
    told = {"Content-Disposition": named, "Content-Type": found.media}
    return Response(found.data, headers=told)

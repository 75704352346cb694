"""The exchange as it goes, live, and the data that were sent back."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Header, Query
from starlette.responses import PlainTextResponse, Response

from dashboard import reading, sessions
from dashboard.addresses import Addresses
from dashboard.database import snapshot
from dashboard.errors import Forbidden, SourceAway
from dashboard.exchange import Document
from dashboard.guard import CurrentVisit
from dashboard.sampler import LETTERS as NEWEST
from dashboard.sampler import Sample
from dashboard.site import CurrentSite, Site
from dashboard.standing import only
from dashboard.stream import EventStream
from dashboard.visit import Visit
from identity.permissions import Permission
from identity.principals import Scope
from schemas.names import TopicName

LETTERS = 25  # on one page
CAUSES = 50
WAY = "/data-dikembalikan"
addresses = Addresses()


@addresses.page("/pertukaran", Permission.VIEW_EXCHANGE)
def exchange(site: CurrentSite, visit: CurrentVisit) -> Response:
    scope = visit.principal.scope(Permission.VIEW_EXCHANGE)
    return site.pages.exchange(seen_by(site, scope), visit, live=scope.everywhere)


def seen_by(site: Site, scope: Scope) -> Sample:
    """The newest picture of the exchange, of it the documents in `scope`. Raises SourceAway while there is none."""
    sample = site.sampler.current()
    if sample.whole is None or sample.away_since is not None:
        raise SourceAway("no fresh picture of the exchange")
    if scope.everywhere:
        return sample
    with snapshot(site.pool) as conn:
        letters = reading.newest_dead_letters(conn, scope=scope, limit=NEWEST)
    return Sample(sample.number, sample.at, only(sample.whole, scope, letters), sample.away_since)


@addresses.stream("/aliran", Permission.VIEW_EXCHANGE)
async def flow(
    site: CurrentSite,
    visit: CurrentVisit,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
    sec_fetch_site: Annotated[str | None, Header(max_length=20)] = None,
) -> Response:
    """The live parts are of all documents, so they are for those who may see all."""
    if sec_fetch_site not in (None, "same-origin", "none"):
        return PlainTextResponse("Hanya untuk halaman Simpul.", status_code=403)
    if not visit.principal.scope(Permission.VIEW_EXCHANGE).everywhere:
        raise Forbidden(Permission.VIEW_EXCHANGE, for_programs=True)
    site.sampler.wake()
    return EventStream(
        site.broadcast,
        last_event_id,
        reader=visit.principal.person_id,
        still_allowed=lambda: sessions.still_allowed(site, visit.token, Permission.VIEW_EXCHANGE),
        settings=site.settings,
    )


@addresses.page(WAY, Permission.VIEW_DEAD_LETTERS)
def returned(
    site: CurrentSite,
    visit: CurrentVisit,
    dokumen: Annotated[str, Query(max_length=100)] = "",
    sebelum: Annotated[int, Query(ge=1, le=reading.NEWEST_ID)] = reading.NEWEST_ID,
) -> Response:
    scope = visit.principal.scope(Permission.VIEW_DEAD_LETTERS)
    with snapshot(site.pool) as conn:
        documents = reading.documents(conn, scope=scope)
        topic = _topic(documents, dokumen)
        if dokumen and topic is None:
            return _unknown_document(site, visit)
        letters = reading.dead_letters_before(conn, sebelum, topic=topic, scope=scope, limit=LETTERS + 1)
        causes = reading.causes(conn, topic=topic, scope=scope, limit=CAUSES + 1)
    return site.pages.page(
        "returned.html",
        visit,
        documents=documents,
        chosen=dokumen,
        causes=causes[:CAUSES],
        more_causes=len(causes) > CAUSES,
        total=sum(cause.letters for cause in causes),
        letters=letters[:LETTERS],
        paged=sebelum != reading.NEWEST_ID,
        next_before=letters[LETTERS - 1].id if len(letters) > LETTERS else None,
    )


def _topic(documents: Sequence[Document], name: str) -> TopicName | None:
    return next((document.topic for document in documents if document.name == name), None)


def _unknown_document(site: Site, visit: Visit) -> Response:
    return site.pages.fault(
        visit,
        "Dokumen tidak ditemukan",
        "Dokumen yang dipilih tidak ada dalam daftar dokumen pertukaran. Mohon pilih dari daftar.",
        status=404,
        act="Lihat semua data dikembalikan",
        way=WAY,
    )

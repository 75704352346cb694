"""What a form of the case's page does about signing: freezing a paper, and bringing the signed file."""

from typing import Final

from starlette.exceptions import HTTPException

from dashboard import case_signing, desk
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.site import Site
from dashboard.uploads import Upload
from dashboard.visit import Visit
from identity.permissions import Permission
from sop import renditions
from sop.asking import Ask, Verb
from sop.errors import Forbidden, Rule
from sop.moments import Moment
from sop.papers.typed import Typed
from sop.setting import setting_of
from sop.signatures.apart import examine_apart
from sop.store import Decision

NO_PLACE: Final = (
    "Alamat halaman Simpul belum ditetapkan, sehingga kode QR naskah belum dapat dibuat. Mohon hubungi administrator."
)


def moment_of(site: Site, visit: Visit) -> Moment:
    return Moment.of(visit.now, site.settings.instance.zone)


def must_be_theirs(visit: Visit, opd: str) -> None:
    """Raises HTTPException 404 where the person may look, but acts for other agencies only."""
    if not visit.principal.may(Permission.ACT_ON_CASES, opd):
        raise HTTPException(404)


def freeze(site: Site, visit: Visit, number: str, slot: str, typed: Typed, form: Form) -> Decision:
    """Make the paper ready. Raises UnknownCase, UnknownPaper, Forbidden (sop)."""
    if not site.settings.public_url:
        raise Forbidden(Rule.REQUEST_INCOMPLETE, NO_PLACE)
    with writing(site.writers) as conn:
        must_be_theirs(visit, desk.look(conn, visit.principal, number).opd)
        return case_signing.freeze(
            conn,
            visit.principal,
            number,
            slot,
            typed,
            pages=site.settings.public_url,
            command_id=form["perintah"][:64],
            now=moment_of(site, visit),
            setting=setting_of(conn, site.settings.instance),
            instance=site.settings.instance,
        )


def accept(site: Site, visit: Visit, number: str, slot: str, upload: Upload, form: Form) -> Decision:
    """Judge the file, which may take seconds, then take it. Raises UnknownCase, Forbidden (sop)."""
    instance, now = site.settings.instance, moment_of(site, visit)
    with snapshot(site.pool) as conn:
        case = desk.look(conn, visit.principal, number)
        must_be_theirs(visit, case.opd)
        offers = desk.offers(conn, visit.principal, case, now=now, setting=setting_of(conn, instance))
        frozen = renditions.of_case(conn, number)
    if Ask(Verb.SIGN, slot) not in {each.ask for each in offers if each.is_open}:
        raise Forbidden(Rule.NOT_YOUR_ROLE, "Langkah ini tidak terbuka untuk Anda sekarang.")
    holds = case_signing.examine(
        frozen,
        slot,
        upload.data,
        by=examine_apart,
        anchors=site.settings.signature_anchors,
        now=now,
    )
    with writing(site.writers) as conn:
        return case_signing.accept(
            conn,
            visit.principal,
            number,
            slot,
            upload.data,
            upload.name,
            holds,
            command_id=form["perintah"][:64],
            now=now,
            setting=setting_of(conn, instance),
        )

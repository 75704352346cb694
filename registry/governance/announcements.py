"""Who is told of a new version: the office that owns the document, and those who read it."""

from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from identity.grants import all_grants
from identity.opds import EVERYWHERE, opds
from identity.permissions import Role
from jobs.notices import Notice, Office, Severity, raise_notice
from registry.governance.drafts import Draft
from registry.governance.governed import DRAFTS_WAY
from schemas.contract import Contract


def new_version(conn: Connection[TupleRow], draft: Draft, version: int, contract: Contract, *, now: datetime) -> None:
    """Tell owner and readers of a document's version; nobody of the first one, which has no readers yet."""
    if version == 1:
        return
    known = {each.code for each in opds(conn) if each.active}
    readers = {
        grant.reader for grant in all_grants(conn, EVERYWHERE) if grant.entity == contract.entity and grant.holds(now)
    }
    title = f"Kontrak {contract.name} kini versi {version}"
    for opd in sorted(({contract.opd} | readers) & known):
        owns = opd == contract.opd
        text = "Mohon perbarui adaptor bila isian baru hendak dikirim; kejadian bentuk lama tetap diterima."
        notice = Notice(
            cause=f"contract:{draft.subject}:{version}:{opd}",
            kind="contract.approved",
            office=Office(opd, Role.OPD_ADMIN),
            severity=Severity.INFO,
            title=title,
            body=text if owns else "Isian yang dibaca dapat berubah. Mohon lihat perubahannya pada katalog.",
            link=f"{DRAFTS_WAY}/{draft.id}" if owns else f"/katalog/{contract.opd}/{contract.document}",
        )
        raise_notice(conn, notice, now=now)

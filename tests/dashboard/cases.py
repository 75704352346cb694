"""Integration requests for tests of the pages, decided in the test's database as of today."""

import hashlib
import secrets
from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection

from sop import attachments, renditions, store
from sop.actors import Actor
from sop.actors import Office as Held
from sop.commands import Attach, Letter, Submit
from sop.moments import Moment
from sop.papers.rendering import Frozen
from sop.papers.typed import Typed
from sop.store import Contact
from tests.dashboard.exchange_rows import INSTANCE
from tests.sop.office import SETTING, Office
from tests.sop.town import LONG_AGO

LETTER = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
LETTER_SHA256 = hashlib.sha256(LETTER).hexdigest()
CONTACT = Contact("Wati Kenari", "+6281200009001")


def today() -> date:
    return datetime.now(UTC).astimezone(INSTANCE.zone).date()


def submitted_case(conn: "Connection[Any]", opd: str) -> str:
    """The number of an agency's request that has just come to stage 1, with someone to call."""
    by = Actor(f"admin.{opd}", (Held("opd_admin", opd, LONG_AGO),))
    now = Moment.of(datetime.now(UTC), INSTANCE.zone)

    def decide(number: str, command: Any) -> None:
        store.decide(conn, number, command, by=by, now=now, setting=SETTING, command_id=secrets.token_hex(8))

    begun = store.begin(
        conn, opd, [f"{opd}.uji"], numbers=INSTANCE.nomor.permohonan, decree=INSTANCE.sop.nomor, by=by, now=now,
        setting=SETTING, command_id=secrets.token_hex(8),
    )  # fmt: skip
    number = begun.case.number
    letter = attachments.hand_in(conn, number, LETTER, "surat.pdf", by=by.name, now=now.at)
    for slot in SETTING.book.newest.at(1).input:
        decide(number, Attach(slot.slot, letter))
    decide(number, Submit(Letter("421/7/2026", now.on), has_contact=True))
    store.set_contact(conn, number, CONTACT)
    return number


def frozen_paper(conn: "Connection[Any]", number: str) -> str:
    """The code of a paper of the case that waits for its signature."""
    now, code = datetime.now(UTC), renditions.new_code()
    file = attachments.hand_in(conn, number, LETTER, "disposisi.pdf", by="uji", now=now)
    frozen = Frozen("Disposisi Integrasi Aplikasi", 1, LETTER, {})
    typed = Typed(Letter("500/9/2026", today()), ("Ratri Contoh",))
    renditions.add(
        conn, frozen, typed, code=code, case=number, slot="disposisi", version=1, attempt=(1, 1), sha256=file.sha256,
        by="uji", now=now,
    )  # fmt: skip
    return code


class OfficeNow(Office):
    """Decides by the clock of the pages, so that what comes after an act on a page is later."""

    def now(self) -> Moment:
        return Moment.of(datetime.now(UTC), INSTANCE.zone)

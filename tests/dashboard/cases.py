"""Integration requests for tests of the pages, decided in the test's database as of today."""

import secrets
from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection

from sop import store
from sop.actors import Actor, Office
from sop.commands import Attach, File, Letter, Submit
from sop.moments import Moment
from sop.store import Contact
from tests.dashboard.exchange_rows import INSTANCE
from tests.sop.office import SETTING
from tests.sop.town import LONG_AGO, PDF, sha

CONTACT = Contact("Wati Kenari", "+6281200009001")


def today() -> date:
    return datetime.now(UTC).astimezone(INSTANCE.zone).date()


def submitted_case(conn: "Connection[Any]", opd: str) -> str:
    """The number of an agency's request that has just come to stage 1, with someone to call."""
    by = Actor(f"admin.{opd}", (Office("opd_admin", opd, LONG_AGO),))
    now = Moment.of(datetime.now(UTC), INSTANCE.zone)

    def decide(number: str, command: Any) -> None:
        store.decide(conn, number, command, by=by, now=now, setting=SETTING, command_id=secrets.token_hex(8))

    begun = store.begin(
        conn, opd, [f"{opd}.uji"], numbers=INSTANCE.nomor.permohonan, decree=INSTANCE.sop.nomor, by=by, now=now,
        setting=SETTING, command_id=secrets.token_hex(8),
    )  # fmt: skip
    number = begun.case.number
    for slot in SETTING.book.newest.at(1).input:
        decide(number, Attach(slot.slot, File(sha(slot.slot), PDF, 1000)))
    decide(number, Submit(Letter("421/7/2026", now.on), has_contact=True))
    store.set_contact(conn, number, CONTACT)
    return number

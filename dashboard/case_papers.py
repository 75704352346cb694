"""Papers and files of a case for who may see the case: what was opened stands in the audit.

When the OPD opens the result that it was sent (stage 7), that is a fact, and evidence.
"""

import hashlib
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.calendar import local_date
from base.instance import Instance
from dashboard import desk
from hub_db import facts
from identity.actors import Actor, note
from identity.acts import Act
from identity.permissions import Permission
from identity.principals import Principal
from sop import attachments
from sop.attachments import Content
from sop.case import Case
from sop.commands import File
from sop.errors import Forbidden, Rule
from sop.papers import Form, Rendered, render

RESULT: Final = "unit-tes"  # what the OPD is sent
DELIVERED: Final = 7  # the stage at which it is
OPENED: Final = "result.opened"


def open_paper(
    conn: Connection[TupleRow],
    principal: Principal,
    number: str,
    code: str,
    form: Form = Form.PDF,
    *,
    now: datetime,
    instance: Instance,
) -> Rendered:
    """A draft for a person. Raises UnknownCase, also for a case that the person may not see, and UnknownPaper.

    Who is to be called stands in it only for those who work on the case, as on its page.
    """
    case = desk.look(conn, principal, number)
    by = Actor.person(principal, Permission.VIEW_CASES, case.opd)
    if code == RESULT:
        _report_opened(conn, case, by, now)
    works_on_it = principal.may(Permission.ACT_ON_CASES, case.opd)
    return draft(conn, case, code, form, by=by, now=now, instance=instance, with_contact=works_on_it)


def hand_in(
    conn: Connection[TupleRow], principal: Principal, number: str, data: bytes, name: str, *, now: datetime
) -> File:
    """Keep a file for the case; an act of the desk then puts it into a slot, with the audit entry.

    Raises UnknownCase, and Forbidden (sop): for what is not accepted, and for who does not work on the case.
    """
    case = desk.look(conn, principal, number)
    if not principal.may(Permission.ACT_ON_CASES, case.opd):
        raise Forbidden(Rule.NOT_YOUR_ROLE, "Berkas diunggah oleh OPD pemohon atau petugas yang menangani.")
    return attachments.hand_in(conn, number, data, name, by=principal.name, now=now)


def open_file(conn: Connection[TupleRow], principal: Principal, number: str, sha256: str, *, now: datetime) -> Content:
    """A file of the case. Raises UnknownCase and UnknownFile."""
    case = desk.look(conn, principal, number)
    found = attachments.open_file(conn, number, sha256, by=principal.name, now=now)
    by = Actor.person(principal, Permission.VIEW_CASES, case.opd)
    note(conn, by, Act.CASE_FILE, desk.subject(number), now=now, opd=case.opd, sha256=sha256)
    attempt = case.current
    if attempt is not None and any(each.sha256 == sha256 for each in attempt.papers.get(RESULT, ())):
        _report_opened(conn, case, by, now)
    return found


def _report_opened(conn: Connection[TupleRow], case: Case, by: Actor, now: datetime) -> None:
    """That the OPD has opened the result: once for each attempt at the stage that asks for it."""
    attempt = case.current
    if attempt is None or attempt.stage != DELIVERED or by.opd != case.opd:
        return
    fact = facts.Fact(
        OPENED,
        case.number,
        {"stage": attempt.stage, "round": attempt.round},
        source="/simpul/web",
        occurred_at=now,
        actor=by.name,
        role=by.role,
        unit=by.opd,
        ce_id=f"{OPENED}:{case.number}:{attempt.round}",
    )
    facts.report(conn, fact)


def draft(
    conn: Connection[TupleRow],
    case: Case,
    code: str,
    form: Form,
    *,
    by: Actor,
    now: datetime,
    instance: Instance,
    with_contact: bool,
) -> Rendered:
    """The draft and its audit entry, in the caller's transaction. Raises UnknownPaper."""
    on = local_date(now, instance.zone)
    made = render(conn, case.number, code, form, instance=instance, on=on, with_contact=with_contact)
    told = {"paper": code, "form": form.value, "sha256": hashlib.sha256(made.data).hexdigest()}
    note(conn, by, Act.CASE_PAPER, desk.subject(case.number), now=now, opd=case.opd, **told)
    return made

"""Papers of a case for who may see the case; that one was opened stands in the audit."""

import hashlib
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from base.calendar import local_date
from base.instance import Instance
from dashboard import desk
from identity.actors import Actor, note
from identity.acts import Act
from identity.permissions import Permission
from identity.principals import Principal
from sop.case import Case
from sop.papers import Form, Rendered, render


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
    works_on_it = principal.may(Permission.ACT_ON_CASES, case.opd)
    return draft(conn, case, code, form, by=by, now=now, instance=instance, with_contact=works_on_it)


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

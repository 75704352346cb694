"""Comments on a case at the desk: who may, with the audit entry and the notices to those concerned.

The notice says that something was said, by which office; what, stands on the page of the case alone.
"""

from collections.abc import Iterator
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from dashboard import desk
from dashboard.desk import subject
from identity.actors import Actor, note
from identity.acts import Act
from identity.permissions import ROLE_TITLES, Permission, Role
from identity.principals import Principal
from jobs.notices import Notice, Office, Severity, close_cause, raise_notice
from sop import comments
from sop.actors import ROLES_OF_THE_OPD
from sop.case import Case
from sop.comments import Comment
from sop.errors import UnknownCase
from sop.procedure import book


def say(
    conn: Connection[TupleRow],
    principal: Principal,
    number: str,
    said: str,
    *,
    corrects: int | None = None,
    now: datetime,
    instance: Instance,
) -> Comment:
    """Comment on a case, as far as the person may. Raises UnknownCase, and Forbidden (sop) for a correction that is not
    theirs."""
    case = desk.look(conn, principal, number)
    if not principal.may(Permission.COMMENT_ON_CASES, case.opd):
        raise UnknownCase(number)
    by = Actor.person(principal, Permission.COMMENT_ON_CASES, case.opd)
    found = comments.add(conn, case, said, by=by.name, role=by.role, unit=by.opd, now=now, corrects=corrects)
    note(conn, by, Act.CASE_COMMENT, subject(number), now=now, opd=case.opd, comment=found.id, corrects=corrects)
    _tell(conn, case, by, found, instance.sop.walidata, now)
    return found


def _tell(conn: Connection[TupleRow], case: Case, by: Actor, found: Comment, walidata: str, now: datetime) -> None:
    """The other side reads of it; the office that has spoken has read what was said before."""
    mine = Office(by.opd or "", Role(by.role)) if by.role else None
    if mine is not None:
        close_cause(conn, _cause(case, mine), now=now, actor=by.name)
    who = f"{ROLE_TITLES[mine.role]} ({mine.opd})" if mine else "pengguna"
    for office in _concerned(case, walidata):
        if office == mine:
            continue
        notice = Notice(
            cause=_cause(case, office),
            matter=f"case:komentar:{case.number}",
            kind="case.comment",
            office=office,
            severity=Severity.INFO,
            title=f"{case.number}: komentar baru dari {who}.",
            body="Isinya pada lini masa permohonan.",
            link=f"/kasus/{case.number}#h-lini",
            level=min(found.id - first_of(conn, case), 32_000),
        )
        raise_notice(conn, notice, now=now)


def first_of(conn: Connection[TupleRow], case: Case) -> int:
    """The number of the case's first comment: what comes later is told anew."""
    return comments.of_case(conn, case.number)[0].id


def _concerned(case: Case, walidata: str) -> Iterator[Office]:
    """The agency's admin, and the office of the Walidata that the open stage is with."""
    yield Office(case.opd, Role.OPD_ADMIN)
    attempt = case.current
    role = book().of(case.procedure).at(attempt.stage).role if attempt else Role.TIM_TEKNIS.value
    yield Office(walidata, Role.TIM_TEKNIS if role in ROLES_OF_THE_OPD else Role(role))


def _cause(case: Case, office: Office) -> str:
    return f"case:komentar:{case.number}:{office.opd}:{office.role}"

"""The desk: signed-in people begin cases, look at them and act upon them.

Between pages, programs and commands on one side and the machine of the procedure (`sop/`) on the other: who the person
is to the machine, which cases the person may see, and the audit entry in the transaction of the decision. The caller
owns that transaction: what it rolls back has neither happened nor been audited.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from identity import actors
from identity.acts import Act
from identity.audit import AuditEntry, Json, record
from identity.people import Person, find_person
from identity.permissions import Permission, Role
from identity.principals import Principal
from sop import store
from sop.actors import OPD_ADMIN, Actor, Office
from sop.asking import Answers, Ask, Verb, command
from sop.case import Case
from sop.commands import Expected
from sop.errors import Forbidden, Rule, UnknownCase
from sop.events import CaseState, Event
from sop.moments import Moment
from sop.permitted import Offer, may_begin, permitted
from sop.setting import Setting
from sop.store import Contact, Decision

_ACTS: Final[Mapping[Verb, Act]] = {
    Verb.SUBMIT: Act.CASE_SUBMIT,
    Verb.ATTACH: Act.CASE_ATTACH,
    Verb.FREEZE: Act.CASE_FREEZE,
    Verb.SIGN: Act.CASE_SIGN,
    Verb.REUSE: Act.CASE_ATTACH,
    Verb.STATE: Act.CASE_STATE,
    Verb.UNSTATE: Act.CASE_STATE,
    Verb.CONFIRM: Act.CASE_CONFIRM,
    Verb.STAND_IN: Act.CASE_CONFIRM,
    Verb.RETURN: Act.CASE_RETURN,
    Verb.REWORK: Act.CASE_REWORK,
    Verb.HOLD: Act.CASE_HOLD,
    Verb.RESUME: Act.CASE_RESUME,
    Verb.CORRECT: Act.CASE_CORRECT,
    Verb.CANCEL: Act.CASE_CANCEL,
}


def officer(person: Person) -> Actor:
    """The person as the machine knows one: with every appointment that was not ended, in force on the day or not."""
    held = () if person.disabled_at is not None else person.held
    offices = (Office(each.role, each.opd, each.from_on, each.until_on, each.acting, each.letter) for each in held)
    return Actor(person.name, tuple(offices))


def look(conn: Connection[TupleRow], principal: Principal, number: str) -> Case:
    """A case that the person may see. Raises UnknownCase, for those of agencies that the person may not see too."""
    case = store.find(conn, number)
    if not principal.may(Permission.VIEW_CASES, case.opd):
        raise UnknownCase(number)
    return case


def offers(
    conn: Connection[TupleRow], principal: Principal, case: Case, *, now: Moment, setting: Setting
) -> list[Offer]:
    """What the person may do with the case now, and what is missing where it is the person's turn."""
    if not principal.may(Permission.ACT_ON_CASES, case.opd):
        return []
    by = officer(find_person(conn, principal.person_id))
    filled = store.contact(conn, case.number).is_filled
    return permitted(case, by, now, setting, has_contact=filled)


def agencies_to_begin_for(
    conn: Connection[TupleRow], principal: Principal, *, now: Moment, setting: Setting
) -> list[str]:
    """The agencies for which the person may open a request."""
    by = officer(find_person(conn, principal.person_id))
    return [opd for opd in sorted(principal.opds) if may_begin(opd, by, now, setting)]


def begin(
    conn: Connection[TupleRow],
    principal: Principal,
    opd: str,
    documents: Sequence[str],
    *,
    command_id: str,
    now: Moment,
    setting: Setting,
    instance: Instance,
    follows: str | None = None,
) -> Decision:
    """Open a draft. `command_id` is the form's own: the same form twice is one case; `follows`: the case whose
    integration it changes. Raises Forbidden (sop), and UnknownCase for one that the person may not see."""
    if follows is not None:
        look(conn, principal, follows)
    decision = store.begin(
        conn,
        opd,
        documents,
        numbers=instance.nomor.permohonan,
        decree=instance.sop.nomor,
        by=officer(find_person(conn, principal.person_id)),
        now=now,
        setting=setting,
        command_id=_own(principal, opd, command_id),
        follows=follows,
    )
    if not decision.repeated:
        told = {"documents": list(decision.case.documents), "follows": decision.case.follows}
        _audit(conn, principal, Act.CASE_BEGIN, decision, now, told)
    return decision


def act(
    conn: Connection[TupleRow],
    principal: Principal,
    number: str,
    ask: Ask,
    answers: Answers,
    *,
    seen: Expected | None,
    command_id: str,
    now: Moment,
    setting: Setting,
    told: Mapping[str, Json] | None = None,
) -> Decision:
    """Decide upon what the person asks, under the case's lock, with its audit entry; `told`: more for the auditor.

    `seen` is the open attempt as the person's page showed it, `command_id` that page's own: a form that comes twice is
    done once, and `repeated` then. Raises UnknownCase, UnknownAct, and Forbidden (sop) with a sentence for the person:
    whoever comes second reads what the first has done, and when.
    """
    look(conn, principal, number)
    filled = ask.verb is Verb.SUBMIT and store.contact(conn, number).is_filled
    decision = store.decide(
        conn,
        number,
        command(ask, replace(answers, has_contact=filled), seen),
        by=officer(find_person(conn, principal.person_id)),
        now=now,
        setting=setting,
        command_id=_own(principal, number, command_id),
    )
    if decision.events and not decision.repeated:
        details = {"asked": ask.key, **_told(decision.events), **(told or {})}
        _audit(conn, principal, _ACTS[ask.verb], decision, now, details, purpose=answers.reason.strip() or None)
    return decision


def contact(conn: Connection[TupleRow], principal: Principal, case: Case) -> Contact | None:
    """Who is to be called, for those who work on the case; None for all others, as it is personal."""
    return store.contact(conn, case.number) if principal.may(Permission.ACT_ON_CASES, case.opd) else None


def set_contact(conn: Connection[TupleRow], principal: Principal, number: str, told: Contact, *, now: Moment) -> None:
    """Note who is to be called: the OPD's admin, as long as the case is open. Raises UnknownCase, Forbidden (sop)."""
    case = look(conn, principal, number)
    if case.state in (CaseState.CLOSED, CaseState.CANCELLED):
        raise Forbidden(Rule.CASE_STATE, "Permohonan ini sudah berakhir; narahubungnya tetap.")
    own = [each for each in principal.roles if (each.role, each.opd) == (OPD_ADMIN, case.opd)]
    if not own:
        raise Forbidden(Rule.NOT_YOUR_ROLE, f"Narahubung diisi Admin OPD {case.opd}.")
    store.set_contact(conn, number, told)
    by = actors.Actor(principal.name, "person", own[0].role, own[0].opd)
    actors.note(conn, by, Act.CASE_CONTACT, subject(number), now=now.at)


def subject(number: str) -> str:
    """A case as the subject of an audit entry."""
    return f"case:{number}"


def _own(principal: Principal, about: str, command_id: str) -> str:
    """The id under which a command is kept: nobody meets somebody else's, and none of another case."""
    return hashlib.sha256(f"{principal.name}\n{about}\n{command_id}".encode()).hexdigest()


def _audit(
    conn: Connection[TupleRow],
    principal: Principal,
    what: Act,
    decision: Decision,
    now: Moment,
    details: Mapping[str, Json],
    purpose: str | None = None,
) -> None:
    """One entry, with the office under which the machine let the person act."""
    first = next(event for event in decision.events if event.actor == principal.name)
    entry = AuditEntry(
        actor=principal.name,
        actor_kind="person",
        role=first.role and Role(first.role),
        opd=first.unit,
        act=what,
        subject=subject(decision.case.number),
        purpose=purpose,
        details={"version": first.version, "acting": first.acting, **details},
        at=now.at,
    )
    record(conn, entry)


def _told(events: Sequence[Event]) -> dict[str, Json]:
    """What of the events an auditor looks for; the whole of it stands in the case's own events, by its version."""
    first = events[0]
    told: dict[str, Json] = {
        "kinds": [event.kind.value for event in events],
        "stage": first.stage,
        "round": first.round,
    }
    files = [str(event.detail["sha256"]) for event in events if "sha256" in event.detail]
    if files:
        told["sha256"] = files
    if any(event.manual for event in events):
        told["manual"] = True
    return told

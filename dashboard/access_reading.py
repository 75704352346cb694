"""Requests for access as the pages show them: badges, the time line and what is to come, the documents to ask of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from dashboard.wording import Badge
from hub_db.statements import load
from identity.access_reading import AccessRequest, Happened, desk_of, requests
from identity.access_states import STATE_TITLES, STEP_TITLES, Side, State, Step, deciding
from identity.deletions import Deletion
from identity.grants import Grant
from identity.permissions import ROLE_TITLES, Permission, Role
from identity.principals import Principal
from schemas import loader
from schemas.contract import Contract, Field

SQL = load("dashboard", "sql/access.sql")
_LOOKS: Mapping[State, tuple[str, str]] = {
    State.ASKED: ("wait", "clock"),
    State.AGREED: ("wait", "clock"),
    State.DECIDED: ("ok", "ok"),
    State.GRANTED: ("ok", "ok"),
    State.REFUSED: ("bad", "bad"),
    State.WITHDRAWN: ("held", "held"),
}
BADGES: Mapping[State, Badge] = MappingProxyType(
    {state: Badge(*_LOOKS[state], title) for state, title in STATE_TITLES.items()}
)
_KNOTS = {Step.REFUSE: "late", Step.WITHDRAW: "held"}


@dataclass(frozen=True, slots=True)
class Askable:
    """A document that one may ask to read."""

    opd: str
    document: str
    entity: str
    doc: str


@dataclass(frozen=True, slots=True)
class Knot:
    """One knot of the time line. `at` is None for what is still to come."""

    look: str
    title: str
    at: datetime | None = None
    by: str = ""
    note: str = ""


def document_contract(conn: Connection[TupleRow], opd: str, document: str) -> Contract | None:
    """The contract of a document that the hub takes, None for none of these."""
    row = conn.execute(SQL["contract"], {"opd": opd, "document": document}).fetchone()
    return loader.read(row[0], file=f"{opd}/{document}") if row else None


def askable(conn: Connection[TupleRow]) -> list[Askable]:
    with conn.cursor(row_factory=class_row(Askable)) as cursor:
        return cursor.execute(SQL["documents"]).fetchall()


def openness(field: Field) -> str:
    """How protected a field is, in a word."""
    return "data spesifik" if field.specific else field.sensitivity.value


def at_the_desk_of(conn: Connection[TupleRow], principal: Principal) -> list[AccessRequest]:
    """The requests that wait for this person's decision, the oldest first."""
    if not principal.may(Permission.DECIDE_ACCESS):
        return []
    every = requests(conn, principal.scope(Permission.DECIDE_ACCESS))
    return [each for each in reversed(every) if awaits(principal, each)]


def awaits(principal: Principal, request: AccessRequest) -> bool:
    """Whether it is this person's turn; who has asked does not decide."""
    return desk_of(principal, request) is not None and principal.name != request.asked_by


def desk_title(request: AccessRequest, walidata: str, names: Mapping[str, str]) -> str:
    """The office whose decision a request waits for; "" where it waits for none."""
    match deciding(request.state):
        case Side.OWNER:
            return f"{ROLE_TITLES[Role.OPD_ADMIN]}, {names.get(request.owner, request.owner)}"
        case Side.WALIDATA:
            return f"{ROLE_TITLES[Role.KEPALA_DINAS]}, {names.get(walidata, walidata)}"
        case _:
            return ""


def knots(
    request: AccessRequest,
    happened: Sequence[Happened],
    grant: Grant | None,
    deletion: Deletion | None,
    desk: str,
    now: datetime,
) -> list[Knot]:
    """What has happened, what it waits for, and what is to come."""
    found = [
        Knot(_KNOTS.get(each.step, "done"), STEP_TITLES[each.step], each.at, each.actor, each.reason)
        for each in happened
    ]
    if request.undecided:
        found.append(Knot("now", BADGES[request.state].word, note=desk))
        found += [Knot("", STATE_TITLES[State.AGREED])] if request.state is State.ASKED else []
        found.append(Knot("", STEP_TITLES[Step.GRANT]))
    if grant is not None:
        found += _after_the_grant(grant, deletion, now)
    return found


def _after_the_grant(grant: Grant, deletion: Deletion | None, now: datetime) -> list[Knot]:
    if grant.revoked_at is not None:
        end = Knot("late", "Hak Akses dicabut", grant.revoked_at, grant.revoked_by or "", grant.revoked_reason or "")
    elif grant.ends_at <= now:
        end = Knot("done", "Hak Akses berakhir", grant.ends_at)
    elif not grant.holds(now):
        return [Knot("now", "Menunggu hari mulai"), Knot("", "Penghapusan data dinyatakan")]
    else:
        return [Knot("now", "Berlaku"), Knot("", "Penghapusan data dinyatakan")]
    if deletion is None:
        return [end, Knot("now", "Menunggu pernyataan penghapusan data")]
    said = Knot("done", "Penghapusan data dinyatakan", deletion.confirmed_at, deletion.confirmed_by, deletion.how)
    return [end, said]

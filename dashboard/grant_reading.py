"""Grants as the pages show them: their state, and which fit what is looked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from psycopg import Connection
from psycopg.rows import TupleRow

from dashboard.wording import Badge
from identity.grants import Agreement, Grant, all_grants
from identity.principals import Scope

STATES: Mapping[str, Badge] = MappingProxyType(
    {
        "berlaku": Badge("ok", "ok", "Berlaku"),
        "menunggu": Badge("wait", "clock", "Belum mulai"),
        "berakhir": Badge("", "clock", "Berakhir"),
        "dicabut": Badge("bad", "bad", "Dicabut"),
    }
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; "" = any."""

    opd: str = ""
    entity: str = ""
    state: str = ""


def state_key(grant: Grant, now: datetime) -> str:
    if grant.revoked_at is not None:
        return "dicabut"
    if grant.starts_at is not None and now < grant.starts_at:
        return "menunggu"
    return "berlaku" if grant.holds(now) else "berakhir"


def state_of(grant: Grant, now: datetime) -> Badge:
    return STATES[state_key(grant, now)]


def agreement_state(agreement: Agreement, now: datetime) -> Badge:
    return STATES["berlaku" if agreement.holds(now) else "berakhir"]


def fitting(grants: Iterable[Grant], wanted: Wanted, now: datetime) -> list[Grant]:
    """In the order in which they come: the newest first."""
    return [
        grant
        for grant in grants
        if wanted.opd in ("", grant.reader)
        and wanted.entity in ("", grant.entity)
        and wanted.state in ("", state_key(grant, now))
    ]


def find(conn: Connection[TupleRow], scope: Scope, number: int) -> Grant | None:
    """One grant, if it is there and within the scope."""
    return next((grant for grant in all_grants(conn, scope) if grant.id == number), None)

"""Reading the audit: pages of it, and the question of a breach: who saw or received this person, or this OPD's data?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.statements import load
from identity.audit import Json
from identity.grants import Grant

SQL = load("identity", "sql/audit_search.sql")
LONGEST_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries. What is None does not matter."""

    act: str | None = None  # whole ("people.invite") or by its first words ("people")
    actor: str | None = None
    opd: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None  # not included


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is read. `number`: of its link; None while it is not sealed."""

    id: int
    number: int | None
    at: datetime
    actor: str
    actor_kind: str
    role: str | None
    opd: str | None
    act: str
    subject: str | None
    purpose: str | None
    details: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One row that somebody was told in the clear."""

    id: int
    at: datetime
    actor: str
    actor_kind: str
    role: str | None
    opd: str | None
    act: str
    subject: str
    purpose: str | None
    details: Mapping[str, Json]  # entity, owner, fields, grant


@dataclass(frozen=True, slots=True)
class Exposure:
    """The answer to the question of a breach."""

    sightings: tuple[Sighting, ...]  # who saw
    grants: tuple[Grant, ...]  # who may have received


def entries(conn: Connection[TupleRow], wanted: Filter, *, before: Entry | None = None, limit: int = 50) -> list[Entry]:
    """One page, newest first; those older than `before`."""
    values = {
        "act": wanted.act,
        "actor": wanted.actor,
        "opd": wanted.opd,
        "subject": wanted.subject,
        "since": wanted.since,
        "until": wanted.until,
        "before_at": before.at if before else None,
        "before_id": before.id if before else None,
        "limit": max(1, min(limit, LONGEST_PAGE)),
    }
    with conn.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(SQL["entries"], values, prepare=False).fetchall()


def exposure_of_subject(
    conn: Connection[TupleRow], subject: str, entity: str, *, since: datetime, until: datetime
) -> Exposure:
    """Who saw one row, by its pseudonym, and whose grants named its entity, from `since` until before `until`."""
    return _exposure(conn, "seen_subject", {"subject": subject}, [entity], since, until)


def exposure_of_owner(conn: Connection[TupleRow], owner: str, *, since: datetime, until: datetime) -> Exposure:
    """The same for everything that an OPD brings."""
    entities = [entity for (entity,) in conn.execute(SQL["entities_of"], {"owner": owner})]
    return _exposure(conn, "seen_owner", {"owner": owner}, entities, since, until)


def _exposure(
    conn: Connection[TupleRow], seen: str, who: Mapping[str, str], entities: list[str], since: datetime, until: datetime
) -> Exposure:
    span = {"since": since, "until": until}
    with conn.cursor(row_factory=class_row(Sighting)) as cursor:
        sightings = cursor.execute(SQL[seen], {**who, **span}, prepare=False).fetchall()
    with conn.cursor(row_factory=class_row(Grant)) as cursor:
        grants = cursor.execute(SQL["receivers"], {"entities": entities, **span}).fetchall()
    return Exposure(tuple(sightings), tuple(grants))

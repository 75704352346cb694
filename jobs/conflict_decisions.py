"""A steward's decision upon a conflict: an event, an entry of the audit and a word to the OPD that is to mend it, all
in one transaction. It holds for the values that were seen; no value is changed by it: those are mended at their source.
"""

from datetime import date, datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from hub_db.calendar import working_calendar
from hub_db.conflicts import reading
from hub_db.conflicts.reading import Choice, Conflict
from hub_db.conflicts.store import SQL
from identity.actors import Actor, note
from identity.acts import Act
from jobs.conflict_notices import tell_agency, tell_steward
from jobs.errors import NoSuchConflict, NotPossible

SHORTEST_REASON: Final = 20  # letters
LONGEST_REASON: Final = 500
ANSWER_DAYS: Final = 5  # working days in which an OPD mends what it was asked
CHANGED: Final = "Nilainya berubah sejak Anda membukanya, atau sudah diputus. Mohon muat ulang lalu periksa kembali."


def decide(
    conn: Connection[TupleRow],
    instance: Instance,
    number: int,
    revision: int,
    choice: Choice,
    *,
    reason: str,
    by: Actor,
    now: datetime,
) -> Conflict:
    """Take a decision down, upon the values as they were at `revision`; the conflict as it is after it.

    Raises NoSuchConflict, and NotPossible for a reason that is too short, or when the values have changed meanwhile.
    """
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise NotPossible(f"Alasan perlu {SHORTEST_REASON} sampai {LONGEST_REASON} huruf, kini {len(reason)}.")
    found = reading.conflict(conn, number)
    if found is None:
        raise NoSuchConflict(f"Tidak ada Tidak Padan nomor {number}.")
    today = now.astimezone(instance.zone).date()
    due = working_calendar(conn, instance).add_working_days(today, ANSWER_DAYS) if choice is Choice.ASK else None
    if not _enter(conn, found, revision, choice, reason, due, by, now):
        raise NotPossible(CHANGED)
    note(
        conn,
        by,
        Act.CONFLICT_DECIDE,
        f"conflict:{number}",
        now=now,
        choice=choice.value,
        kind=found.kind.value,
        about=found.about,
        revision=revision,
        reason=reason,
    )
    tell_agency(conn, found, choice, due, now=now)
    tell_steward(conn, instance, now=now)
    after = reading.conflict(conn, number)
    return found if after is None else after


def _enter(
    conn: Connection[TupleRow],
    found: Conflict,
    revision: int,
    choice: Choice,
    reason: str,
    due: date | None,
    by: Actor,
    now: datetime,
) -> bool:
    row = conn.execute(
        SQL["decide"],
        {
            "id": found.id,
            "revision": revision,
            "choice": choice,
            "reason": reason,
            "due": due,
            "by": by.name,
            "by_kind": by.kind,
            "role": by.role,
            "opd": by.opd,
            "at": now,
        },
    ).fetchone()
    return row is not None and bool(row[0])

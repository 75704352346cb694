"""A steward's decision upon a conflict: an event, a ruling that the record follows, an entry of the audit and a word to
the OPD that is to mend it, all in one transaction; the record itself is reckoned anew by a job that it asks for. It
holds for the values that were seen, and until it is taken back. Sources' values are mended at their source alone.
"""

from datetime import date, datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from hub_db.calendar import working_calendar
from hub_db.conflicts import reading
from hub_db.conflicts.causes import Kind
from hub_db.conflicts.reading import Choice, Conflict
from hub_db.conflicts.store import SQL
from identity.actors import Actor, note
from identity.acts import Act
from jobs import ruling_job
from jobs.conflict_notices import cause, tell_agency, tell_steward
from jobs.errors import NoSuchConflict, NotPossible
from jobs.notices import close_causes

SHORTEST_REASON: Final = 20  # letters
LONGEST_REASON: Final = 500
ANSWER_DAYS: Final = 5  # working days in which an OPD mends what it was asked
OF_VALUES: Final = (Kind.AGREE, Kind.TWO_PERSONS)  # their records follow a decision
NONE_STANDS: Final = "Keputusan itu tidak berlaku lagi. Mohon muat ulang lalu periksa kembali."
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
    found, reason = _asked_of(conn, number, reason)
    if choice not in choices_of(found.kind):
        raise NotPossible("Pilihan itu tidak berlaku untuk jenis Tidak Padan ini.")
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
    if choice is not Choice.ASK and found.kind in OF_VALUES:
        ruling_job.ask(conn, found.id, by=by.name)
    tell_agency(conn, found, choice, due, now=now)
    tell_steward(conn, instance, now=now)
    after = reading.conflict(conn, number)
    return found if after is None else after


def choices_of(kind: Kind) -> tuple[Choice, ...]:
    """What there is to decide. What a source said twice under one version, it alone can say anew."""
    match kind:
        case Kind.VERSION:
            return (Choice.A, Choice.ASK)
        case Kind.NEW_PERSON:
            return (Choice.A, Choice.B, Choice.ASK)
        case Kind.AGREE | Kind.TWO_PERSONS | Kind.CHECK | Kind.DUPLICATE:
            return tuple(Choice)


def take_back(
    conn: Connection[TupleRow],
    instance: Instance,
    number: int,
    revision: int,
    *,
    reason: str,
    by: Actor,
    now: datetime,
) -> Conflict:
    """Take a decision back: the conflict is open again, and its record is what it would be without the decision.

    Raises NoSuchConflict, and NotPossible for a reason that is too short, or when that decision no longer stands.
    """
    found, reason = _asked_of(conn, number, reason)
    values = {"id": found.id, "revision": revision, "reason": reason, **_who(by, now)}
    row = conn.execute(SQL["take_back"], values).fetchone()
    if row is None or not row[0]:
        raise NotPossible(NONE_STANDS)
    subject = f"conflict:{number}"
    note(conn, by, Act.CONFLICT_TAKE_BACK, subject, now=now, kind=found.kind.value, revision=revision, reason=reason)
    if found.kind in OF_VALUES:
        ruling_job.ask(conn, found.id, by=by.name)
    close_causes(conn, [cause(found.id)], now=now)
    tell_steward(conn, instance, now=now)
    after = reading.conflict(conn, number)
    return found if after is None else after


def _asked_of(conn: Connection[TupleRow], number: int, reason: str) -> tuple[Conflict, str]:
    """The conflict and the reason as it is taken down."""
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise NotPossible(f"Alasan perlu {SHORTEST_REASON} sampai {LONGEST_REASON} huruf, kini {len(reason)}.")
    found = reading.conflict(conn, number)
    if found is None:
        raise NoSuchConflict(f"Tidak ada Tidak Padan nomor {number}.")
    return found, reason


def _who(by: Actor, now: datetime) -> dict[str, object]:
    return {"by": by.name, "by_kind": by.kind, "role": by.role, "opd": by.opd, "at": now}


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
            **_who(by, now),
        },
    ).fetchone()
    return row is not None and bool(row[0])

"""Facts of `sop.fact` become evidence: each once, in the order of their numbers, with the reader's place."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow

from sop.actors import SYSTEM
from sop.commands import Fact, Report
from sop.errors import Skipped
from sop.evidence import WATCHES, WITHDRAWN
from sop.moments import Moment
from sop.procedure import Book
from sop.setting import Setting
from sop.store import SQL, Decision, decide

STATE_CHANGED: Final = "source.state-changed"  # tells the new state in `after`
_OF_THE_OPD: Final = "credential.fetched"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reader stands: the offset to read from, and the number of the last fact that was decided upon."""

    next_offset: int
    last_number: int


def label(kind: str, data: Mapping[str, Any]) -> str:
    """The kind, with the new state of what changed its state."""
    return f"{kind}:{data.get('after')}" if kind == STATE_CHANGED else kind


def labels(book: Book) -> frozenset[str]:
    """Everything that any version of the procedure listens to."""
    told = {WITHDRAWN, *(label for both in WATCHES.values() for label in both)}
    for procedure in book.versions.values():
        for stage in procedure.stage:
            for each in stage.evidence:
                told |= {*each.met, *each.lost}
    return frozenset(told)


def stages_asking(book: Book, label: str) -> frozenset[int]:
    """The stages, in any version of the procedure, of which a fact with this label is evidence."""
    return frozenset(
        stage.number
        for procedure in book.versions.values()
        for stage in procedure.stage
        for each in stage.evidence
        if label in each.met
    )


def place(conn: Connection[TupleRow], topic: str) -> Place:
    """Where to read from; a reader that is new begins at the topic's start."""
    conn.execute(SQL["open_place"], {"topic": topic})
    row = conn.execute(SQL["place"], {"topic": topic}).fetchone()
    if row is None:
        raise RuntimeError(f"no place in {topic}")
    return Place(*row)


def take(
    conn: Connection[TupleRow],
    topic: str,
    fact: Fact,
    *,
    number: int,
    next_offset: int,
    now: Moment,
    setting: Setting,
    accept_a_hole: bool = False,
) -> list[Decision]:
    """Decide upon a fact for every case that it is about, and move the reader on, in the caller's transaction.

    A fact that was taken before says nothing. Raises Skipped when the one before it was not taken, unless the
    reader knows that it is gone from the log.
    """
    stands = place(conn, topic)
    if number <= stands.last_number:
        return []
    if number != stands.last_number + 1 and stands.last_number and not accept_a_hole:
        raise Skipped(topic, stands.last_number, number)
    moved = {"topic": topic, "number": number, "next_offset": next_offset, "last": stands.last_number}
    if conn.execute(SQL["advance_place"], moved).rowcount != 1:
        raise Skipped(topic, stands.last_number, number)  # another reader has moved on
    if fact.label not in labels(setting.book) and fact.kind not in labels(setting.book):
        return []
    about = {"subject": fact.subject, "opd": fact.subject.partition(".")[0]}
    conn.execute(
        SQL["remember_fact"], {**about, "label": fact.label, "ce_id": fact.ce_id, "at": fact.at, "number": number}
    )
    concerned = conn.execute(SQL["cases_of_fact"], {**about, "of_document": fact.kind != _OF_THE_OPD}).fetchall()
    return [
        decide(conn, case, Report(fact), by=SYSTEM, now=now, setting=setting, command_id=_command(fact, case))
        for (case,) in concerned
    ]


def _command(fact: Fact, case: str) -> str:
    return hashlib.sha256(f"{fact.ce_id}\n{case}".encode()).hexdigest()

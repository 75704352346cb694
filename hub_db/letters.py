"""Dead letters that were replayed: what a record says it is a replay of, what became of it, and which come next."""

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.connection import translated
from hub_db.errors import Contended
from hub_db.event_frames import Judged
from hub_db.events import DeadLetter, Place, Replayed
from hub_db.merge import Merged
from hub_db.statements import load
from schemas.names import TopicName

LetterId = NewType("LetterId", int)

SQL = load("hub_db", "sql/letters.sql")
REPLAY_TYPES: Final = ("int8", "int4", "int4", "int4", "int8")  # the letter before, tries, the first place
AT_ONCE: Final = 500  # letters of one step
BYTES_AT_ONCE: Final = 8 * 1024 * 1024  # of their values; one letter may be larger


class Outcome(StrEnum):
    """What became of a letter that was replayed."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    PARKED = "parked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter as a replay of it is held against it."""

    replayed: Replayed
    key: bytes | None
    sha256: bytes
    is_open: bool

    def is_told_by(self, key: bytes | None, value: bytes | None) -> bool:
        """Whether these bytes are the letter's."""
        return key == self.key and hashlib.sha256(value or b"").digest() == self.sha256


@dataclass(frozen=True, slots=True)
class Shown:
    """A dead letter as people see it: the reason and the shape of what came, no value."""

    id: LetterId
    topic: TopicName
    partition: int
    offset: int
    fault: str
    code: str
    field: str | None
    found: str
    expected: str
    remedy: str
    received_at: datetime
    tries: int
    replay_of: LetterId | None
    replayed_at: datetime | None
    settled_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which letters: one, or those of a topic, a code, a time. What is None does not choose."""

    named: LetterId | None = None
    topic: TopicName | None = None
    code: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def chooses(self) -> bool:
        return any(value is not None for value in asdict(self).values())


@dataclass(frozen=True, slots=True)
class Whole:
    """A letter with everything that goes back to its topic."""

    id: LetterId
    topic: TopicName
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def of_topic(conn: Connection[TupleRow], topic: TopicName, ids: Collection[int]) -> dict[int, Letter]:
    """Those of the letters that are the topic's. Costs nothing where none is asked for."""
    if not ids:
        return {}
    with translated():
        rows = conn.execute(SQL["letters_of_topic"], {"ids": sorted(ids), "topic": topic}).fetchall()
    return {
        number: Letter(Replayed(number, Place(*first), tries), key, sha256, is_open)
        for number, *first, tries, key, sha256, is_open in rows
    }


def settle(conn: Connection[TupleRow], batch: Judged, merged: Merged) -> None:
    """Note what became of the letters that a batch's records were replays of. Raises Contended when somebody else has
    settled one of them meanwhile."""
    accepted = {each.event.place for each in merged.accepted}
    parked = {each.event.place for each in merged.parked}
    outcomes: list[tuple[int, Outcome, int]] = []
    for event in batch.events:
        if event.replayed is not None:
            place = event.place
            outcome = Outcome.ACCEPTED if place in accepted else Outcome.PARKED if place in parked else Outcome.KNOWN
            outcomes.append((event.replayed.letter, outcome, place.offset))
    outcomes += [
        (letter.replayed.letter, Outcome.REFUSED, letter.offset)
        for letter in batch.dead_letters
        if letter.replayed is not None
    ]
    if not outcomes:
        return
    ids, became, offsets = zip(*outcomes, strict=True)
    names = {"topic_no": batch.stretch.topic_no, "partition": batch.stretch.partition}
    lists = {"ids": list(ids), "outcomes": list(became), "offsets": list(offsets)}
    if conn.execute(SQL["settle_letters"], {**names, **lists}).rowcount != len(outcomes):
        raise Contended("a letter was settled by another replay meanwhile")


def replay_columns(letter: DeadLetter) -> tuple[int | None, ...]:
    """What a letter has of the one before it, in the order of REPLAY_TYPES."""
    if letter.replayed is None:
        return (None, 0, None, None, None)
    return (letter.replayed.letter, letter.replayed.tries + 1, *letter.replayed.first)


def shown(conn: Connection[TupleRow], wanted: Filter, *, settled: bool, limit: int) -> list[Shown]:
    """Letters for people, newest first."""
    with conn.cursor(row_factory=class_row(Shown)) as cursor:
        named = asdict(wanted) | {"settled": settled, "limit": limit}
        return cursor.execute(SQL["list_letters"], named).fetchall()


def state_of(conn: Connection[TupleRow], letter: LetterId) -> tuple[TopicName, str, datetime | None, str | None] | None:
    """Topic of a letter, its code, when it was settled, and how; None when there is no such letter."""
    row = conn.execute(SQL["state_of_letter"], {"id": letter}).fetchone()
    return None if row is None else (TopicName(row[0]), *row[1:])


def replayable(conn: Connection[TupleRow], wanted: Filter) -> tuple[int, LetterId]:
    """How many letters a replay would take, and the highest number among them."""
    row = conn.execute(SQL["count_replayable"], asdict(wanted)).fetchone() or (0, 0)
    return int(row[0]), LetterId(row[1])


def take(conn: Connection[TupleRow], wanted: Filter, *, after: LetterId, last: LetterId) -> list[Whole]:
    """The next letters of a replay, by number, marked as taken in the caller's transaction."""
    limits = {"after": after, "last": last, "most": AT_ONCE, "most_bytes": BYTES_AT_ONCE}
    rows = conn.execute(SQL["take_letters"], asdict(wanted) | limits)
    return [
        Whole(LetterId(number), TopicName(topic), key, value, _headers(headers))
        for number, topic, key, value, headers in rows
    ]


def _headers(stored: Sequence[Sequence[str]]) -> list[tuple[str, bytes]]:
    """A name that is not UTF-8 is none of ours; what sends the letter again knows texts only."""
    return [(base64.b64decode(name).decode("utf-8", "replace"), base64.b64decode(value)) for name, value in stored]


Letters = Mapping[int, Letter]

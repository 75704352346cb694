"""Conflicts as they may be shown: personal values masked, rows with a personal key by their handle."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow, args_row, class_row

from hub_db.conflicts.causes import Kind
from hub_db.conflicts.store import SQL, ConflictId

PAGE = 50


class State(StrEnum):
    """Where a conflict stands."""

    OPEN = "open"
    ASKED = "asked"  # an OPD was asked and has until `due_on`
    DECIDED = "decided"  # for the values that were seen
    ENDED = "ended"  # its cause is gone


class Choice(StrEnum):
    """What a steward decides."""

    A = "a"
    B = "b"
    DIFFERENT = "different"  # not the same person, or thing
    ASK = "ask"  # the OPD of side B


@dataclass(frozen=True, slots=True)
class Conflict:
    """One conflict. `shown`: by side, its values by field as texts; `masked`, the fields that are behind a mask."""

    id: ConflictId
    kind: Kind
    entity: str
    address: str
    address_b: str
    about: str
    source_a: str
    source_b: str
    state: State
    revision: int
    shown: Mapping[str, Any]
    hints: Sequence[str]
    choice: Choice | None
    due_on: date | None
    opened_at: datetime
    closed_at: datetime | None

    @property
    def opds(self) -> tuple[str, str]:
        """The agencies of side A and of side B."""
        return self.source_a.partition(".")[0], self.source_b.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Count:
    """How many conflicts there are of one sort."""

    kind: Kind
    entity: str
    about: str
    conflicts: int


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a conflict: opened, changed, reopened, stands, ended, decided, taken_back."""

    act: str
    choice: str | None
    reason: str | None
    by: str
    role: str | None
    opd: str | None
    at: datetime


def conflicts(
    conn: Connection[TupleRow],
    *,
    states: Collection[State] | None = None,
    kinds: Collection[Kind] | None = None,
    opds: Collection[str] | None = None,
    after: int = 0,
    most: int = PAGE,
) -> list[Conflict]:
    """Conflicts by number. `opds`: those in which one of these agencies is a side; None: all."""
    return _read(conn, states, kinds, opds, None, after, most)


def conflict(conn: Connection[TupleRow], number: int, *, opds: Collection[str] | None = None) -> Conflict | None:
    """One conflict; None when there is none, or when it is of other agencies."""
    found = _read(conn, None, None, opds, number, 0, 1)
    return found[0] if found else None


def counts(
    conn: Connection[TupleRow], *, states: Collection[State] = (State.OPEN,), opds: Collection[str] | None = None
) -> list[Count]:
    """How many of each sort, the most first."""
    values = {"states": list(states), "opds": None if opds is None else list(opds)}
    return [Count(Kind(kind), *rest) for kind, *rest in conn.execute(SQL["counts"], values)]


def events(conn: Connection[TupleRow], number: ConflictId) -> list[Event]:
    """What happened to a conflict, oldest first."""
    with conn.cursor(row_factory=class_row(Event)) as cursor:
        return cursor.execute(SQL["events"], {"id": number}).fetchall()


@dataclass(frozen=True, slots=True)
class Follows:
    """Whose value a record has, of a field of which two sources differ: a, b, both, neither; None where it has none."""

    field: str
    now: str | None
    ruled: str | None  # a or b, as a decision in force has it
    before: str | None  # that decision


def follows(conn: Connection[TupleRow], number: ConflictId) -> list[Follows]:
    """By field of a conflict between two sources, whose value its record has."""
    with conn.cursor(row_factory=args_row(Follows)) as cursor:
        return cursor.execute(SQL["follows"], {"id": number}).fetchall()


@dataclass(frozen=True, slots=True)
class RuledField:
    """A field of a record of which a steward has ruled."""

    conflict: ConflictId
    source: str  # <opd>.<document>
    decided_at: datetime


def ruled_fields(conn: Connection[TupleRow], entity: str, address: str) -> dict[str, RuledField]:
    """By field of a record, the steward's decision that it follows."""
    rows = conn.execute(SQL["ruled_fields"], {"entity": entity, "address": address})
    return {field: RuledField(ConflictId(number), source, at) for field, number, source, at in rows}


def _read(
    conn: Connection[TupleRow],
    states: Collection[State] | None,
    kinds: Collection[Kind] | None,
    opds: Collection[str] | None,
    number: int | None,
    after: int,
    most: int,
) -> list[Conflict]:
    values = {
        "states": None if states is None else list(states),
        "kinds": None if kinds is None else list(kinds),
        "opds": None if opds is None else list(opds),
        "number": number,
        "after": after,
        "most": most,
    }
    return [_conflict(row) for row in conn.execute(SQL["conflicts"], values)]


def _conflict(row: Sequence[Any]) -> Conflict:
    number, kind, entity, address, address_b, about, a, b, state, revision, shown, hints, choice, *rest = row
    return Conflict(
        ConflictId(number),
        Kind(kind),
        entity,
        address,
        address_b,
        about,
        a,
        b,
        State(state),
        revision,
        shown,
        tuple(hints),
        None if choice is None else Choice(choice),
        *rest,
    )

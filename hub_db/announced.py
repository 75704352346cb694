"""Loads that are announced before their first event: what they would do, whether they may be sent, and who said so.

A load of which the contract's share of changes or deletes is exceeded (`massChange`) waits for a person's yes. The yes
holds for the counts that the person saw: a load that would change or delete more than that by now waits again.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, kwargs_row

from base import indonesian
from hub_db.errors import NoSuchMove
from hub_db.layouts import LOADS as SQL
from hub_db.reasons_given import reason_given
from schemas.contract import Contract
from schemas.names import TopicName

LEAST: Final = 10  # rows: to change or delete fewer is no mass change, however few the source has


class State(StrEnum):
    """Whether a load may be sent."""

    PASSED = "passed"  # within the contract's shares
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Counts:
    """What a load would do to the source's rows."""

    rows: int  # of the file or the run, deletes among them
    created: int
    changed: int
    unchanged: int
    deleted: int
    source_rows: int  # live rows that the source has now


@dataclass(frozen=True, slots=True)
class Limits:
    """The shares of a contract (`massChange`)."""

    changed: float
    deleted: float

    @classmethod
    def of(cls, contract: Contract) -> "Limits":
        return cls(contract.mass_change_changes, contract.mass_change_deletes)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person said of a load, and to which counts."""

    number: int
    approved: bool
    changed: int
    deleted: int
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Announced:
    """A load as it was announced last."""

    topic: TopicName
    load: str
    announced_at: datetime
    announced_by: str
    system: str
    sha256: bytes | None
    counts: Counts
    sampled: int | None  # rows of the file by which new, changed and unchanged ones are reckoned; None: counted
    limits: Limits
    state: State
    sent: int | None = None  # events, when the sender was done
    refused: int | None = None  # rows that the sender kept back
    ended_at: datetime | None = None

    @property
    def is_too_much(self) -> tuple[bool, bool]:
        """Whether it would change, and delete, more than its share."""
        return exceeds(self.counts, self.limits)


def exceeds(counts: Counts, limits: Limits) -> tuple[bool, bool]:
    """Whether changes, and deletes, are above their share."""

    def is_above(number: int, share: float) -> bool:
        return number >= LEAST and number > share * counts.source_rows > 0

    return is_above(counts.changed, limits.changed), is_above(counts.deleted, limits.deleted)


def why(announced: Announced) -> list[str]:
    """What is too much about a load, for people."""
    counts, number = announced.counts, indonesian.number
    told = (
        ("mengubah", counts.changed, announced.limits.changed),
        ("menghapus", counts.deleted, announced.limits.deleted),
    )
    return [
        f"Muatan ini {what} {percent(each / counts.source_rows)} dari {number(counts.source_rows)} baris yang ada "
        f"({number(each)} baris); batas kontrak {percent(share)}."
        for (what, each, share), is_above in zip(told, announced.is_too_much, strict=True)
        if is_above
    ]


def percent(share: float) -> str:
    """A share for people: "62 %", "10,4 %"."""
    return f"{indonesian.decimal(share * 100, 1).removesuffix(',0')} %"


def judged(counts: Counts, limits: Limits, newest: Verdict | None) -> State:
    """Whether a load may be sent, after what was said of it last."""
    if newest is not None and not newest.approved:
        return State.REFUSED
    if not any(exceeds(counts, limits)):
        return State.PASSED if newest is None else State.APPROVED
    if newest is not None and counts.changed <= newest.changed and counts.deleted <= newest.deleted:
        return State.APPROVED
    return State.WAITING


def standing(
    conn: Connection[TupleRow], topic: TopicName, sample: Sequence[tuple[str, int, int | None]]
) -> tuple[int, int, int, int]:
    """How many live rows the source has, and how many of the sample's (key, epoch, sequence) are new to it, change one,
    and change nothing. `sequence`: None where the document has none. Counts the source's rows."""
    keys, epochs, sequences = zip(*sample, strict=True) if sample else ((), (), ())
    lists = {"keys": list(keys), "epochs": list(epochs), "sequences": list(sequences)}
    row = conn.execute(SQL["standing"], {"topic": topic, **lists}).fetchone() or (0, 0, 0, 0)
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def announce(conn: Connection[TupleRow], told: Announced) -> Announced:
    """Write an announcement down, over an earlier one of the same load; with the state that follows."""
    conn.execute(SQL["one_at_a_time"], {"topic": told.topic})
    said = verdicts(conn, told.topic, told.load)
    state = judged(told.counts, told.limits, said[-1] if said else None)
    values = {name: getattr(told, name) for name in ("topic", "load", "announced_at", "announced_by", "system")}
    values |= {"sha256": told.sha256, "sampled": told.sampled, "state": state.value, **asdict(told.counts)}
    values |= {"most_changed": told.limits.changed, "most_deleted": told.limits.deleted}
    conn.execute(SQL["announce"], values)
    found = find(conn, told.topic, told.load)
    assert found is not None  # noqa: S101 - it was written in this transaction
    return found


def finish(conn: Connection[TupleRow], topic: TopicName, load: str, *, sent: int, refused: int, now: datetime) -> bool:
    """Note what the sender says it has sent; False when it announced no such load."""
    values = {"topic": topic, "load": load, "sent": sent, "refused": refused, "now": now}
    return conn.execute(SQL["finish"], values).rowcount == 1


def find(conn: Connection[TupleRow], topic: TopicName, load: str) -> Announced | None:
    """A load that was announced."""
    with conn.cursor(row_factory=kwargs_row(_announced)) as cursor:
        return cursor.execute(SQL["announced"], {"topic": topic, "load": load, "limit": 1}).fetchone()


def newest(conn: Connection[TupleRow], topic: TopicName, *, limit: int) -> list[Announced]:
    """The loads of a document that were announced, newest first."""
    with conn.cursor(row_factory=kwargs_row(_announced)) as cursor:
        return cursor.execute(SQL["announced"], {"topic": topic, "load": None, "limit": limit}).fetchall()


def waiting(conn: Connection[TupleRow]) -> list[Announced]:
    """The loads that wait for somebody's yes."""
    with conn.cursor(row_factory=kwargs_row(_announced)) as cursor:
        return cursor.execute(SQL["waiting"]).fetchall()


def states(conn: Connection[TupleRow], topic: TopicName, loads: Sequence[str]) -> dict[str, State]:
    """Whether some loads may be sent; those that were announced."""
    rows = conn.execute(SQL["states"], {"topic": topic, "loads": list(loads)})
    return {load: State(state) for load, state in rows}


def verdicts(conn: Connection[TupleRow], topic: TopicName, load: str) -> list[Verdict]:
    """What was said of a load, from the first yes or no on."""
    with conn.cursor(row_factory=class_row(Verdict)) as cursor:
        return cursor.execute(SQL["verdicts"], {"topic": topic, "load": load}).fetchall()


def decide(
    conn: Connection[TupleRow],
    topic: TopicName,
    load: str,
    *,
    approved: bool,
    reason: str,
    by: str,
    by_kind: str,
    role: str | None,
    now: datetime,
) -> Announced:
    """Say yes or no to a load that waits, or yes to one that was refused; as it stands then. Raises NoSuchMove."""
    why = reason_given(reason)
    conn.execute(SQL["one_at_a_time"], {"topic": topic})
    found = find(conn, topic, load)
    if found is None:
        raise NoSuchMove(f"Muatan {load} belum pernah diumumkan untuk {topic.partition('.')[2]}.")
    if found.state is not State.WAITING and (not approved or found.state is not State.REFUSED):
        raise NoSuchMove(f"Muatan {load} tidak sedang menunggu persetujuan: {WORDS[found.state]}.")
    said = verdicts(conn, topic, load)
    values = {"topic": topic, "load": load, "number": len(said) + 1, "approved": approved}
    values |= {"changed": found.counts.changed, "deleted": found.counts.deleted}
    values |= {"by": by, "by_kind": by_kind, "role": role, "reason": why, "at": now}
    conn.execute(SQL["add_verdict"], values)
    state = State.APPROVED if approved else State.REFUSED
    conn.execute(SQL["stand"], {"topic": topic, "load": load, "state": state.value})
    after = find(conn, topic, load)
    assert after is not None  # noqa: S101 - it was there before
    return after


WORDS: Final = {
    State.PASSED: "boleh dikirim",
    State.WAITING: "menunggu persetujuan",
    State.APPROVED: "disetujui",
    State.REFUSED: "ditolak",
}


def _announced(
    *,
    rows: int,
    created: int,
    changed: int,
    unchanged: int,
    deleted: int,
    source_rows: int,
    most_changed: float,
    most_deleted: float,
    state: str,
    **others: Any,
) -> Announced:
    counts = Counts(rows, created, changed, unchanged, deleted, source_rows)
    return Announced(counts=counts, limits=Limits(most_changed, most_deleted), state=State(state), **others)

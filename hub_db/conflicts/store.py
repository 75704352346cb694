"""What was found, in the database: as the owner, in the caller's transaction, by one finder at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NewType

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from hub_db.conflicts.causes import Found, Kind
from hub_db.statements import load
from schemas.names import EntityName, EventKey, TopicName

SQL = load("hub_db", "sql/conflicts.sql")
ConflictId = NewType("ConflictId", int)
FINDER: Final = "tidak-padan"
Shown = Mapping[str, Any]  # both sides as they may be shown, for JSON


@dataclass(frozen=True, slots=True)
class Place:
    """How far the changes of an entity are read; a place within `hub.changed_keys`."""

    generation: int
    round: int = 0
    kind: int = 0
    part: int = 0
    offset: int = -1
    key: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of conflicts: those that are open now and were not, and those that ended."""

    opened: tuple[ConflictId, ...]
    ended: tuple[ConflictId, ...]


def apply(
    conn: Connection[TupleRow],
    entity: EntityName,
    keys: Collection[EventKey] | None,
    kinds: Collection[Kind],
    found: Sequence[tuple[Found, Shown]],
    *,
    now: datetime,
    source: str | None = None,
) -> Outcome:
    """Enter what was found among the rows with these keys (None: all), and end what was not found again.

    `source`: only causes of that document's rows were looked for.
    """
    rows = Jsonb([_row(each, shown) for each, shown in found])
    ended = conn.execute(
        SQL["end"],
        {
            "entity": entity,
            "all": keys is None,
            "keys": list(keys or ()),
            "kinds": list(kinds),
            "found": rows,
            "source": source,
            "by": FINDER,
            "now": now,
        },
    ).fetchall()
    changed = conn.execute(SQL["enter"], {"entity": entity, "found": rows, "now": now}).fetchall() if found else []
    acts = [(number, _act(before, after)) for number, before, after in changed]
    if acts:
        told = {"ids": [number for number, _ in acts], "acts": [act for _, act in acts], "by": FINDER, "now": now}
        conn.execute(SQL["note"], told)
    opened = tuple(ConflictId(number) for number, act in acts if act in ("opened", "reopened"))
    return Outcome(opened, tuple(ConflictId(row[0]) for row in ended))


def reopen_overdue(conn: Connection[TupleRow], *, today: date, now: datetime) -> int:
    """Open again what an OPD was asked and has not mended by its day; how many."""
    numbers = [number for (number,) in conn.execute(SQL["overdue"], {"today": today, "now": now})]
    if numbers:
        acts = ["reopened"] * len(numbers)
        conn.execute(SQL["note"], {"ids": numbers, "acts": acts, "by": FINDER, "now": now})
    return len(numbers)


def last_round(conn: Connection[TupleRow]) -> int:
    """The newest round, 0 before the first one."""
    row = conn.execute(SQL["last_round"]).fetchone()
    return int(row[0]) if row else 0


def place(conn: Connection[TupleRow], entity: EntityName, generation: int) -> Place:
    """How far an entity's changes are read; from the beginning when its contracts have changed since."""
    row = conn.execute(SQL["place"], {"entity": entity}).fetchone()
    return Place(*row) if row is not None and row[0] == generation else Place(generation)


def changed(
    conn: Connection[TupleRow], entity: EntityName, after: Place, last: int, most: int
) -> tuple[list[EventKey], Place]:
    """The next keys that changed, each once, and the place behind them."""
    values = {
        "entity": entity,
        "round": after.round,
        "kind": after.kind,
        "part": after.part,
        "offset": after.offset,
        "key": after.key,
        "last": last,
        "most": most,
    }
    rows = conn.execute(SQL["changed"], values).fetchall()
    if not rows:
        return [], after
    round_no, kind, part, offset, key = rows[-1]
    return [EventKey(key) for key in dict.fromkeys(row[4] for row in rows)], Place(
        after.generation, round_no, kind, part, offset, key
    )


def contested_topics(conn: Connection[TupleRow]) -> set[TopicName]:
    """The documents of which one version has ever said two things."""
    return {TopicName(topic) for (topic,) in conn.execute(SQL["contested_topics"])}


def anything_contested(conn: Connection[TupleRow]) -> bool:
    """Whether a version said two things and nobody has looked at it yet."""
    return conn.execute(SQL["anything_contested"]).fetchone() == (True,)


def take_contested(conn: Connection[TupleRow], most: int, *, now: datetime) -> dict[TopicName, list[EventKey]]:
    """The next keys of which one version said two things, by document; they are looked at from now on."""
    found: dict[TopicName, list[EventKey]] = {}
    for topic, key in conn.execute(SQL["take_contested"], {"most": most, "now": now}):
        found.setdefault(TopicName(topic), []).append(EventKey(key))
    return {topic: sorted(set(keys)) for topic, keys in found.items()}


def set_place(conn: Connection[TupleRow], entity: EntityName, read: Place) -> None:
    """The entity's changes are read up to here."""
    conn.execute(
        SQL["set_place"],
        {
            "entity": entity,
            "generation": read.generation,
            "round": read.round,
            "kind": read.kind,
            "part": read.part,
            "offset": read.offset,
            "key": read.key,
        },
    )


def _act(before: str | None, after: str) -> str:
    """What an entry of a cause was: `stands` is a decision that holds, as the values are those that were seen."""
    if before is None:
        return "opened"
    if after != "open":
        return "stands"
    return "changed" if before == "open" else "reopened"


def _row(found: Found, shown: Shown) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "key": found.key,
        "key_b": found.key_b,
        "about": found.about,
        "source_a": found.a.source,
        "source_b": found.b.source,
        "seen": found.seen(),
        "shown": dict(shown),
        "hints": list(found.hints),
        "seen_of": {name: seen.hex() for name, seen in found.seen_of.items()},
    }

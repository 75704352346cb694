"""A document's rows once more out of its history, in tables beside the live ones; held against them, and swapped in.

Rows follow from the history: by key the newest accepted event that is of no withdrawn load. Each step may be done
twice, and only the swap (`rebuild_swap.py`) touches the live table. Events go on coming meanwhile: what came since is
taken in while nobody holds the entity, so that none is missed (`docs/decisions/0030`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import Composed
from psycopg.types.json import Jsonb

from hub_db import layouts, loads, pasts, rebuild_tables, reference_tables
from hub_db.contents import content_of
from hub_db.copying import copy_frame, copy_rows
from hub_db.errors import CopyGone, Halted
from hub_db.events import Event, Place
from hub_db.layouts import Layout
from hub_db.rebuild_differences import PRUNED
from hub_db.rebuild_tables import CopyStatements, Source
from hub_db.settle import marks_of
from hub_db.statements import load
from hub_db.stored_sets import Stored, StoredSets
from hub_db.unloading import Stretch
from schemas.contract import Contract
from schemas.names import EventKey, TopicName

SQL = load("hub_db", "sql/rebuilding.sql")
STRETCH = 20_000  # offsets of one step
KEYS_AT_ONCE = 5_000
BYTES_AT_ONCE: Final = 64 * 1024 * 1024  # of events' values in memory
BEFORE_ALL: Final = ""  # no key is empty


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where events are in the copy: [topic_no, partition, next offset] of each partition, and which release."""

    ends: Mapping[tuple[int, int], int]
    release: int
    generation: int  # of the entity: another one has other contracts, sources or withdrawn loads

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Position":
        ends = {(topic_no, partition): end for topic_no, partition, end in stored["ends"]}
        return cls(ends, stored["release"], stored["generation"])

    def stored(self) -> Jsonb:
        ends = [[*where, end] for where, end in self.ends.items()]
        return Jsonb({"ends": ends, "release": self.release, "generation": self.generation})


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A document's rebuild; as the owner, each method in a transaction of the caller's."""

    conn: Connection[TupleRow]
    contract: Contract
    copy: int  # whose copy it is: another run makes another one
    sets: StoredSets
    zone: ZoneInfo  # whose calendar says on which day an event came

    def begin(self) -> list[Stretch]:
        """Make an empty copy, in place of one that was left over; the stretches of the history to go over."""
        made = self.statements()
        for statement in (*made.drop, *made.make):
            self.conn.execute(statement)
        position = self.now()
        self.conn.execute(made.set_mark, {"copy": self.copy, "state": position.stored()})
        return [Stretch(*where, 0, end) for where, end in position.ends.items() if end]

    def drop(self) -> None:
        """Throw the copy away, if it is this one."""
        found = self.statements()
        if self._state(found) is not None:
            for statement in found.drop:
                self.conn.execute(statement)

    def now(self) -> Position:
        """What the history holds, with nobody who adds to it before the transaction ends."""
        self.conn.execute(layouts.SQL["take"], {"entity": self.contract.entity})
        ends = {
            (topic_no, partition): end
            for topic_no, partition, end in self.conn.execute(
                layouts.LOADS["partitions"], {"topic": self.contract.topic}
            )
        }
        release = self._number(SQL["last_release"])
        return Position(ends, release, self._number(layouts.SQL["generation"], entity=self.contract.entity))

    def fill(self, stretch: Stretch) -> int:
        """Find the newest events of keys in a stretch of the history; how many events it holds."""
        where = {
            "topic_no": stretch.topic_no,
            "partition": stretch.partition,
            "first": stretch.first,
            "next": stretch.next,
        }
        self._take(self.open()[0], Source.STRETCH, where)
        return self._number(SQL["events_in"], **where)

    def read(self, after: str) -> tuple[str | None, int]:
        """Make rows of the next keys: the last of them (None: there are no more), and how many."""
        made, _ = self.open()
        events = next(self._events(made.next_heads, after=after, limit=KEYS_AT_ONCE), None)
        if events is None:
            return None, 0
        self._put(made, events)
        return events[-1][0], len(events)

    def follow(self) -> bool:
        """Take in what came since, at most a stretch of each partition; whether there is more. Whoever would add to it
        waits until the transaction ends."""
        made, before = self.open()
        now, ends, more = self.now(), dict(before.ends), False
        if now.generation != before.generation:
            raise CopyGone(
                f"Kontrak, sumber, atau muatan {self.contract.name} berubah sejak tabelnya dibangun ulang. Mohon "
                "jalankan lagi."
            )
        keys: set[EventKey] = set()
        for where, end in now.ends.items():
            first = ends.get(where, 0)
            ends[where] = min(first + STRETCH, end)
            more = more or ends[where] < end
            if first < end:
                topic_no, partition = where
                bounds = {"topic_no": topic_no, "partition": partition, "first": first, "next": ends[where]}
                keys |= self._take(made, Source.STRETCH, bounds)
        if before.release < now.release:
            released = {"after": before.release, "topic": self.contract.topic}
            if places := self.conn.execute(SQL["released_since"], released).fetchall():
                topic_nos, partitions, offsets = (list(each) for each in zip(*places, strict=True))
                lists = {"topic_nos": topic_nos, "partitions": partitions, "offsets": offsets}
                keys |= self._take(made, Source.PLACES, lists)
        for events in self._events(made.heads_of_keys, keys=sorted(keys)) if keys else ():
            self._put(made, events)
        position = Position(ends, now.release, now.generation)
        self.conn.execute(made.set_mark, {"copy": self.copy, "state": position.stored()})
        return more

    def statements(self) -> CopyStatements:
        return rebuild_tables.statements(self.contract, self.live())

    def live(self) -> tuple[str, str]:
        """Schema and name of the live table."""
        found = layouts.table_of(self.conn, self.contract)
        if found is None:
            raise Halted(f"{self.contract.name} has no table")
        return found

    def open(self) -> tuple[CopyStatements, Position]:
        """The copy's statements, and from where it goes on. Raises CopyGone."""
        found = self.statements()
        state = self._state(found)
        if state is None:
            raise CopyGone(
                f"Salinan tabel {self.contract.name} sudah tidak ada: dibuang, diganti oleh yang lain, atau server "
                "basis data sempat mati. Mohon jalankan lagi."
            )
        return found, Position.of(state)

    def _state(self, found: CopyStatements) -> Mapping[str, Any] | None:
        """What is written on this copy; None when it is not there."""
        if not reference_tables.exists(self.conn, found.mark):
            return None
        copy, state = self.conn.execute(found.marked).fetchone() or (None, None)
        return state if copy == self.copy else None

    def _take(self, made: CopyStatements, source: Source, where: Mapping[str, object]) -> set[EventKey]:
        """Find the newest events of keys among some; the keys of which that changes what is said."""
        named = {**where, "withdrawn": sorted(loads.withdrawn(self.conn, TopicName(self.contract.topic)))}
        found = self.conn.execute(made.take[source], named).fetchall()
        return {EventKey(key) for (key,) in (*found, *self.conn.execute(made.tie[source], named))}

    def _events(self, statement: Composed, **values: object) -> Iterator[list[tuple[Any, ...]]]:
        """Events in portions that memory holds."""
        with self.conn.cursor(name="rebuild_events") as cursor:
            cursor.itersize = 500
            portion: list[tuple[Any, ...]] = []
            size = 0
            for row in cursor.execute(statement, {**values, "zone": self.zone.key}, binary=True):
                portion.append(row)
                size += len(row[8] or b"")
                if len(portion) == KEYS_AT_ONCE or size > BYTES_AT_ONCE:
                    yield portion
                    portion, size = [], 0
            if portion:
                yield portion

    def _put(self, made: CopyStatements, rows: Sequence[tuple[Any, ...]]) -> None:
        """Make rows of the copy of the newest events of keys."""
        apart = {EventKey(row[0]): PRUNED for row in rows if not row[-1]}
        events = self._winners(made, [Stored(*row[:-1]) for row in rows if row[-1]], apart)
        self._learn(events)
        found = self.sets.rows(events)
        apart |= found.refused
        self.conn.execute(made.forget, {"keys": [row[0] for row in rows]})
        for frame in found.frames:
            copy_frame(self.conn, made.copy_rows, frame)
        if found.singles:
            copy_rows(self.conn, made.copy_rows, reference_tables.column_types(self.contract), found.singles)
        if apart:
            self.conn.execute(made.set_apart, {"keys": list(apart), "codes": list(apart.values())})

    def _winners(self, made: CopyStatements, heads: list[Stored], apart: dict[EventKey, str]) -> list[Stored]:
        """The heads, those of which another event has the version settled by what both say (`contents.py`); of the same
        content the one that made the live row. Adds to `apart` where one of them cannot be read."""
        if not self._number(made.any_ties):
            return heads
        rivals: dict[EventKey, list[Stored]] = {}
        keys = {"keys": [each.key for each in heads], "zone": self.zone.key}
        for row in self.conn.execute(made.ties_of_keys, keys).fetchall():
            if row[-1]:
                rivals.setdefault(EventKey(row[0]), []).append(Stored(*row[:-1]))
        if not rivals:
            return heads
        rows_of = Layout(reference_tables.statements(self.contract, self.live()), None, ())  # held by nobody
        marks = marks_of(self.conn, self.contract, rows_of, sorted(rivals))
        won: list[Stored] = []
        for head in heads:
            among = [head, *rivals.get(head.key, ())]
            if len(among) == 1:
                won.append(head)
                continue
            self._learn(among)
            read = self.sets.read(among)
            said = [each for each in read if isinstance(each, Event)]
            if refused := [each for each in read if isinstance(each, str)]:
                apart[head.key] = refused[0]
                continue
            mark = marks.get(head.key)
            place = max(said, key=lambda each: _rank(each, None if mark is None else mark.place)).place
            won += [each for each in among if each.place == place]
        return won

    def _learn(self, events: Sequence[Stored]) -> None:
        if unknown := self.sets.unknown(events):
            self.sets.learn(pasts.schemas_of(self.conn, unknown))

    def _number(self, statement: Any, **values: object) -> int:
        row = self.conn.execute(statement, values).fetchone()
        return int(row[0]) if row else 0


def _rank(event: Event, live: Place | None) -> tuple[object, ...]:
    """The greatest one speaks."""
    topic_no, partition, offset = event.place
    return content_of(event.row), event.place == live, -topic_no, -partition, -offset

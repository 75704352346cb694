"""Goes over the events of a load: what the rows are without them, or with them again.

Nothing is written to `opd.*` and nothing is taken out of the history. Both go over the document's history, stretch by
stretch; a stretch that is done twice changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL as SQL_TEXT
from psycopg.sql import Identifier

from hub_db import layouts, parking, pasts, reference_tables, refold
from hub_db.connection import transaction
from hub_db.contents import content_of
from hub_db.copying import copy_rows
from hub_db.errors import Halted
from hub_db.events import Event, Place, Version
from hub_db.giving_up import AT_ONCE, give_back
from hub_db.layouts import LOADS as SQL
from hub_db.layouts import Layout
from hub_db.merge import Mark, Merged
from hub_db.parking import ParkedPartition
from hub_db.row_writing import reference_row
from hub_db.settle import marks_of
from hub_db.told_again import ToldAgain
from hub_db.withdrawn import reason
from schemas.contract import Contract, Value
from schemas.names import EntityName, EventKey, SchemaId, TopicName
from schemas.stored_rows import stored_rows

STRETCH = 20_000  # offsets of one step; batches of the entity wait for so long
NOBODY_YET: Final = Version(0, -1)  # of a row of which no event is left: whatever comes is newer


@dataclass(frozen=True, slots=True)
class Stretch:
    """Offsets [first, next) of a partition."""

    topic_no: int
    partition: int
    first: int
    next: int


def begin(conn: Connection[TupleRow], contract: Contract, load: str, *, withdrawn: bool) -> list[Stretch]:
    """Let no event in by the load from now on, or let its events in again; the stretches to go over. As the owner,
    outside of a transaction.

    Batches hold their entity, so none that knows the load otherwise commits after this.
    """
    names = {"topic": contract.topic, "load": load}
    with transaction(conn):
        conn.execute(layouts.SQL["take"], {"entity": contract.entity})
        conn.execute(SQL["withdraw" if withdrawn else "restore"], names)
        conn.execute(layouts.SQL["next_generation"], {"entity": contract.entity})
    with transaction(conn):
        left = stretches(conn, contract.topic)
    if withdrawn:
        for parked in _parked(conn, contract.topic):
            _give_back(conn, contract, parked, load)
    return left


def stretches(conn: Connection[TupleRow], topic: TopicName) -> list[Stretch]:
    """The document's history, in stretches."""
    return [
        Stretch(topic_no, partition, first, min(first + STRETCH, end))
        for topic_no, partition, end in conn.execute(SQL["partitions"], {"topic": topic})
        for first in range(0, end, STRETCH)
    ]


def go_over(
    conn: Connection[TupleRow],
    contract: Contract,
    load: str,
    number: int,
    stretch: Stretch,
    told: ToldAgain,
    *,
    withdrawn: bool,
) -> int:
    """Reckon the rows of the load's events in a stretch anew; how many rows changed. As the owner, in the caller's
    transaction."""
    found = _events_of(conn, load, stretch)
    if not found:
        return 0
    conn.execute(layouts.SQL["take"], {"entity": contract.entity})
    work, keys, marks = _begin(conn, contract, load, number, found, told)
    return work.withdraw(keys, marks) if withdrawn else work.restore(found, marks)


def foresee(
    conn: Connection[TupleRow], contract: Contract, load: str, stretch: Stretch, *, withdrawn: bool
) -> dict[EventKey, str]:
    """What would become of the keys of the load's events in a stretch. A key whose row is the load's is told of in the
    stretch of that row's event alone. As the owner, in the caller's transaction."""
    found = _events_of(conn, load, stretch)
    if not found:
        return {}
    work, keys, marks = _begin(conn, contract, load, 0, found, None)
    if not withdrawn:
        return work.again(found, marks)[0]
    here = {Place(*row[:3]) for row in found}
    becomes = work.without(keys, marks)[0]
    return {key: what for key, what in becomes.items() if what == "changed" or marks[key].place in here}


def _events_of(conn: Connection[TupleRow], load: str, stretch: Stretch) -> list[Any]:
    where = {"topic_no": stretch.topic_no, "partition": stretch.partition, "first": stretch.first, "next": stretch.next}
    return conn.execute(SQL["events_of_load"], {**where, "load": load}).fetchall()


def _begin(
    conn: Connection[TupleRow],
    contract: Contract,
    load: str,
    number: int,
    found: Sequence[Sequence[Any]],
    told: ToldAgain | None,
) -> tuple["_Work", list[EventKey], dict[EventKey, Mark]]:
    layout = layouts.hold(conn, contract)
    keys = sorted({EventKey(row[3]) for row in found})
    return _Work(conn, contract, layout, load, number, told), keys, marks_of(conn, contract, layout, keys)


@dataclass(frozen=True, slots=True)
class _Work:
    conn: Connection[TupleRow]
    contract: Contract
    layout: Layout
    load: str
    number: int
    told: ToldAgain | None  # None: nothing is written

    def without(
        self, keys: Sequence[EventKey], marks: Mapping[EventKey, Mark]
    ) -> tuple[dict[EventKey, str], list[Any]]:
        """What becomes of the keys when the load counts no more, and the events that are the newest beside it."""
        loads = sorted({*self.layout.withdrawn, self.load})
        standing = {key: marks[key] for key in keys if key in marks and marks[key].version != NOBODY_YET}
        places = _places({key: mark.place for key, mark in standing.items()})
        rows = self.conn.execute(SQL["of_withdrawn"], {**places, "withdrawn": loads})
        theirs = {EventKey(key) for (key,) in rows}
        heads = _places({key: marks[key].place for key in sorted(theirs)})
        beside = self.conn.execute(
            SQL["newest_beside"],
            {**heads, "keys": sorted(theirs), "topic": self.contract.topic, "withdrawn": loads},
        ).fetchall()
        back = {EventKey(row[3]) for row in beside}
        return {key: "changed" if key not in theirs else "back" if key in back else "gone" for key in keys}, beside

    def withdraw(self, keys: Sequence[EventKey], marks: Mapping[EventKey, Mark]) -> int:
        """Rows that a withdrawn load's event made become what the newest event beside them says."""
        becomes, beside = self.without(keys, marks)
        gone = {key: _no_event(key, marks[key].place) for key, what in becomes.items() if what == "gone"}
        now = self._events(beside)
        self._note(becomes, {})
        self._put({**now, **gone})
        return len(now) + len(gone)

    def again(
        self, found: Sequence[Sequence[Any]], marks: Mapping[EventKey, Mark]
    ) -> tuple[dict[EventKey, str], dict[EventKey, Sequence[Any]]]:
        """What becomes of the keys when the load counts again, and its events that are the newest then."""
        newest: dict[EventKey, list[Sequence[Any]]] = {}
        for row in found:
            key, version = EventKey(row[3]), Version(row[4], row[5])
            if key in marks and version < marks[key].version:
                continue
            held = newest.get(key)
            if held is None or Version(held[0][4], held[0][5]) < version:
                newest[key] = [row]
            elif Version(held[0][4], held[0][5]) == version:
                held.append(row)
        won = self._winners(newest, marks)
        keys = sorted({EventKey(row[3]) for row in found})
        return {key: "returned" if key in won else "changed" for key in keys}, won

    def _winners(
        self, newest: Mapping[EventKey, Sequence[Sequence[Any]]], marks: Mapping[EventKey, Mark]
    ) -> dict[EventKey, Sequence[Any]]:
        """Of events of one version, the row's own among them, the one that wins by what it says; none where it is the
        row's."""
        own = {
            key: marks[key].place
            for key, rows in newest.items()
            if key in marks and marks[key].version == Version(rows[0][4], rows[0][5])
        }
        rivals = [row for key, rows in newest.items() if key in own or len(rows) > 1 for row in rows]
        standing = self.conn.execute(SQL["events_at"], _places(own)).fetchall() if own else []
        won = {key: event.place for key, event in self._events([*standing, *rivals]).items()} if rivals else {}
        return {
            key: row
            for key, rows in newest.items()
            for row in rows
            if key not in won or (won[key] == Place(*row[:3]) and won[key] != own.get(key))
        }

    def restore(self, found: Sequence[Sequence[Any]], marks: Mapping[EventKey, Mark]) -> int:
        """Rows of which an event of the load is the newest become what it says."""
        becomes, newest = self.again(found, marks)
        replaced = {key: marks[key].place for key in newest if key in marks and marks[key].version != NOBODY_YET}
        self._note(becomes, replaced)
        self._put(self._events(newest.values()))
        return len(newest)

    def _events(self, rows: Any) -> dict[EventKey, Event]:
        """Stored events, their values read by the schema that they were written with. Of several of a key, which have
        one version, the one that wins by what it says (`contents.py`), of those that say the same the first."""
        rows = list(rows)
        schemas = pasts.schemas_of(self.conn, {SchemaId(row[6]) for row in rows if row[6] is not None})
        events: dict[EventKey, Event] = {}
        for topic_no, partition, offset, key, epoch, sequence, schema_id, ce_id, at, load, value in rows:
            said: dict[str, Value] | None = None
            if value is not None:
                read = stored_rows(schemas[schema_id]).read(value)
                if read is None:
                    raise Halted(f"{self.contract.name}: a stored event cannot be read by schema {schema_id}")
                said = {str(field.name): read.get(field.name) for field in self.contract.fields}
            place, version = Place(topic_no, partition, offset), Version(epoch, sequence)
            event = Event(place, EventKey(key), version, schema_id, ce_id, at, load, value, said)
            held = events.get(event.key)
            if held is None or content_of(held.row) < content_of(event.row):
                events[event.key] = event
        return events

    def _put(self, events: Mapping[EventKey, Event]) -> None:
        """Write rows whatever version stands there, and reckon what follows from them."""
        if not events:
            return
        if self.told is not None:
            self.told.tell(self.conn, self.contract, events.values())
        keys = sorted(events)
        change = refold.Change.begin(self.conn, self.contract, self.layout, Merged(rows=dict(events)))
        self._delete(keys)
        rows = [reference_row(self.contract, events[key]) for key in keys]
        copy_rows(self.conn, self.layout.rows.copy_table, reference_tables.column_types(self.contract), rows)
        change.reckon(self.conn)
        entity = layouts.entity_now(self.conn, EntityName(self.contract.entity))
        if entity is not None:
            refold.publish_anew(self.conn, entity, keys)

    def _delete(self, keys: Sequence[EventKey]) -> None:
        table = layouts.table_of(self.conn, self.contract)
        if table is None:
            raise Halted(f"{self.contract.name} has no table")
        is_key = reference_tables.is_key(self.contract.key, SQL_TEXT("k.key"))
        statement = SQL_TEXT("delete from {} t using unnest(%s::text[]) as k (key) where {}")
        self.conn.execute(statement.format(Identifier(*table), is_key), [list(keys)])

    def _note(self, what: Mapping[EventKey, str], places: Mapping[EventKey, Place]) -> None:
        held: list[Sequence[int | None]] = [places.get(key) or (None, None, None) for key in what]
        topic_nos, partitions, offsets = (list(each) for each in zip(*held, strict=True))
        named = {"topic": self.contract.topic, "load": self.load, "number": self.number}
        lists = {"keys": list(what), "outcomes": list(what.values())}
        self.conn.execute(
            SQL["note_keys"], {**named, **lists, "topic_nos": topic_nos, "partitions": partitions, "offsets": offsets}
        )


def _no_event(key: EventKey, place: Place) -> Event:
    """What stands in the row of a key of which no event is left: a tombstone that anything follows."""
    return Event(place, key, NOBODY_YET, None, "", None, None, None, None)


def _places(found: Mapping[EventKey, Place]) -> dict[str, list[int]]:
    return {
        "topic_nos": [place.topic_no for place in found.values()],
        "partitions": [place.partition for place in found.values()],
        "offsets": [place.offset for place in found.values()],
    }


def _parked(conn: Connection[TupleRow], topic: TopicName) -> list[ParkedPartition]:
    with transaction(conn):
        return [each for each in parking.partitions(conn) if each.topic == topic]


def _give_back(conn: Connection[TupleRow], contract: Contract, parked: ParkedPartition, load: str) -> None:
    """Return the load's events that wait."""
    names = {"topic": parked.topic, "topic_no": parked.topic_no, "partition": parked.partition, "load": load}
    while True:
        with transaction(conn):
            rows = conn.execute(SQL["parked_of_load"], {**names, "limit": AT_ONCE}).fetchall()
            places = [Place(parked.topic_no, parked.partition, offset) for (offset,) in rows]
            if not places:
                return
            give_back(conn, contract, parked, places, reason())

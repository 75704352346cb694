"""Events of one key and version that say different things: what stands there is read, and who gives way is kept.

Nothing is asked for but for events that have the very version of their key's row; a batch without one makes no
statement here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL as SQL_TEXT
from psycopg.sql import Identifier

from hub_db import reference_tables
from hub_db.contents import content_of
from hub_db.errors import Contended
from hub_db.events import Event, Place, Version
from hub_db.merge import Mark
from hub_db.parking import Reread
from hub_db.statements import load
from schemas.contract import Contract
from schemas.names import EventKey, SchemaId, TopicName

SQL = load("hub_db", "sql/contests.sql")


def standing(
    conn: Connection[TupleRow],
    reread: Reread,
    events: Iterable[Event],
    marks: Mapping[EventKey, Mark],
    day: date,
) -> dict[EventKey, Event]:
    """By key, the event that made its row, where one of these events has its version and other bytes."""
    same = [
        each
        for each in events
        if (mark := marks.get(each.key)) is not None and mark.version == each.version and mark.place != each.place
    ]
    places = [marks[each.key].place for each in same]
    found = made_by(conn, reread, places, [each.value for each in same], day)
    return {same[number].key: event for number, event in found.items()}


def made_by(
    conn: Connection[TupleRow], reread: Reread, places: Sequence[Place], values: Sequence[bytes | None], day: date
) -> dict[int, Event]:
    """The accepted events at places whose bytes are not these, by their number in the lists. One that was pruned from
    the history is none."""
    if not places:
        return {}
    topic_nos, partitions, offsets = zip(*places, strict=True)
    rows = conn.execute(
        SQL["other_bytes"],
        {
            "topic_nos": list(topic_nos),
            "partitions": list(partitions),
            "offsets": list(offsets),
            "hashes": [sha256(value or b"").digest() for value in values],
        },
    ).fetchall()
    found: dict[int, Event] = {}
    for number, topic_no, partition, offset, key, epoch, sequence, schema_id, ce_id, at, load_id, value in rows:
        said = None
        if value is not None:
            try:
                said = reread([(SchemaId(schema_id), value, day)])[0].values
            except ValueError:  # by today's contract it would not be let in: it says what its bytes say
                said = {"": value.hex()}
        version = Version(epoch, sequence)
        place = Place(topic_no, partition, offset)
        found[number - 1] = Event(place, EventKey(key), version, schema_id, ce_id, at, load_id, value, said)
    return found


def keep(conn: Connection[TupleRow], topic: TopicName, losers: Iterable[Event]) -> None:
    """Keep what gave way, whole. What is kept already is kept once."""
    lists: dict[str, list[object]] = {
        "keys": [], "epochs": [], "sequences": [], "digests": [], "topic_nos": [], "partitions": [], "offsets": [],
        "schema_ids": [], "ce_ids": [], "event_times": [], "values": [],
    }  # fmt: skip
    for event in losers:
        row = (
            *(event.key, *event.version, content_of(event.row).digest, *event.place),
            *(event.schema_id, event.ce_id, event.event_time, event.value),
        )
        for column, value in zip(lists.values(), row, strict=True):
            column.append(value)
    if lists["keys"]:
        conn.execute(SQL["keep"], {"topic": topic, **lists})


def lower(
    conn: Connection[TupleRow], contract: Contract, table: tuple[str, str], outranked: Mapping[EventKey, Place]
) -> None:
    """Let rows give way to events of their own version. Raises Contended when one of them is another event's by now."""
    if not outranked:
        return
    statement = SQL_TEXT(
        "update {} t set _sequence = t._sequence - 1"
        " from unnest(%s::text[], %s::int[], %s::int[], %s::bigint[]) as k (key, topic_no, partition, place)"
        " where {} and (t._topic_no, t._partition, t._offset) = (k.topic_no, k.partition, k.place)"
    ).format(Identifier(*table), reference_tables.is_key(contract.key, SQL_TEXT("k.key")))
    keys = sorted(outranked)
    topic_nos, partitions, offsets = zip(*(outranked[key] for key in keys), strict=True)
    if conn.execute(statement, [keys, list(topic_nos), list(partitions), list(offsets)]).rowcount != len(keys):
        raise Contended("a row was changed by another worker meanwhile")

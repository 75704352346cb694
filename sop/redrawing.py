"""The boards made anew out of the whole topic, beside those that are read, and then in their place."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from hub_db.connection import transaction
from sop.drawing import SQL, as_stored
from sop.events import Event
from sop.projection import Sight

BOARD, BESIDE, OLD = "board", "board_beside", "board_old"
_MAKE: Final = "select sop.make_board(%s)"
_AS_THEY_ARE: Final = tuple(name for name in Event.__slots__ if name not in ("documents", "detail"))
_EVENT: Final = (*_AS_THEY_ARE, "documents", "detail")
_PLAIN: Final = attrgetter(*_AS_THEY_ARE)
_NO_LIMIT: Final = "select set_config('statement_timeout', '0', true)"  # one COPY lasts as long as the topic is long
_LOCK_WITHIN: Final = "10s"


@dataclass(frozen=True, slots=True)
class Read:
    """An event of the topic, with its number in the whole topic and the offset after it."""

    event: Event
    number: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class Redrawn:
    """How much there was."""

    cases: int
    events: int


class _Copy:
    """Events on their way beside; each number once."""

    def __init__(self) -> None:
        self.sights: dict[str, Sight] = {}
        self.number = self.next_offset = self.events = 0

    def rows(self, reads: Iterable[Read]) -> Iterator[Sequence[Any]]:
        """The rows of `board.event`, in the order of `_EVENT`."""
        for read in reads:
            self.next_offset = read.next_offset
            if read.number <= self.number:
                continue  # sent again by a publisher that was killed
            self.number, self.events = read.number, self.events + 1
            self.sights.setdefault(read.event.case, Sight()).see(read.event)
            event = read.event
            yield (*_PLAIN(event), list(event.documents), Jsonb(event.detail))


def redraw(conn: Connection[TupleRow], topic: str, read_on: Callable[[], Iterable[Read]]) -> Redrawn:
    """Make the boards anew, as the owner of the database; `read_on` gives what has come since it was called last, at
    first the whole topic.

    While it works, pages read the old boards and the reader draws on them; it is held up only for the last moment, in
    which the boards change places. Raises ValueError where an event is out of its turn, and nothing has changed then.
    """
    made = _Copy()
    with transaction(conn):
        conn.execute(_NO_LIMIT)
        _drop(conn, BESIDE)
        conn.execute(_MAKE, [BESIDE])
        _copy(conn, "event", _EVENT, made.rows(read_on()))
    with transaction(conn):
        conn.execute(_NO_LIMIT)
        conn.execute("select set_config('lock_timeout', %s, true)", [_LOCK_WITHIN])
        conn.execute(SQL["lock_place"])
        _copy(conn, "event", _EVENT, made.rows(read_on()))
        _copy_rows(conn, "standing", (as_stored(each.standing()) for each in made.sights.values()))
        _copy_rows(conn, "attempt", (row for each in made.sights.values() for row in each.attempts().values()))
        stands = {"topic": topic, "next_offset": made.next_offset, "last_number": made.number}
        _copy_rows(conn, "place", [stands])
        _rename(conn, BOARD, OLD)
        _rename(conn, BESIDE, BOARD)
    with transaction(conn):
        _drop(conn, OLD)
        conn.execute(f"analyze {BOARD}.event, {BOARD}.standing, {BOARD}.attempt")
    return Redrawn(len(made.sights), made.events)


def _copy_rows(conn: Connection[TupleRow], table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put rows into a table beside; all have the same names."""
    found = iter(rows)
    first = next(found, None)
    if first is not None:
        names = list(first)
        _copy(conn, table, names, (list(map(row.__getitem__, names)) for row in chain([first], found)))


def _copy(conn: Connection[TupleRow], table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    statement = sql.SQL("copy {}.{} ({}) from stdin").format(
        sql.Identifier(BESIDE), sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _drop(conn: Connection[TupleRow], schema: str) -> None:
    conn.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))


def _rename(conn: Connection[TupleRow], schema: str, to: str) -> None:
    conn.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(schema), sql.Identifier(to)))

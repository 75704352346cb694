"""The boards made anew out of the whole topic, beside those that are read, and then in their place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import polars as pl
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from hub_db.connection import transaction
from sop import status
from sop.drawing import SQL, as_stored
from sop.events import Event
from sop.projection import Sight

BOARD, BESIDE, OLD = "board", "board_beside", "board_old"
NUMBER: Final = "number"
_MAKE: Final = "select sop.make_board(%s)"
_NO_LIMIT: Final = "select set_config('statement_timeout', '0', true)"  # one COPY lasts as long as the topic is long
_LOCK_WITHIN: Final = "10s"
_LISTED: Final = (
    pl.col("documents").list.eval('"' + pl.element().str.replace_all(r'([\\"])', r"\$1") + '"').list.join(",")
)
# Columns of `board.event` whose names or forms are not the topic's.
_OTHERWISE: Final = {
    "at": pl.col("occurred_at"),
    "on": pl.col("local_date"),
    "target": pl.col("target_date"),
    "due": pl.col("due_date"),
    "documents": "{" + _LISTED + "}",
}
_EVENT: Final = {name: _OTHERWISE.get(name, pl.col(name)) for name in Event.__slots__}


@dataclass(frozen=True, slots=True)
class Told:
    """Events in their order: the topic's columns (`schemas/sop/status.avsc`), and the number of each in the whole topic
    (`NUMBER`); with the offset after the last of them."""

    events: pl.DataFrame
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

    def see(self, told: Told) -> pl.DataFrame:
        """Which of them are new."""
        self.next_offset = told.next_offset
        highest = pl.col(NUMBER).cum_max()
        new = told.events.filter(pl.col(NUMBER) > highest.shift(fill_value=0).clip(lower_bound=self.number))
        for found in new.iter_rows(named=True):
            event = status.event(found)
            self.sights.setdefault(event.case, Sight()).see(event)
        if len(new):  # others were sent again by a publisher that was killed
            self.number, self.events = new[NUMBER][-1], self.events + len(new)
        return new


def redraw(conn: Connection[TupleRow], topic: str, read_on: Callable[[], Iterable[Told]]) -> Redrawn:
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
        _copy_events(conn, map(made.see, read_on()))
    with transaction(conn):
        conn.execute(_NO_LIMIT)
        conn.execute("select set_config('lock_timeout', %s, true)", [_LOCK_WITHIN])
        conn.execute(SQL["lock_place"])
        _copy_events(conn, map(made.see, read_on()))
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


def _copy_events(conn: Connection[TupleRow], told: Iterable[pl.DataFrame]) -> None:
    """Put events beside, as text that is made column by column: a row at a time, it is a quarter of all the work."""
    rows = sql.SQL("copy {}.event ({}) from stdin (format csv)").format(sql.Identifier(BESIDE), _names(_EVENT))
    with conn.cursor() as cursor, cursor.copy(rows) as copy:
        for events in told:
            copy.write(events.select(_EVENT.values()).write_csv(include_header=False, quote_style="non_numeric"))


def _copy_rows(conn: Connection[TupleRow], table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put rows into a table beside; all have the same names."""
    found = iter(rows)
    first = next(found, None)
    if first is not None:
        names = list(first)
        _copy(conn, table, names, (list(map(row.__getitem__, names)) for row in chain([first], found)))


def _copy(conn: Connection[TupleRow], table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    statement = sql.SQL("copy {}.{} ({}) from stdin").format(
        sql.Identifier(BESIDE), sql.Identifier(table), _names(names)
    )
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _drop(conn: Connection[TupleRow], schema: str) -> None:
    conn.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))


def _rename(conn: Connection[TupleRow], schema: str, to: str) -> None:
    conn.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(schema), sql.Identifier(to)))

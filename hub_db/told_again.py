"""What is told of rows that are written once more out of the history (`_warnings`), as on the day they came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.events import Event
from hub_db.layouts import LOADS as SQL
from schemas.contract import Contract
from schemas.formats import Check
from schemas.row_warnings import joined
from schemas.validator import Validator


@dataclass(frozen=True, slots=True)
class ToldAgain:
    """What of the instance is needed for it: its warnings by format (`formats.local_marks`), and its calendar."""

    local: Mapping[str, tuple[Check, ...]]
    zone: ZoneInfo

    def tell(self, conn: Connection[TupleRow], contract: Contract, events: Iterable[Event]) -> None:
        """Note with each event what is told of its row. That it was let in without a record that it names is known to
        the row alone, and is lost with it."""
        rows = [event for event in events if event.row is not None]
        if not rows:
            return
        validator = Validator(contract, self.local)
        for day, of_day in self._by_day(conn, rows).items():
            told = validator.warnings([event.row or {} for event in of_day], accepted_on=day)
            for place, event in enumerate(of_day):
                event.warnings = joined(told.get(place, ()))

    def _by_day(self, conn: Connection[TupleRow], events: list[Event]) -> dict[date, list[Event]]:
        topic_nos, partitions, offsets = (list(each) for each in zip(*(each.place for each in events), strict=True))
        places = {"topic_nos": topic_nos, "partitions": partitions, "offsets": offsets, "zone": self.zone.key}
        found: dict[date, list[Event]] = {}
        for number, day in conn.execute(SQL["came_on"], places):
            found.setdefault(day, []).append(events[number - 1])
        return found

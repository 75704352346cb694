"""How an entity stands, for the headers of its answers: the newest confirmed round, and whether it is up to date."""

from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.freshness import is_stale
from base.instance import Instance
from dashboard.database import Pool, read
from hub_db.calendar import working_calendar
from hub_db.connection import translated
from hub_db.statements import load
from schemas.names import EntityName

SQL = load("dashboard", "sql/reference_api.sql")
FRESH: Final = {False: "mutakhir", True: "tidak mutakhir"}
KEPT_S: Final = 1.0  # a round that is told late is still true of the rows: they hold what was committed before it
DUE_S: Final = 0.5  # before its time is over: then whoever may, asks again


@dataclass(frozen=True, slots=True)
class State:
    """Of an entity: the newest confirmed round, and whether a document of it is past its promise."""

    round: int
    stale: bool

    @property
    def headers(self) -> dict[str, str]:
        return {"Simpul-Round": str(self.round), "Simpul-Freshness": FRESH[self.stale]}


class States:
    """The states of all entities, each asked about once in a second."""

    def __init__(self, readers: Pool, instance: Instance) -> None:
        self._readers, self._instance = readers, instance
        self._kept: dict[EntityName, tuple[float, State]] = {}

    def of(self, entity: EntityName, now: datetime) -> State | None:
        """How the entity stands; None when none of its documents has been opened."""
        return self.at_hand(entity) or self.look(entity, now)

    def at_hand(self, entity: EntityName) -> State | None:
        """How it stands, without asking; None when that would be too old."""
        kept = self._kept.get(entity)
        return kept[1] if kept is not None and monotonic() < kept[0] else None

    def is_due(self, entity: EntityName) -> bool:
        """Whether it is time to look again."""
        kept = self._kept.get(entity)
        return kept is None or monotonic() >= kept[0] - DUE_S

    def look(self, entity: EntityName, now: datetime) -> State | None:
        """How it stands as the database says."""
        began = monotonic()
        found = read(self._readers, lambda conn: _state(conn, self._instance, entity, now))
        if found is not None:
            self._kept[entity] = (began + KEPT_S, found)
        return found


def _state(conn: Connection[TupleRow], instance: Instance, entity: EntityName, now: datetime) -> State | None:
    with translated():
        found = conn.execute(SQL["standing_of_entity"], {"entity": entity}).fetchall()
    if not found:
        return None
    worked = working_calendar(conn, instance).is_working_day
    stale = any(
        is_stale(newest or opened, freshness, now=now, zone=instance.zone, worked=worked)
        for freshness, opened, newest, _ in found
    )
    return State(found[0][3], stale)

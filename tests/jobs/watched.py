"""A hub that is watched: the watch's own connection, and one rule's look at a moment."""

from datetime import UTC, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from base.calendar import pinned
from hub_db.connection import connect
from identity.principals import Scope
from jobs.notices import Severity, State
from jobs.notices_views import NoticeRow, list_notices
from jobs.watch import Rule, WatchContext, look_all
from jobs.watch_settings import WatchSettings
from tests.conftest import Database
from tests.jobs.offices import settings

EVERYWHERE = Scope(everywhere=True, opds=frozenset())


class Watched:
    """What the watch sees of a database, under its own role."""

    def __init__(self, database: Database) -> None:
        self.conn: Connection[TupleRow] = connect(database.dsn("simpul_jobs"), process="test-watch")

    def look(
        self, rule: Rule, now: datetime | None = None, *, thresholds: dict[str, Any] | None = None, **more: Any
    ) -> list[str]:
        """One look; the titles of what was found. Fails when the rule could not see."""
        context = WatchContext(
            now=now or datetime.now(UTC),
            zone=settings().zone,
            worked=pinned().is_working_day,
            walidata="kominfo",
            settings=WatchSettings(**(thresholds or {})),
            **more,
        )
        (looked,) = look_all(self.conn, context, [rule])
        assert looked.reason is None, looked.reason
        return [finding.title for finding in looked.findings]

    def notices(self, rule: Rule) -> list[NoticeRow]:
        """The rule's notices, those that are not closed first."""
        return list_notices(self.conn, EVERYWHERE, kind=f"watch.{rule.name}")

    def states(self, rule: Rule) -> list[tuple[State, Severity]]:
        return [(row.state, row.severity) for row in self.notices(rule)]

    def close(self) -> None:
        self.conn.close()


OPEN_DISTURBANCE = [(State.OPEN, Severity.DISTURBANCE)]
CLOSED_DISTURBANCE = [(State.CLOSED, Severity.DISTURBANCE)]
OPEN_ATTENTION = [(State.OPEN, Severity.ATTENTION)]
CLOSED_ATTENTION = [(State.CLOSED, Severity.ATTENTION)]

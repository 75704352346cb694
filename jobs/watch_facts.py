"""What the watch sees of documents that cases depend on, told on `sop.fact`: whether they keep what was promised.

A fact is told once for each change, and anew when a stage begins that asks for it. What follows is for the procedure to
say: evidence at that stage, a *gangguan* of an integration that lives.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import transaction
from hub_db.facts import Fact, report_all
from hub_db.statements import load
from jobs.watch import Rule, WatchContext
from jobs.watch_rules import rejects, silence

SQL = load("jobs", "sql/watch_facts.sql")
SOURCE: Final = "/simpul/watch"
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Promise:
    """A rule of the watch whose findings break a promise of the documents that they name, and the kinds of facts."""

    rule: Rule
    broken: str
    kept: str


PROMISES: Final[Mapping[str, Promise]] = {
    "freshness": Promise(silence.RULE, "freshness.broken", "freshness.kept"),
    "rejects": Promise(rejects.RULE, "rejects.exceeded", "rejects.settled"),
}


def report(conn: Connection[TupleRow], context: WatchContext, *, stages: Collection[int]) -> list[Fact]:
    """Look, and report what has changed; `stages`: those of the procedure that ask anew when they begin.

    Several processes may do it at once: each change is one fact. `conn` must not be in a transaction.
    """
    with transaction(conn):
        rows = conn.execute(SQL["watched_documents"], {"stages": sorted(stages)}).fetchall()
        wanted = {document: since or LONG_AGO for document, since in rows}
        found = [fact for watch in PROMISES for fact in _changes(conn, context, watch, wanted)] if wanted else []
        report_all(conn, found)
    return found


def _changes(
    conn: Connection[TupleRow], context: WatchContext, watch: str, wanted: Mapping[str, datetime]
) -> list[Fact]:
    promise = PROMISES[watch]
    broken = {each.subject.removeprefix("opd."): each.title for each in promise.rule.look(conn, context)}
    told = {
        "watch": watch,
        "documents": list(wanted),
        "broken": [document in broken for document in wanted],
        "since": list(wanted.values()),
        "now": context.now,
    }
    return [
        Fact(
            promise.broken if is_broken else promise.kept,
            document,
            {"watch": watch, **({"told": broken[document]} if is_broken else {})},
            source=SOURCE,
            occurred_at=context.now,
        )
        for document, is_broken in conn.execute(SQL["note_reports"], told).fetchall()
    ]

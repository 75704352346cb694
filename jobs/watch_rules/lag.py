"""The hub is behind: events wait, and for how long; worse, its position does not move."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import duration, number
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Severity
from jobs.watch import EXCHANGE, Finding, LogEnd, Rule, WatchContext

SQL = load("jobs", "sql/watch_exchange.sql")
Place = tuple[UUID, int]


@dataclass(slots=True)
class _Behind:
    """How far one topic is behind."""

    events: int = 0
    seconds: float = 0.0
    stuck: bool = False


def look(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    if context.log_ends is None:
        return []
    known = conn.execute(SQL["positions"]).fetchall()
    resting = {(topic, part) for topic, part, *_, rests in known if rests}  # a rule of its own tells of these
    ends = [end for end in context.log_ends() if (end.topic_id, end.partition) not in resting]
    stands = {(topic, part): (offset, at) for topic, part, offset, at, _ in known}
    positions = {(end.topic_id, end.partition): _position(end, stands) for end in ends}
    since = _behind_since(conn, ends, positions, context.now)
    topics: dict[str, _Behind] = defaultdict(_Behind)
    for end in ends:
        place = (end.topic_id, end.partition)
        waiting = end.end - positions[place]
        if waiting <= 0 or place not in since:
            continue
        behind = topics[end.topic]
        seconds = max(0.0, (context.now - since[place]).total_seconds())
        moved_at = stands[place][1] if place in stands else since[place]
        rests_s = min(seconds, (context.now - moved_at).total_seconds())
        behind.events += waiting
        behind.seconds = max(behind.seconds, seconds)
        behind.stuck = behind.stuck or rests_s >= context.settings.stuck_s
    return [_finding(topic, behind) for topic, behind in sorted(topics.items()) if _is_bad(behind, context)]


def _position(end: LogEnd, stands: Mapping[Place, tuple[int, datetime]]) -> int:
    """Where the hub goes on; what retention took away is not waited for."""
    offset, _ = stands.get((end.topic_id, end.partition), (end.first, None))
    return max(offset, end.first)


def _behind_since(
    conn: Connection[TupleRow], ends: Sequence[LogEnd], positions: Mapping[Place, int], now: datetime
) -> dict[Place, datetime]:
    """Since when each partition has had an end that the hub has not reached yet, to the interval of our looks."""
    named = {
        "topic_ids": [end.topic_id for end in ends],
        "partitions": [end.partition for end in ends],
        "ends": [end.end for end in ends],
        "positions": [positions[end.topic_id, end.partition] for end in ends],
        "now": now,
    }
    conn.execute(SQL["add_log_ends"], named)
    conn.execute(SQL["forget_log_ends"], named)
    return {(topic, part): seen_at for topic, part, seen_at in conn.execute(SQL["behind_since"])}


def _is_bad(behind: _Behind, context: WatchContext) -> bool:
    return behind.stuck or behind.seconds >= context.settings.lag_s


def _finding(topic: str, behind: _Behind) -> Finding:
    name, waits = topic.removeprefix("opd."), f"{number(behind.events)} kejadian {topic.removeprefix('opd.')}"
    if behind.stuck:
        return Finding(
            subject=topic,
            title=f"Data {name} belum terolah dan tidak bergerak sejak {duration(behind.seconds)}.",
            body=f"{waits} menunggu.",
            severity=Severity.DISTURBANCE,
            urgent=True,
        )
    return Finding(
        subject=topic,
        title=f"Data {name} belum terolah, tertinggal {duration(behind.seconds)}.",
        body=f"{waits} menunggu dan sedang diolah.",
    )


RULE = Rule("lag", "Data belum terolah", Role.OPERATOR, Severity.ATTENTION, look, every_s=30, link=EXCHANGE)

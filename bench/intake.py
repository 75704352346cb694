"""Speed of the intake: a topic that was filled before, settled with publication on."""

import time
from collections.abc import Callable
from typing import Any

from psycopg import Connection

LOOK_EVERY_S = 0.1

SETTLED = """
select coalesce(sum(o.records), 0)::bigint from hub.consumer_offset o join hub.topic t using (topic_id)
 where t.name = %(topic)s"""
# First fetch of the topic's records to the last commit; both by the machine's one clock.
SPAN = """
select extract(epoch from (select min(b.fetched_at) from hub.batch b join hub.topic t using (topic_id)
                            where t.name = %(topic)s and b.kind = 'batch'))::float8,
       extract(epoch from max(pg_xact_commit_timestamp(o.xmin)))::float8,
       (select count(*) from hub.batch b join hub.topic t using (topic_id)
         where t.name = %(topic)s and b.kind = 'batch')
  from hub.consumer_offset o join hub.topic t using (topic_id)
 where t.name = %(topic)s and o.records > 0"""
# Events per second of each tenth of the batches, in the order in which they were settled: how the cost moves as the
# table grows.
TENTHS = """
with committed as (
    select b.records, b.tx_at as at from hub.batch b join hub.topic t using (topic_id)
     where t.name = %(topic)s and b.kind = 'batch' and b.records > 0),
parted as (
    select records, at, ntile(10) over (order by at) as tenth,
           extract(epoch from at - lag(at) over (order by at))::float8 as seconds
      from committed)
select tenth, sum(records) filter (where seconds is not null)::float8, sum(seconds)
  from parted group by tenth order by tenth"""
WAITING = """
select (select count(*) from hub.batch where round is null and accepted > 0)
     + (select count(*) from hub.round where published_at is null)"""
PUBLISHED = "select coalesce(sum(records), 0)::bigint, count(*) from hub.round where id > %(after)s"


def settled(conn: Connection[Any], topic: str) -> int:
    """Records of the topic that are accounted for."""
    return int(_one(conn, SETTLED, topic=topic)[0])


def wait_for(condition: Callable[[], bool], alive: Callable[[], bool], within_s: float) -> None:
    """Until the condition holds. Raises TimeoutError, or RuntimeError when what is measured has ended."""
    deadline = time.monotonic() + within_s
    while not condition():
        if not alive():
            raise RuntimeError("the process that is measured has ended")
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s:.0f} s")
        time.sleep(LOOK_EVERY_S)


def nothing_left(conn: Connection[Any]) -> bool:
    """Whether every change is published."""
    return int(_one(conn, WAITING)[0]) == 0


def last_round(conn: Connection[Any]) -> int:
    """The number of the newest round."""
    return int(_one(conn, "select coalesce(max(id), 0) from hub.round")[0])


def figures(conn: Connection[Any], topic: str, events: int, after_round: int) -> dict[str, Any]:
    """The run's figures: seconds, events per second, batches, and what was published meanwhile."""
    first, last, batches = _one(conn, SPAN, topic=topic)
    records, rounds = _one(conn, PUBLISHED, after=after_round)
    seconds = float(last - first)
    return {
        "events": events,
        "seconds": round(seconds, 2),
        "events_per_second": round(events / seconds),
        "batches": int(batches),
        "records_published": int(records),
        "rounds": int(rounds),
        "events_per_second_by_tenth": by_tenth(conn, topic),
    }


def by_tenth(conn: Connection[Any], topic: str) -> list[int]:
    """Events per second of each tenth of the topic's batches; the first batch's own time is not known."""
    rows = conn.execute(TENTHS, {"topic": topic}).fetchall()
    return [round(records / seconds) for _, records, seconds in rows if records and seconds]


def _one(conn: Connection[Any], query: str, **values: Any) -> tuple[Any, ...]:
    row = conn.execute(query, values or None).fetchone()
    if row is None:
        raise LookupError("the database gave no row")
    return tuple(row)

"""Events have waited for a referenced record for long."""

from datetime import timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import moment, number
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Severity
from jobs.watch import EXCHANGE, Finding, Rule, WatchContext

SQL = load("jobs", "sql/watch_exchange.sql")


def look(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    before = context.now - timedelta(days=context.settings.parked_days)
    return [
        Finding(
            subject=topic,
            title=f"{number(count)} data {topic.removeprefix('opd.')} masih ditunda menunggu rujukan {entity}.",
            body=f"Yang terlama menunggu sejak {moment(oldest, context.zone)}.",
        )
        for topic, count, oldest, entity in conn.execute(SQL["parked_long"], {"before": before})
    ]


RULE = Rule("parking", "Umur data yang ditunda", Role.STEWARD, Severity.ATTENTION, look, every_s=600, link=EXCHANGE)

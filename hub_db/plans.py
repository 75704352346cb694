"""PostgreSQL's plans of a session's prepared statements: kept while the tables are about as large as they were.

To plan a statement of a batch with a few events costs more than to execute it, and a batch has a dozen of them. But a
table may grow from nothing to a million rows, and a plan that was made when it was empty reads the whole of it for
each key; PostgreSQL notices that only when its statistics are gathered. So plans are forgotten when the session has
settled as many records of a document again, by which its tables can at most have doubled, and after a while, in which
others may have written.
"""

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import translated
from schemas.names import TopicName

FEWEST: Final = 1_000  # records, chosen: to plan anew for each few would cost what plans that stay save
SECONDS: Final = 10.0


@dataclass(slots=True)
class Age:
    """How old a session's plans are."""

    made_at: float  # by `time.monotonic`
    before: Counter[TopicName] = field(default_factory=Counter)  # records that the session had settled by then
    since: Counter[TopicName] = field(default_factory=Counter)  # and has settled from then on

    def is_over(self, topic: TopicName, now: float) -> bool:
        """Whether they are to be forgotten before more of a document is settled."""
        return self.since[topic] >= max(FEWEST, self.before[topic]) or now - self.made_at >= SECONDS


_ages: "WeakKeyDictionary[Connection[Any], Age]" = WeakKeyDictionary()


def keep(conn: Connection[TupleRow]) -> None:
    """From now on the session keeps plans: `hub_db.connection` has each statement planned anew."""
    with translated():
        conn.execute("set plan_cache_mode = auto")
    _ages[conn] = Age(monotonic())


def renew(conn: Connection[TupleRow], topic: TopicName, records: int) -> None:
    """So many records of a document are to be settled now in a session that keeps plans: forget them if it is time to.

    Before a transaction: what failed after one would have it done again.
    """
    age, now = _ages[conn], monotonic()
    if age.is_over(topic, now):
        with translated():
            conn.execute("discard plans")
        age = _ages[conn] = Age(now, age.before + age.since)
    age.since[topic] += records

"""Whole copies of what a grant's topic holds, once more: for a reader who has lost what it had."""

from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.reader_topics import copy_again
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import Unknown
from schemas.names import TopicName


def send_again(conn: Connection[TupleRow], grant_id: int, *, by: Actor, now: datetime) -> TopicName:
    """Have the grant's topic get a whole copy with the next round; which topic. Raises Unknown where none is fed."""
    topic = copy_again(conn, grant_id)
    if topic is None:
        raise Unknown(f"Hak Akses {grant_id} tidak ada, belum mulai, atau sudah berakhir.")
    note(conn, by, Act.GRANT_COPY, f"grant:{grant_id}", now=now, topic=topic)
    return topic

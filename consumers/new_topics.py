"""Which documents came into sandbox or production while the worker runs, and whose topics are at the broker."""

from collections.abc import Collection, Mapping

from kafka.errors import KafkaError
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from consumers import documents
from consumers.documents import Document
from consumers.errors import NothingToRead
from consumers.positions import admin_client
from hub_db import sources
from hub_db.connection import connect, transaction
from hub_db.errors import Unreachable
from schemas.formats import Check
from schemas.names import TopicName
from schemas.wire.kafka import KafkaSettings

MOST_PAUSE = 10  # looks passed over while a topic does not come, before the broker is asked for it again


class NewTopics:
    """Asked at short intervals, from one thread at a time: costs one small statement as long as nothing is new."""

    def __init__(self, kafka: KafkaSettings, dsn: SecretStr, local: Mapping[str, tuple[Check, ...]]) -> None:
        """`local` are the warnings of the instance."""
        self.kafka, self.dsn, self.local = kafka, dsn, local
        self.conn: Connection[TupleRow] | None = None
        self.missing: frozenset[TopicName] = frozenset()  # at the broker, when it was asked last
        self.looks = 0  # since the broker was asked
        self.pause = 0  # looks to pass over before it is asked again

    def look(self, known: Collection[TopicName]) -> dict[TopicName, Document]:
        """The documents whose topics are not yet read and can be. Raises Unreachable, and NothingToRead where there is
        nothing at all.

        A topic is read only when the broker has it: the keeper makes it some time after the state says so, and a
        client that asks for it earlier may take minutes to notice it.
        """
        if self.conn is None or self.conn.closed or self.conn.broken:
            self.conn = connect(self.dsn, process="simpul-intake-topics")
        with transaction(self.conn):
            wanted = frozenset(sources.topics_to_read(self.conn)) - frozenset(known)
        there: frozenset[TopicName] = frozenset()
        if wanted and self._is_time(wanted):
            there = wanted & self._topics_at_broker()
            self.missing = wanted - there
        if not there and not known:
            raise NothingToRead("no document with a topic is registered at the hub yet")
        return documents.load(self.conn, there, self.local)

    def close(self) -> None:
        if self.conn is not None:
            self.conn.close()

    def _is_time(self, wanted: frozenset[TopicName]) -> bool:
        """At once for what is new; for what has been missing, ever more seldom."""
        self.looks += 1
        if wanted - self.missing:
            self.pause = 0
        elif self.looks <= self.pause:
            return False
        self.looks, self.pause = 0, min(2 * self.pause + 1, MOST_PAUSE)
        return True

    def _topics_at_broker(self) -> frozenset[TopicName]:
        try:
            client = admin_client(self.kafka)
            try:
                return frozenset(TopicName(name) for name in client.list_topics())
            finally:
                client.close()
        except KafkaError as error:
            raise Unreachable(f"Kafka did not say which topics it has: {type(error).__name__}") from error

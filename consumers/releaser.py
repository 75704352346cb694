"""Looks at the parking lot at short intervals and lets in what can go in."""

import logging
from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from threading import Event as Flag
from threading import Thread
from time import monotonic

from psycopg import Connection
from psycopg.rows import TupleRow

from consumers import documents as document_book
from consumers.documents import Document
from consumers.errors import DocumentBehind
from consumers.settings import IntakeSettings
from hub_db import circles, releases
from hub_db.connection import connect
from hub_db.errors import Contended, Unreachable
from hub_db.giving_up import end_waiting
from hub_db.parking import Reread
from schemas.contract import Contract
from schemas.errors import RegistryRefused, RegistryUnreachable
from schemas.formats import Check
from schemas.names import TopicName
from schemas.wire.registry_client import RegistryClient

log = logging.getLogger("simpul.release")

CIRCLES_EVERY_S = 2.0


class Releaser(Thread):
    """One thread with one database connection. Two workers' releasers may run beside each other."""

    def __init__(
        self,
        settings: IntakeSettings,
        documents: MutableMapping[TopicName, Document],
        registry: RegistryClient,
        local: Mapping[str, tuple[Check, ...]],
        fatal: Callable[[Exception], None],
    ) -> None:
        super().__init__(name="releaser", daemon=True)
        self.settings, self.documents, self.registry = settings, documents, registry
        self.local, self.fatal = local, fatal
        self.stopping = Flag()
        self.conn: Connection[TupleRow] | None = None
        self.looked_for_circles_at = -CIRCLES_EVERY_S

    def run(self) -> None:
        """Until stopped. Anything unforeseen stops the worker."""
        try:
            while not self.stopping.wait(self.settings.release_interval_s):
                try:
                    self.release_all()
                except (Unreachable, Contended, RegistryUnreachable, RegistryRefused, DocumentBehind) as error:
                    log.warning("waiting", extra={"action": "wait", "why": str(error)})
                    if isinstance(error, Unreachable):
                        self.leave()
        except Exception as error:  # noqa: BLE001  the thread's last words
            self.fatal(error)
        finally:
            self.leave()

    def leave(self) -> None:
        """Give up the session: that of a server which only reads from now on would never be lost by itself."""
        if self.conn is not None:
            self.conn.close()
        self.conn = None

    def release_all(self) -> None:
        if self.conn is None or self.conn.closed or self.conn.broken:
            self.conn = connect(self.settings.dsn, process="simpul-release")
        partitions = releases.partitions(self.conn)
        for parked in partitions:
            if (document := self.document(parked.topic)) is None or self.stopping.is_set():
                continue
            released = releases.release_partition(self.conn, document[0], parked, document[1])
            ended = end_waiting(self.conn, document[0], parked, document[1])
            if released or ended:
                told = {"topic": parked.topic, "partition": parked.partition, "accepted": released, "ended": ended}
                log.info("released", extra={"action": "release", **told})
        if self.looked_for_circles_at + CIRCLES_EVERY_S <= monotonic():
            if circling := circles.resolve(self.conn, partitions, self.document):
                log.info("released each other", extra={"action": "release", "accepted": circling})
            self.looked_for_circles_at = monotonic()

    def document(self, topic: TopicName) -> tuple[Contract, Reread] | None:
        """The contract of a topic now, and what reads its stored events again."""
        if self.conn is None:
            return None
        document = document_book.current(self.conn, self.documents, topic, self.local)
        return None if document is None else (document.contract, partial(document.read_again, registry=self.registry))

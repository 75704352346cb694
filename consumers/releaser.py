"""Looks at the parking lot at short intervals and lets in what can go in."""

import logging
from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from threading import Event as Flag
from threading import Thread

from psycopg import Connection
from psycopg.rows import TupleRow

from consumers import documents as document_book
from consumers.documents import Document
from consumers.errors import DocumentBehind
from consumers.settings import IntakeSettings
from hub_db import releases
from hub_db.connection import connect
from hub_db.errors import Contended, Unreachable
from schemas.errors import RegistryRefused, RegistryUnreachable
from schemas.formats import Check
from schemas.names import TopicName
from schemas.wire.registry_client import RegistryClient

log = logging.getLogger("simpul.release")


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

    def run(self) -> None:
        """Until stopped. Anything unforeseen stops the worker."""
        try:
            while not self.stopping.wait(self.settings.release_interval_s):
                try:
                    self.release_all()
                except (Unreachable, Contended, RegistryUnreachable, RegistryRefused, DocumentBehind) as error:
                    log.warning("waiting", extra={"action": "wait", "why": str(error)})
        except Exception as error:  # noqa: BLE001  the thread's last words
            self.fatal(error)
        finally:
            if self.conn is not None:
                self.conn.close()

    def release_all(self) -> None:
        if self.conn is None or self.conn.closed or self.conn.broken:
            self.conn = connect(self.settings.dsn, process="simpul-release")
        for parked in releases.partitions(self.conn):
            document = document_book.current(self.conn, self.documents, parked.topic, self.local)
            if document is None or self.stopping.is_set():
                continue
            reread = partial(document.read_again, registry=self.registry)
            released = releases.release_partition(self.conn, document.contract, parked, reread)
            if released:
                log.info(
                    "released",
                    extra={
                        "action": "release",
                        "topic": parked.topic,
                        "partition": parked.partition,
                        "accepted": released,
                    },
                )

"""A hub of a test's own on the shared broker: its database, its registry, its documents, its processes.

The two documents are those of `tests/hub_db/documents.py`, under an OPD whose name no other test has.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from pydantic import SecretStr

from registry.api import create_app
from registry.settings import Settings as RegistryServer
from schemas.contract import Contract, Value
from schemas.loader import read
from schemas.names import EventKey, SchemaId, TopicName
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders, write
from schemas.wire.registry_client import RegistrySettings
from tests.approval import approve
from tests.conftest import Database
from tests.eventually import eventually
from tests.hub_db.documents import NOW, PEOPLE, PLACES
from tests.listening import free_port

ROOT = Path(__file__).parent.parent
PASSWORD = SecretStr(secrets.token_urlsafe(24))
# How values look where the hub of tests is.
MARKS = {
    "kode_pos": "644",
    "kode_bps": "3518",
    "setempat": {"lintang": (-7.9, -7.3), "bujur": (111.65, 112.25), "plat": "AG"},
}
SESSION_S = 6.0  # the broker's least: a killed worker's partitions come back soon


class Hub:
    """Everything of one hub but the processes, which tests start as they like."""

    def __init__(self, database: Database, registry_url: str, partitions: int = 2) -> None:
        self.database, self.stack = database, database.stack
        self.opd = "uji" + secrets.token_hex(4)
        self.places, self.people = self._of_this_opd(PLACES), self._of_this_opd(PEOPLE)
        self.registry = RegistrySettings(url=registry_url, user="admin", password=PASSWORD)
        self.schema_ids: dict[TopicName, SchemaId] = {}
        self.owner = database.connect(autocommit=True)
        self.log = Path(self.stack.layout.log) / f"{self.opd}.log"
        self._provision(partitions)
        self.producer = self.make_producer()

    def make_producer(self) -> Any:
        """One that knows nothing of the broker yet."""
        return KafkaProducer(**self.stack.kafka().kafka_python(), acks="all")

    def close(self) -> None:
        self.producer.close(timeout=5)
        self.owner.close()

    # What tests do.

    def event(
        self, contract: Contract, key: str, sequence: int, row: dict[str, Value] | None, *, ce_id: str | None = None
    ) -> tuple[bytes, bytes | None, list[tuple[str, bytes]]]:
        """Key, value and headers of a good event."""
        value = None if row is None else frame(self.schema_ids[contract.topic], Writer(contract).write(row))
        found = EventHeaders(ce_id or f"{key}-{sequence}", f"/opd/{self.opd}/uji", NOW, sequence, 0, None)
        return key.encode(), value, write(found, contract, EventKey(key))

    def send(
        self,
        contract: Contract,
        events: Sequence[tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes]]]],
        partition: int | None = None,
    ) -> None:
        """Write to the document's topic and wait for the broker."""
        sent = [
            self.producer.send(contract.topic, key=key, value=value, headers=list(headers), partition=partition)
            for key, value, headers in events
        ]
        self.producer.flush()
        for each in sent:
            each.get(timeout=30)

    def send_with_header(
        self, contract: Contract, event: tuple[bytes, bytes | None, list[tuple[str, bytes]]], name: bytes
    ) -> None:
        """Write an event with one more header, whose name may be any bytes, to partition 0."""
        key, value, headers = event
        headers = [*headers, (_RawName(name), b"x")]
        self.producer.send(contract.topic, key=key, value=value, headers=headers, partition=0).get(timeout=30)

    def next_offset(self, contract: Contract) -> int:
        """Where the hub stands in partition 0."""
        query = "select next_offset from hub.consumer_offset join hub.topic using (topic_id) where name = %s"
        return int(self.ask(f"{query} and partition = 0", contract.topic)[0][0])

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.owner.execute(query, values or None).fetchall()

    def totals(self) -> tuple[int, int, int, int, int]:
        """Records, accepted, known, parked, dead over all partitions."""
        query = (
            "select coalesce(sum(records), 0), coalesce(sum(accepted), 0), coalesce(sum(known), 0),"
            " coalesce(sum(parked), 0), coalesce(sum(dead), 0) from hub.consumer_offset"
        )
        return tuple(int(each) for each in self.ask(query)[0])  # type: ignore[return-value]

    def settled(self, records: int, *, parked: int = 0, within_s: float = 60) -> tuple[int, int, int, int, int]:
        """Wait until so many records are accounted for and no more than `parked` of them wait."""
        return eventually(
            self.totals, until=lambda totals: totals[0] >= records and totals[3] <= parked, within_s=within_s
        )

    @contextmanager
    def worker(self, *, faults: str = "", **more: Any) -> Iterator["subprocess.Popen[str]"]:
        """An intake worker; killed at the end if it still runs."""
        told = {
            **self._reach("simpul_intake"),
            "registry": self.registry_as_told(),
            "worker": f"{self.opd}-{secrets.token_hex(2)}",
            "group": self.opd,
            "time_zone": "Asia/Jakarta",
            "local": MARKS,
            "session_timeout_s": SESSION_S,
            "release_interval_s": 0.1,
            "faults": faults,
            **more,
        }
        with self._process("intake", told) as process:
            yield process

    @contextmanager
    def publisher(self, *, faults: str = "", **more: Any) -> Iterator["subprocess.Popen[str]"]:
        """A publisher of rounds; killed at the end if it still runs."""
        told = {**self._reach("simpul_publisher"), "transactional_id": self.opd, "interval_s": 0.1, "faults": faults}
        told |= more
        with self._process("publication", told) as process:
            yield process

    # How it is made.

    def _of_this_opd(self, contract: Contract) -> Contract:
        text = json.dumps(dict(contract.schema)).replace('"opd": "uji"', f'"opd": "{self.opd}"')
        schema = json.loads(text.replace('"id.example.uji"', f'"id.example.{self.opd}"'))
        return read(schema, file="test")

    def _provision(self, partitions: int) -> None:
        self.open_documents(self.places, self.people, partitions=partitions)
        self.owner.execute("delete from hub.fact")  # what the approvals reported; tests of facts begin with none

    def open_documents(self, *contracts: Contract, partitions: int) -> None:
        """Topics of these documents, and their contracts approved. A worker that runs takes them up."""
        admin = KafkaAdminClient(**self.stack.kafka().kafka_python())
        log_time = {"message.timestamp.type": "LogAppendTime"}
        topics = [NewTopic(each.topic, partitions, 1, topic_configs=log_time) for each in contracts]
        topics += [NewTopic(each.dead_letter_topic, 1, 1) for each in contracts]
        known = set(admin.list_topics())
        references = {each.reference_topic for each in contracts} - known
        topics += [NewTopic(name, 1, 1) for name in sorted(references)]
        admin.create_topics(topics)
        admin.close()
        for each in contracts:
            self.schema_ids[each.topic] = approve(self.owner, each)

    def _reach(self, role: str) -> dict[str, Any]:
        kafka = self.stack.kafka()
        return {
            "kafka": {**kafka.model_dump(), "password": kafka.password.get_secret_value()},
            "dsn": self.database.dsn(role).get_secret_value(),
        }

    def registry_as_told(self) -> dict[str, Any]:
        return {**self.registry.model_dump(), "password": PASSWORD.get_secret_value()}

    @contextmanager
    def _process(self, name: str, told: dict[str, Any]) -> Iterator["subprocess.Popen[str]"]:
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.run_process", name],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                env=os.environ | {"PYTHONPATH": "."},
            )
            assert process.stdin is not None
            process.stdin.write(json.dumps(told))
            process.stdin.close()
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGCONT)
                    process.kill()
                process.wait(timeout=10)


class _RawName(str):
    """A header name that kafka-python writes as bytes of our choice; other clients' languages let anybody do so."""

    raw: bytes

    def __new__(cls, raw: bytes) -> "_RawName":
        name = super().__new__(cls, "raw")
        name.raw = raw
        return name

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self.raw


@contextmanager
def serve_registry(database: Database) -> Iterator[str]:
    """The real registry on a port of its own; gives its address."""
    told = RegistryServer(dsn=database.dsn("simpul_registry"), users={"admin": PASSWORD}, writers=frozenset({"admin"}))
    listener = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(told), log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    eventually(lambda: server.started, until=bool)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


@contextmanager
def make_hub(database: Database, partitions: int = 2) -> Iterator[Hub]:
    """A hub with its registry."""
    with serve_registry(database) as url:
        hub = Hub(database, url, partitions)
        try:
            yield hub
        finally:
            hub.close()

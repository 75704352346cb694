"""The local stack as one object: PostgreSQL, Kafka and the hub's processes of one state folder.

with Stack(settings.load(folder)) as stack:
    stack.start()   # or one after the other:
    stack.start_services()   # PostgreSQL and Kafka
    stack.start_hub()        # migrations, topics, registry, worker, publisher, page
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, RLock
from types import TracebackType
from typing import Self, TextIO

from pydantic import SecretStr

from cli import settings
from cli.server_fields import SET_UP
from cli.settings import Settings
from cli.stack import (
    existing_kafka,
    existing_postgres,
    hub,
    jars,
    kafka,
    lock,
    ports,
    postgres,
    processes,
    quick_start,
    report,
    space,
)
from cli.stack.errors import StackError
from cli.stack.layout import Layout
from cli.stack.processes import Child, Program, Record
from cli.stack.report import SUPERVISOR
from cli.stack.roles import OWNER
from cli.stack.watcher import Watcher
from schemas.wire.kafka import KafkaSettings

ANSWER_WITHIN_S = 120.0  # a few seconds on a quiet machine; a busy one is no reason to give up
PORT_ATTEMPTS = 3
HUB_STOP_S, SERVICES_STOP_S = 4.0, 5.0  # together below the 10 s that an orderly stop may take


Tell = Callable[[str], None]


class Stack:
    """One state folder and the processes that run on it. Holds the folder's lock from `start_services` to `stop`.

    `tell` gets a line for each step, `downloaded` the bytes (done, in all) of a download of jars.
    """

    def __init__(
        self, told: Settings, tell: Tell = lambda _: None, downloaded: jars.Progress = lambda *_: None
    ) -> None:
        self.settings, self.tell, self.downloaded = told, tell, downloaded
        self.layout = Layout(told.home)
        self.ports: dict[str, int] = {}
        self.services: dict[str, Child] = {}
        self.hub: dict[str, Child] = {}
        self.changing = RLock()  # the watcher restarts children from its own thread
        self.stopping = Event()
        self.lock_file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    # What others need to reach it.

    def kafka(self, principal: str = kafka.ADMIN) -> KafkaSettings:
        if self.settings.kafka_bootstrap is not None:
            return settings.kafka_settings(self.layout.home, principal)
        return kafka.settings(self.layout, self.ports["kafka"], principal)

    def dsn(self, role: str = OWNER, database: str | None = None) -> SecretStr:
        if self.settings.database_url is not None:
            return settings.dsn(self.layout.home, role, database)
        return postgres.conninfo(self.layout, self.ports["postgres"], role, database or postgres.DATABASE)

    @property
    def web_url(self) -> str:
        return f"http://{ports.HOST}:{self.ports['web']}/"

    @property
    def registry_url(self) -> str:
        return self.settings.registry_url or f"http://{ports.HOST}:{self.ports['registry']}"

    # Start.

    def start_services(self) -> None:
        """PostgreSQL and Kafka, both answering. Raises StackError."""
        with self.blaming_a_full_disk(), self.starting_kafka():
            self.start_postgres()

    def start(self) -> None:
        """Everything, answering: what needs the database only is started while Kafka is still starting."""
        with self.blaming_a_full_disk():
            with self.starting_kafka():
                self.start_postgres()
                hub.start_on_database(self)
            hub.start_on_kafka(self)

    @contextmanager
    def starting_kafka(self) -> Iterator[None]:
        """Kafka is started beside the block and answers after it. Servers of others are looked at first."""
        self.occupy()
        if self.settings.kafka_bootstrap is not None:
            existing_kafka.check(self.settings)
        if self.settings.database_url is not None:
            existing_postgres.check(self.settings)
        self.ports = ports.choose(self.layout.ports, self.settings.wanted_ports)
        with ThreadPoolExecutor(1) as pool:
            broker = pool.submit(self.start_kafka)
            yield
            broker.result()

    @contextmanager
    def blaming_a_full_disk(self) -> Iterator[None]:
        """Whatever a full disk has broken, the disk is what a person is told of."""
        try:
            yield
        except (StackError, OSError) as error:
            if not self.stopping.is_set():
                space.must_have(self.places(), space.NEARLY_NONE)
            if isinstance(error, OSError):
                raise StackError(f"Folder {self.layout.home} tidak dapat dipakai: {error}.") from error
            raise

    def places(self) -> list[Path]:
        """Where this stack writes."""
        found = [self.layout.home]
        if self.settings.database_url is None:
            found.append(postgres.place(self.layout).folder)
        if self.settings.kafka_bootstrap is None:
            found.append(self.settings.cache)
        return found

    def with_free_ports(self, names: Sequence[str], start: Callable[[], None]) -> None:
        """Start a server; again on other ports when another program took one of them since it was chosen."""
        for _ in range(PORT_ATTEMPTS):
            try:
                return start()
            except StackError:
                with self.changing:
                    now = ports.choose_again(self.layout.ports, self.ports, self.settings.wanted_ports, names)
                    if now == self.ports or self.stopping.is_set():
                        raise
                    self.ports = now
        return start()

    def occupy(self) -> None:
        """Take the state folder for this process, and stop what an earlier one left there. Raises StackError."""
        if self.lock_file is None:
            space.must_have(self.places(), space.WITHOUT_SERVERS if len(self.places()) == 1 else space.WITH_SERVERS)
            self.layout.make()
            self.lock_file = lock.take(self.layout)
            self.stop_leftovers()

    def empty(self) -> None:
        """Remove the data, passwords and logs of an occupied folder whose services do not run: the next start is
        a first one."""
        postgres.destroy(self.layout)
        for folder in (self.layout.kafka, self.layout.secrets, self.layout.log):
            shutil.rmtree(folder, ignore_errors=True)
        self.layout.make()

    def start_postgres(self) -> None:
        if self.settings.database_url is not None:
            existing_postgres.prepare(self.settings, self.tell)
        else:
            self.with_free_ports(("postgres",), self.start_local_postgres)

    def start_local_postgres(self) -> None:
        port = self.ports["postgres"]
        child = self.add(self.services, postgres.start(self.layout, port))
        self.add(self.services, postgres.wait(self.layout, port, child, self.stopping, ANSWER_WITHIN_S))
        postgres.make_roles(self.layout, port)

    def start_kafka(self) -> None:
        if self.settings.kafka_bootstrap is None:
            self.with_free_ports(("kafka", "controller"), self.start_local_kafka)

    def start_local_kafka(self) -> None:
        classes = kafka.class_path(self.settings.cache / "kafka", self.settings.maven_url, self.downloaded)
        linked = self.linked_classes(classes)
        options = [f"-XX:AOTCache={linked}"] if linked else []
        kafka.prepare(self.layout, self.ports, classes, *options)
        child = self.add(self.services, Child(kafka.program(self.layout, classes, *options)))
        kafka.wait(self.kafka(), child, self.stopping, ANSWER_WITHIN_S)

    def linked_classes(self, classes: str) -> Path | None:
        """Kafka's classes made ready for a quick start."""

        def start(program: Program) -> Child:
            self.tell("Menyiapkan Kafka agar cepat dinyalakan (sekali saja)")
            return self.add(self.services, Child(program))

        try:
            scratch = Layout(self.layout.run / "practice")
            return quick_start.ensure(self.settings.cache / "kafka", classes, scratch, start, self.stopping)
        finally:
            with self.changing:
                self.services.pop("kafka", None)

    def add(self, group: dict[str, Child], child: Child) -> Child:
        """Remember a child, in the file too. One that was started while all is being stopped is stopped at once."""
        with self.changing:
            if self.stopping.is_set():
                child.kill()
                raise StackError("Dihentikan saat sedang dinyalakan.")
            group[child.program.name] = child
            ours = Record(SUPERVISOR, os.getpid(), processes.start_time(os.getpid()) or 0)
            processes.write_records(self.layout.processes, (ours, *(each.record for each in self.children())))
        return child

    def children(self) -> list[Child]:
        with self.changing:
            return [*self.services.values(), *self.hub.values()]

    def add_again(self, child: Child) -> None:
        """Put a child that was started again in the place of the one that died."""
        self.add(self.services if child.program.name in self.services else self.hub, child)

    def start_hub(self) -> None:
        """Migrations, registry, contracts, page, topics, worker, publisher: all answering. Needs `start_services`."""
        hub.start_on_database(self)
        hub.start_on_kafka(self)

    def start_process(self, name: str, *arguments: str, **environment: str) -> Child:
        """Start one process of the hub: `python -m cli <arguments>` on this state folder, with more environment."""
        command = [sys.executable, "-m", "cli", *arguments]
        told = settings.environment(self.layout.home, SIMPUL_BREAKER=str(self.settings.breaker), **environment)
        told = {key: value for key, value in told.items() if key not in SET_UP}
        return self.add(
            self.hub, Child(Program(name, command, self.layout.log_of(name), settings.ROOT, environment=told))
        )

    def watch(self) -> None:
        """From now on start again, with growing pauses, whatever dies."""
        Watcher(self.children, self.add_again, self.stopping, self.tell).start()

    def stop_leftovers(self) -> None:
        """Stop what an earlier start left, when its supervisor was killed."""
        left = report.stop_leftovers(self.layout)
        if left:
            self.tell(f"Menghentikan sisa proses sebelumnya: {', '.join(left)}")
        self.layout.ready.unlink(missing_ok=True)

    # Stop.

    def stop(self) -> None:
        """Stop all in order: first what works for the hub, then Kafka and PostgreSQL. May be called twice."""
        self.stopping.set()
        if self.lock_file is None:
            return  # the folder is another's, or nobody's
        with self.changing:
            self.layout.ready.unlink(missing_ok=True)
            processes.stop_all(list(self.hub.values()), HUB_STOP_S)
            processes.stop_all(list(self.services.values()), SERVICES_STOP_S)
            self.hub.clear()
            self.services.clear()
            self.layout.processes.unlink(missing_ok=True)
            self.lock_file.close()
            self.lock_file = None

    def kill(self) -> None:
        """Stop all at once, without order: the answer to a second Ctrl-C."""
        self.stopping.set()
        for child in self.children():
            child.kill()

    def destroy(self) -> None:
        """Remove the state folder with everything in it. Only for a stack that does not run."""
        postgres.destroy(self.layout)
        shutil.rmtree(self.layout.home, ignore_errors=True)

"""A queue with a database of its own, and workers that tests start, stop and kill."""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from identity.actors import Actor
from jobs import queue
from jobs.job import Job, JobId, State
from jobs.kinds import Kind, register
from tests.conftest import Database
from tests.eventually import eventually
from tests.jobs.process import fall, tick

ROOT = Path(__file__).parents[2]
LEASE_S = 1.0  # the shortest that a busy machine keeps: four heartbeats in it
OPERATOR = Actor("operator", "person")
Process = subprocess.Popen[str]


class Workshop:
    """One database; `owner` commits each statement."""

    def __init__(self, database: Database) -> None:
        self.database, self.stack = database, database.stack
        self.owner = database.connect(autocommit=True)
        self.owner.execute("create table public.effect (job bigint, item int)")
        self.owner.execute("grant insert on public.effect to simpul_jobs")
        self.log = Path(self.stack.layout.log) / f"jobs-{secrets.token_hex(4)}.log"
        register(self.owner, [Kind("count", "Menghitung", tick, at_once=2), Kind("tick", "Berdetak", tick)])
        register(self.owner, [Kind("fall", "Gagal dulu", fall)])

    def close(self) -> None:
        self.owner.close()

    def enqueue(self, kind: str = "count", *, key: str | None = None, **arguments: Any) -> JobId:
        with self.owner.transaction():
            return queue.enqueue(self.owner, kind, {"at_once": 1, **arguments}, by="operator", key=key)

    def find(self, job: JobId) -> Job:
        return queue.find(self.owner, job)

    def reaches(self, job: JobId, state: State, *, within_s: float = 30) -> Job:
        return eventually(lambda: self.find(job), until=lambda found: found.state is state, within_s=within_s)

    def has_done(self, job: JobId, items: int, *, within_s: float = 60) -> Job:
        return eventually(lambda: self.find(job), until=lambda found: found.done >= items, within_s=within_s)

    def effects(self, job: JobId) -> list[int]:
        """The items that were done, as often as they were."""
        rows = self.owner.execute("select item from public.effect where job = %s order by item", (job,))
        return [item for (item,) in rows]

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.owner.execute(query, values or None).fetchall()

    @contextmanager
    def worker(
        self, *, faults: str = "", schedules: Mapping[str, int] | None = None, with_kafka: bool = False, **more: Any
    ) -> Iterator[Process]:
        """A worker; killed at the end if it still runs."""
        kafka = self.stack.kafka()
        told = {
            "jobs": {
                "dsn": self.database.dsn("simpul_jobs").get_secret_value(),
                "worker": f"worker-{secrets.token_hex(2)}",
                "lease_s": LEASE_S,
                "look_every_s": 0.1,
                "faults": faults,
                **more,
            },
            "kafka": {**kafka.model_dump(), "password": kafka.password.get_secret_value()} if with_kafka else None,
            "schedules": schedules or {},
        }
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.jobs.process"],
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

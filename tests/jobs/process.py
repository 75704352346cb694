"""A worker with kinds of its own, told by standard input: `python -m tests.jobs.process`.

The kinds write each item that a step does into `public.effect`, which has no key: an item that is done twice is there
twice.
"""

import json
import sys
from threading import Event
from typing import Any

from confluent_kafka import Producer
from psycopg import Connection
from psycopg.rows import TupleRow

from base import logs
from jobs import worker
from jobs.job import Job
from jobs.kinds import Kind, Step
from jobs.schedule import Every, Scheduled
from jobs.settings import JobsSettings
from schemas.wire.kafka import KafkaSettings

EFFECT = "insert into public.effect (job, item) select %s, generate_series(%s::int, %s::int)"
SEND_WITHIN_S = 30.0
FINE = "is fine"
NEVER = Event()  # nobody sets it: a step that takes so long


class Counting:
    """Counts to `arguments.items`, `arguments.at_once` items a step; sends each item where a topic is named."""

    def __init__(self, kafka: KafkaSettings | None) -> None:
        self.producer = kafka and Producer({**kafka.librdkafka(), "enable.idempotence": True, "linger.ms": 0})

    def step(self, conn: Connection[TupleRow], job: Job) -> Step:
        wanted: Any = job.arguments
        first = job.cursor if isinstance(job.cursor, int) else 0
        last = min(first + wanted["at_once"], wanted["items"])
        conn.execute(EFFECT, (job.id, first, last - 1))
        if self.producer and wanted.get("topic"):
            self.send(self.producer, wanted["topic"], job, first, last)
        NEVER.wait(wanted.get("rest_s", 0))
        return Step(cursor=last, done=last, total=wanted["items"], finished=last == wanted["items"])

    def send(self, producer: Producer, topic: str, job: Job, first: int, last: int) -> None:
        for item in range(first, last):
            producer.produce(topic, value=str(item).encode(), headers=[("ce_id", job.event_id(item).encode())])
        if producer.flush(SEND_WITHIN_S):
            raise TimeoutError("Kafka has not acknowledged the step")


def tick(conn: Connection[TupleRow], job: Job) -> Step:
    """One item, at once."""
    conn.execute(EFFECT, (job.id, 0, 0))
    return Step(cursor=None, done=1, total=1, finished=True)


def fall(conn: Connection[TupleRow], job: Job) -> Step:
    """Fails at item 1 until its arguments say that all is well."""
    conn.execute(EFFECT, (job.id, job.done, job.done))
    if job.done == 1 and job.arguments.get("state") != FINE:
        raise ValueError("the cellar is under water")
    return Step(cursor=job.done + 1, done=job.done + 1, total=2, finished=job.done + 1 == 2)


def main() -> int:
    logs.configure("jobs")
    told = json.loads(sys.stdin.read())
    kafka = told["kafka"] and KafkaSettings.model_validate(told["kafka"])
    kinds = [
        Kind("count", "Menghitung", Counting(kafka).step, at_once=2),
        Kind("tick", "Berdetak", tick),
        Kind("fall", "Gagal dulu", fall, tries=2),
    ]
    schedules = [Scheduled(name, "tick", Every(seconds)) for name, seconds in told["schedules"].items()]
    return worker.run(JobsSettings.model_validate(told["jobs"]), kinds, schedules)


if __name__ == "__main__":
    sys.exit(main())

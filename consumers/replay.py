"""The job that puts dead letters back on their topics: `./simpul dlq replay`.

A letter goes out as it came, byte for byte, with one header more: its number. By that the intake knows it
(`consumers/replayed.py`). A step that is done again after a kill sends its letters again, with the same numbers.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults, indonesian
from hub_db import letters
from hub_db.errors import Unreachable
from hub_db.letters import LetterId, Whole
from jobs import replays
from jobs.job import Job
from jobs.kinds import Kind, Step
from schemas.wire.headers import LETTER
from schemas.wire.kafka import KafkaSettings

PRINCIPAL: Final = "hub-replay"
ANSWER_WITHIN_S: Final = 15.0  # a step's transaction is open meanwhile


class Sender:
    """A producer that is made when it is first needed, and anew after an error. Safe in any thread."""

    def __init__(self, kafka: Callable[[], KafkaSettings]) -> None:
        self._kafka, self._turn = kafka, Lock()
        self._producer: Producer | None = None

    def send(self, batch: Sequence[Whole]) -> None:
        """Put letters on their topics and wait until Kafka has each. Raises Unreachable."""
        with self._turn:
            try:
                self._send(self._producer or self._connect(), batch)
            except (KafkaException, BufferError) as error:
                self._producer = None
                raise Unreachable(f"Kafka has not taken the letters: {error}") from error

    def _connect(self) -> Producer:
        self._producer = Producer(
            {
                **self._kafka().librdkafka(),
                "enable.idempotence": True,
                "compression.type": "lz4",
                "message.timeout.ms": int(ANSWER_WITHIN_S * 1000),
                "partitioner": "murmur2_random",  # where every Java and Python client looks for a key
            }
        )
        return self._producer

    def _send(self, producer: Producer, batch: Sequence[Whole]) -> None:
        failed: list[KafkaError] = []

        def note(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                failed.append(error)

        for letter in batch:
            producer.produce(letter.topic, letter.value, letter.key, headers=_headers(letter), on_delivery=note)
        left = producer.flush(ANSWER_WITHIN_S)
        if failed:
            raise KafkaException(failed[0])
        if left:
            raise BufferError(f"{left} letters without an answer")


def kind(kafka: Callable[[], KafkaSettings]) -> Kind:
    """The kind of job. `kafka`: how `hub-replay` reaches the broker; asked for when a job runs."""
    sender = Sender(kafka)

    def step(conn: Connection[TupleRow], job: Job) -> Step:
        after = LetterId(job.cursor if isinstance(job.cursor, int) else 0)
        last = LetterId(int(str(job.arguments["last"])))
        batch = letters.take(conn, replays.filter_of(job.arguments), after=after, last=last)
        if batch:
            sender.send(batch)
            faults.point("replay.sent")
        done = job.done + len(batch)
        message = f"{indonesian.number(done)} data dikirim ulang ke topik asalnya."
        return Step(int(batch[-1].id) if batch else int(after), done, finished=not batch, message=message)

    return Kind(replays.KIND, "Mengirim ulang data yang dikembalikan", step)


def _headers(letter: Whole) -> list[tuple[str, str | bytes | None]]:
    """Those that it came with, and its number; a replay that was refused again has that of the letter before."""
    kept: list[tuple[str, str | bytes | None]] = [(name, value) for name, value in letter.headers if name != LETTER]
    return [*kept, (LETTER, str(letter.id))]

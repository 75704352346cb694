"""The floor: rows that lie ready in PostgreSQL's binary format, copied and merged, and nothing else.

No hub can do less: no Kafka, no decoding, no rule, no version, no history, no ledger. Batches are folded to the last
event of each key and sorted beforehand, as many connections write as the hub has, and each batch is one durable commit.
"""

import multiprocessing
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Final

import pgpq
import polars as pl
import psycopg
from confluent_kafka import Consumer, TopicPartition
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier
from pydantic import SecretStr

from schemas.contract import Contract, Kind
from schemas.wire import framing
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.cursor import Spans
from schemas.wire.kafka import KafkaSettings

AT_ONCE: Final = 10_000
NOTHING_WITHIN_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Job:
    """What a floor is made of."""

    kafka: KafkaSettings
    dsn: SecretStr
    topic: str
    contract: Contract
    columns: Mapping[str, str]
    table: tuple[str, str]
    batch: int
    connections: int


def start(job: Job) -> multiprocessing.process.BaseProcess:
    """A process that makes everything ready and then writes it."""
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(job,), daemon=True)
    process.start()
    return process


def _work(job: Job) -> None:
    ready: dict[int, list[bytes]] = defaultdict(list)
    for partition, values in _read(job):
        for place in range(0, len(values), job.batch):
            ready[partition % job.connections].append(encode(job.contract, values[place : place + job.batch]))
    connections = [psycopg.connect(job.dsn.get_secret_value(), autocommit=True) for _ in ready]
    with ThreadPoolExecutor(job.connections) as pool:
        for done in [pool.submit(_write, *each, job) for each in zip(connections, ready.values(), strict=True)]:
            done.result()
    # Its sessions' CPU is counted as long as they live; whoever measures ends this process.
    Event().wait()


def _read(job: Job) -> Iterator[tuple[int, Sequence[bytes]]]:
    """The values of each partition, in the order of the log."""
    consumer = Consumer({**job.kafka.librdkafka(), "group.id": "simpul-bench-floor", "enable.auto.commit": False})
    try:
        partitions = consumer.list_topics(job.topic, timeout=NOTHING_WITHIN_S).topics[job.topic].partitions
        for partition in sorted(partitions):
            place = TopicPartition(job.topic, partition, 0)
            _, end = consumer.get_watermark_offsets(place, timeout=NOTHING_WITHIN_S)
            consumer.assign([place])
            values = list[bytes]()
            while len(values) < end:
                found = consumer.consume(min(AT_ONCE, end - len(values)), NOTHING_WITHIN_S)
                if not found:
                    raise TimeoutError(f"{job.topic}[{partition}] gave nothing for {NOTHING_WITHIN_S:.0f} s")
                values += [message.value() or b"" for message in found]
            yield partition, values
    finally:
        consumer.close()


def encode(contract: Contract, values: Sequence[bytes]) -> bytes:
    """The last row of each key, sorted by key, as one binary COPY."""
    reader = ColumnReader.of(contract, contract.schema)
    if reader is None:
        raise ValueError("the contract's schema is not flat")
    spans = Spans.of(values)
    bodies = Spans(spans.buffer, spans.starts + framing.HEAD_BYTES, spans.sizes - framing.HEAD_BYTES)
    physical, whole = reader.read(bodies)
    if len(whole) != len(values):
        raise ValueError("a value is not plainly right")
    key = [str(each) for each in contract.key]
    rows = physical.unique(key, keep="last").sort(key).with_columns(*_logical(contract))
    table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
    encoder = pgpq.ArrowToPostgresBinaryEncoder(table.schema)
    parts = [encoder.write_header(), *(encoder.write_batch(each) for each in table.to_batches()), encoder.finish()]
    return b"".join(parts)


def _logical(contract: Contract) -> Iterator[pl.Expr]:
    for field in contract.fields:
        if field.kind is Kind.DATE:
            yield pl.col(field.name).cast(pl.Date)
        elif field.kind is Kind.TIMESTAMP:
            yield pl.col(field.name).cast(pl.Datetime("ms")).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _write(conn: Connection[TupleRow], batches: Sequence[bytes], job: Job) -> None:
    make, copy, merge = _statements(job)
    conn.execute(make)
    for batch in batches:
        with conn.transaction(), conn.cursor() as cursor:
            with cursor.copy(copy) as into:
                into.write(batch)
            cursor.execute(merge)


def _statements(job: Job) -> tuple[Composed, Composed, Composed]:
    table, stage, key = Identifier(*job.table), Identifier("stage"), [str(each) for each in job.contract.key]
    columns = SQL(", ").join(map(Identifier, job.columns))
    changes = SQL(", ").join(
        SQL("{0} = excluded.{0}").format(Identifier(name)) for name in job.columns if name not in key
    )
    return (
        SQL("create temporary table {stage} (like {table}) on commit delete rows").format(stage=stage, table=table),
        SQL("copy {stage} ({columns}) from stdin (format binary)").format(stage=stage, columns=columns),
        SQL(
            "insert into {table} ({columns}) select {columns} from {stage} on conflict ({key}) do update set {changes}"
        ).format(table=table, stage=stage, columns=columns, key=SQL(", ").join(map(Identifier, key)), changes=changes),
    )

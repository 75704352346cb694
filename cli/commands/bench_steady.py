"""Residents' events at steady rates, one stretch after another, and how long each took from append to row."""

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from cli import settings
from cli.screen import tell
from cli.stack.local import Stack

if TYPE_CHECKING:
    from psycopg import Connection

    from producers.synthetic.scenario import Planned
    from schemas.contract import Contract

SEED = 20_260_105
WITHIN_S = 120.0
# When each row became visible, by the place of the event that made it; by the server's clock (track_commit_timestamp).
COMMITTED = """
select _partition, _offset, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 from reference.{entity}"""
BATCHES = """
select extract(epoch from b.fetched_at)::float8, b.records
  from hub.batch b join hub.topic t using (topic_id) where t.name = %s and b.kind = 'batch'"""


class Stretch(NamedTuple):
    """Some time at one rate, and what is done beside it."""

    events_per_second: int
    seconds: float
    told: str  # to the person who waits
    beside: Callable[[], None] | None = None
    partition: int | None = None  # all events there; None: as their keys say


def measure(stack: Stack, stretches: Sequence[Stretch]) -> list[dict[str, Any]]:
    """The figures of each stretch; each begins when the one before is settled."""
    import psycopg

    from bench import intake
    from cli.commands.bench import bring_regions
    from cli.demo import plan

    home = stack.layout.home
    documents = plan.contracts(home)
    regions, residents = documents[plan.REGIONS], documents[plan.RESIDENTS]
    counts = [round(each.events_per_second * each.seconds) for each in stretches]
    scenario = plan.scenario(home, documents, plan.schema_ids(home), count=sum(counts), seed=SEED)
    chosen = scenario.population()
    begun, late, due = list[float](), list[float](), 0
    with psycopg.connect(settings.dsn(home, "simpul_owner").get_secret_value(), autocommit=True) as conn:

        def settled() -> bool:
            return intake.settled(conn, residents.topic) >= due

        bring_regions(conn, stack, regions, list(scenario.regions()))
        for stretch, count in zip(stretches, counts, strict=True):
            events = list(islice(chosen, count))
            due += len(events)
            moment, behind = _send(stack, residents, stretch, events)
            begun.append(moment)
            late.append(behind)
            intake.wait_for(settled, stack.hub["worker"].is_running, WITHIN_S)
        taken = _by_stretch(begun, latencies(conn, stack, residents))
        batches = _by_stretch(begun, conn.execute(BATCHES, (residents.topic,)).fetchall())
    return [_figures(*each) for each in zip(stretches, late, taken, batches, strict=True)]


def _send(stack: Stack, contract: "Contract", stretch: Stretch, events: "Sequence[Planned]") -> tuple[float, float]:
    """When the stretch began, and how many seconds late its last events were."""
    from bench.steady_stream import Encoded, SteadyStream

    encoded = [Encoded(event.key, event.value, tuple(event.headers)) for event in events]
    kafka = settings.kafka_settings(stack.layout.home, f"opd-{contract.opd}")
    with SteadyStream(kafka, contract.topic, encoded, stretch.events_per_second, stretch.partition) as stream:
        tell(stretch.told)
        begun = time.time()
        stream.begin()
        if stretch.beside is not None:
            stretch.beside()
        return begun, stream.wait(stretch.seconds + WITHIN_S)


def _figures(stretch: Stretch, late: float, taken: Sequence[float], records: Sequence[float]) -> dict[str, Any]:
    return {
        "events_per_second": stretch.events_per_second,
        "partition": stretch.partition,
        "stream_late_s": round(late, 3),
        "records_per_batch": round(sum(records) / max(1, len(records)), 1),
        "event_to_row_ms": shares(taken),
    }


def latencies(conn: "Connection[Any]", stack: Stack, contract: "Contract") -> list[tuple[float, float]]:
    """When each event was appended, and the milliseconds from then to the commit of its row."""
    from psycopg.sql import SQL, Identifier

    from cli.demo.log_reader import read

    rows = conn.execute(SQL(COMMITTED).format(entity=Identifier(str(contract.entity))))
    committed = {(partition, offset): at for partition, offset, at in rows}
    found = list[tuple[float, float]]()
    for record in read(settings.kafka_settings(stack.layout.home, "admin"), [contract.topic]):
        at = committed.get((record.partition, record.offset))
        if at is not None:
            appended = record.appended_ms / 1000
            found.append((appended, max(0.0, at - appended) * 1000))
    return found


def _by_stretch(begun: Sequence[float], values: Sequence[tuple[float, float]]) -> list[list[float]]:
    """Values with their moments, parted by when the stretches began."""
    parts: list[list[float]] = [[] for _ in begun]
    for moment, value in values:
        parts[max(0, bisect_right(begun, moment) - 1)].append(value)
    return parts


def shares(values: Sequence[float]) -> dict[str, float | None]:
    from cli.demo.latency import percentile

    most = round(max(values), 1) if values else None
    return {"p50": percentile(values, 0.5), "p99": percentile(values, 0.99), "max": most}

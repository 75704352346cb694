"""What the audit costs an intake that works beside it: the same steady stream of events, first alone, then with it."""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
select _partition, _offset, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 from reference.penduduk"""


def measure_beside(stack: Stack, events_per_second: int, seconds: float, audit: Callable[[], Any]) -> dict[str, Any]:
    """`audit` writes for as long. What it told, and event → row in milliseconds without and with it."""
    import psycopg

    from bench import intake
    from bench.steady_stream import Encoded, SteadyStream
    from cli.commands.bench import bring_regions
    from cli.demo import plan

    home = stack.layout.home
    documents = plan.contracts(home)
    regions, residents = documents[plan.REGIONS], documents[plan.RESIDENTS]
    count = int(events_per_second * seconds)
    scenario = plan.scenario(home, documents, plan.schema_ids(home), count=2 * count, seed=SEED)
    chosen = list(islice(scenario.population(), 2 * count))
    with psycopg.connect(settings.dsn(home, "simpul_owner").get_secret_value(), autocommit=True) as conn:
        bring_regions(conn, stack, regions, list(scenario.regions()))
        kafka = settings.kafka_settings(home, f"opd-{residents.opd}")

        def stream(events: "Sequence[Planned]") -> SteadyStream:
            encoded = [Encoded(event.key, event.value, tuple(event.headers)) for event in events]
            return SteadyStream(kafka, residents.topic, encoded, events_per_second)

        def settle(count: int) -> None:
            intake.wait_for(
                lambda: intake.settled(conn, residents.topic) >= count, stack.hub["worker"].is_running, WITHIN_S
            )

        with stream(chosen[:count]) as first, stream(chosen[count:]) as second:
            tell(f"Mengolah {events_per_second} kejadian per detik, tanpa jejak audit di sampingnya")
            first.begin()
            late = [first.wait(seconds + WITHIN_S)]
            settle(count)
            between = time.time()
            tell("Sama, dengan jejak audit di sampingnya")
            second.begin()
            found = audit()
            late.append(second.wait(seconds + WITHIN_S))
            settle(len(chosen))
        alone, beside = latencies(conn, home, residents, between)
    return {
        **found,
        "events_per_second": events_per_second,
        "stream_late_s": [round(each, 3) for each in late],
        "event_to_row_ms": {"alone": shares(alone), "beside": shares(beside)},
    }


def latencies(
    conn: "Connection[Any]", home: Path, contract: "Contract", between: float
) -> tuple[list[float], list[float]]:
    """Milliseconds from the broker's append to the row's commit, of events appended before and after a moment."""
    from cli.demo.log_reader import read

    committed = {(partition, offset): at for partition, offset, at in conn.execute(COMMITTED)}
    before, after = list[float](), list[float]()
    for record in read(settings.kafka_settings(home, "admin"), [contract.topic]):
        at = committed.get((record.partition, record.offset))
        if at is not None:
            appended = record.appended_ms / 1000
            (before if appended < between else after).append(max(0.0, at - appended) * 1000)
    return before, after


def shares(values: Sequence[float]) -> dict[str, float | None]:
    from cli.demo.latency import percentile

    return {"p50": percentile(values, 0.5), "p99": percentile(values, 0.99)}

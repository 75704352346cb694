"""What the audit costs an intake that works beside it: the same steady stream of events, first alone, then with it."""

import threading
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
AT_ONCE_S = 0.02  # the stream's pieces: far under what a batch waits for
# When each row became visible, by the place of the event that made it; by the server's clock (track_commit_timestamp).
COMMITTED = """
select _partition, _offset, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 from reference.penduduk"""


def measure_beside(stack: Stack, events_per_second: int, seconds: float, audit: Callable[[], Any]) -> dict[str, Any]:
    """`audit` writes for as long. What it told, and event → row in milliseconds without and with it."""
    import psycopg

    from bench import intake
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
        settled = 0

        def all_settled() -> bool:
            return intake.settled(conn, residents.topic) >= settled

        tell(f"Mengolah {events_per_second} kejadian per detik, tanpa jejak audit di sampingnya")
        settled = stream(home, residents, chosen[:count], events_per_second)
        intake.wait_for(all_settled, stack.hub["worker"].is_running, WITHIN_S)
        between = time.time()
        tell("Sama, dengan jejak audit di sampingnya")
        streaming = threading.Thread(target=stream, args=(home, residents, chosen[count:], events_per_second))
        streaming.start()
        found = audit()
        streaming.join()
        settled = len(chosen)
        intake.wait_for(all_settled, stack.hub["worker"].is_running, WITHIN_S)
        alone, beside = latencies(conn, home, residents, between)
    return {**found, "event_to_row_ms": {"alone": shares(alone), "beside": shares(beside)}}


def stream(home: Path, contract: "Contract", events: "Sequence[Planned]", per_second: int) -> int:
    """Publish the events at a steady rate; how many. Who is late does not wait."""
    from producers.publisher import Publisher
    from producers.synthetic.scenario import SYSTEM
    from schemas.wire.registry_client import RegistryClient

    principal = f"opd-{contract.opd}"
    at_once = max(1, round(per_second * AT_ONCE_S))
    with (
        RegistryClient(settings.registry_settings(home, principal)) as registry,
        Publisher(settings.kafka_settings(home, principal), registry, contract, system=SYSTEM) as publisher,
    ):
        began = time.monotonic()
        for number, event in enumerate(events):
            if number % at_once == 0:
                time.sleep(max(0.0, began + number / per_second - time.monotonic()))
            publisher.forward(event.key, event.value, event.headers)
    return len(events)


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

"""Latency of single events: from the call that publishes one to the moment its batch is committed."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from cli import settings
from cli.demo.plan import Plan
from producers.publisher import Publisher
from schemas.wire.registry_client import RegistryClient

PROBES = 500
PER_SECOND = 50
COMMITTED_WITHIN_S = 60.0

# The commit time of the transaction that wrote each event's history row (track_commit_timestamp).
COMMITTED = """
select h.ce_id, extract(epoch from pg_xact_commit_timestamp(h.xmin))::float8
  from hub.history h join hub.topic t using (topic_no)
 where t.name = %(topic)s and h.ce_id = any(%(ids)s)
"""


def measure(home: Path, plan: Plan) -> list[float]:
    """Publish the plan's probes at PER_SECOND; milliseconds from call to commit, in order of publication."""
    contract = plan.residents
    called: dict[str, float] = {}
    with (
        RegistryClient(settings.registry_settings(home, f"opd-{contract.opd}")) as registry,
        Publisher(
            settings.kafka_settings(home, f"opd-{contract.opd}"), registry, contract, system="sintetis", linger_ms=0
        ) as publisher,
    ):
        begun = time.monotonic()
        for number, probe in enumerate(plan.probes):
            time.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
            called[probe.identity] = time.time()
            publisher.forward(probe.key, probe.value, probe.headers)
    committed = _committed(home, contract.topic, called)
    # A probe that an earlier run published is known, and was committed then: it says nothing about now.
    return [(at - called[name]) * 1000 for name, at in committed.items() if at >= called[name]]


def _committed(home: Path, topic: str, called: dict[str, float]) -> dict[str, float]:
    deadline = time.monotonic() + COMMITTED_WITHIN_S
    with psycopg.connect(settings.dsn(home, "simpul_owner").get_secret_value(), autocommit=True) as conn:
        while True:
            rows: Sequence[Any] = conn.execute(COMMITTED, {"topic": topic, "ids": list(called)}).fetchall()
            if len(rows) >= len(called) or time.monotonic() > deadline:
                return dict(rows)
            time.sleep(0.1)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` of the values lie (nearest rank); None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

"""Latency of single events: from the call that publishes one to the moment its batch is committed."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from cli import settings
from hub_db.statements import load
from producers.publisher import Publisher
from producers.synthetic.scenario import SYSTEM, Planned
from schemas.contract import Contract
from schemas.wire.registry_client import RegistryClient

PROBES = 500
PER_SECOND = 50
COMMITTED_WITHIN_S = 60.0

SQL = load("cli.demo", "sql/latency.sql")


def measure(home: Path, contract: Contract, probes: Sequence[Planned]) -> list[float]:
    """Publish events of one document at PER_SECOND; milliseconds from call to commit, in order of publication."""
    called: dict[str, float] = {}
    with (
        RegistryClient(settings.registry_settings(home, f"opd-{contract.opd}")) as registry,
        Publisher(
            settings.kafka_settings(home, f"opd-{contract.opd}"), registry, contract, system=SYSTEM, linger_ms=0
        ) as publisher,
    ):
        begun = time.monotonic()
        for number, probe in enumerate(probes):
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
            rows: Sequence[Any] = conn.execute(SQL["committed"], {"topic": topic, "ids": list(called)}).fetchall()
            if len(rows) >= len(called) or time.monotonic() > deadline:
                return dict(rows)
            time.sleep(0.1)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` of the values lie (nearest rank); None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

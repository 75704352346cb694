"""Publishes planned events as their OPD would: under its own principal, through its adapter."""

from collections.abc import Callable, Sequence
from pathlib import Path

from cli import settings
from producers.publisher import Publisher
from producers.synthetic.scenario import SYSTEM, Planned
from schemas.contract import Contract
from schemas.wire.registry_client import RegistryClient

TOLD_EVERY = 1_000


def send(
    home: Path, contract: Contract, events: Sequence[Planned], tell: Callable[[int], None] = lambda _: None
) -> None:
    """Publish encoded events as they were planned (some are meant to be wrong), and wait until the broker has them.

    `tell` hears now and then how many were handed over.
    """
    principal = f"opd-{contract.opd}"
    with (
        RegistryClient(settings.registry_settings(home, principal)) as registry,
        Publisher(settings.kafka_settings(home, principal), registry, contract, system=SYSTEM) as publisher,
    ):
        for number, event in enumerate(events, start=1):
            publisher.forward(event.key, event.value, event.headers)
            if number % TOLD_EVERY == 0 or number == len(events):
                tell(number)

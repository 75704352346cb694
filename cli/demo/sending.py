"""Publishes the plan as the two OPDs would: each under its own principal, at the same time."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

from cli import settings
from cli.demo.plan import Plan
from producers.publisher import Publisher
from producers.synthetic.scenario import SYSTEM, Planned
from schemas.contract import Contract
from schemas.wire.registry_client import RegistryClient

TOLD_EVERY = 1_000


def send(home: Path, contract: Contract, events: Sequence[Planned]) -> None:
    """Publish encoded events of one document under its OPD's principal, and wait until the broker has them."""
    principal = f"opd-{contract.opd}"
    with (
        RegistryClient(settings.registry_settings(home, principal)) as registry,
        Publisher(settings.kafka_settings(home, principal), registry, contract, system=SYSTEM) as publisher,
    ):
        for event in events:
            publisher.forward(event.key, event.value, event.headers)


class Sending:
    """Two threads that publish; `sent` counts the events handed to Kafka, by topic."""

    def __init__(self, home: Path, plan: Plan, leave_out: int = 0) -> None:
        self.home, self.plan = home, plan
        self.sent: dict[str, int] = {plan.regions.topic: 0, plan.residents.topic: 0}
        self.errors: list[Exception] = []
        self.stopping = Event()
        events = plan.resident_events[: len(plan.resident_events) - leave_out]
        self.threads = [
            Thread(target=self.guarded, args=(contract, chosen), daemon=True)
            for contract, chosen in ((plan.regions, plan.region_events), (plan.residents, events))
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def running(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def stop(self) -> None:
        """Break off; what was handed over gets its few seconds."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=10)

    def guarded(self, contract: Contract, events: Sequence[Planned]) -> None:
        principal = f"opd-{contract.opd}"
        try:
            with (
                RegistryClient(settings.registry_settings(self.home, principal)) as registry,
                Publisher(
                    settings.kafka_settings(self.home, principal), registry, contract, system=SYSTEM
                ) as publisher,
            ):
                self.send_events(publisher, events)
        except Exception as error:  # noqa: BLE001  raised again where the demo waits
            self.errors.append(error)

    def send_events(self, publisher: Publisher, events: Sequence[Planned]) -> None:
        """The events as they were planned: some of them are meant to be wrong."""
        for number, event in enumerate(events, start=1):
            if self.stopping.is_set():
                return
            publisher.forward(event.key, event.value, event.headers)
            if number % TOLD_EVERY == 0 or number == len(events):
                self.sent[publisher.contract.topic] = number

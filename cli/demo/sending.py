"""Publishes the plan as the two OPDs would: each under its own principal, at the same time."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread

from cli import settings
from cli.demo.plan import Plan
from producers import wilayah
from producers.publisher import Publisher
from producers.synthetic.scenario import SYSTEM, Planned
from schemas.contract import Contract
from schemas.wire.registry_client import RegistryClient

ROWS_AT_ONCE = 1_000


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
        events = plan.resident_events
        self.threads = [
            Thread(target=self.guarded, args=(plan.regions, self.send_regions), daemon=True),
            Thread(
                target=self.guarded,
                args=(plan.residents, lambda publisher: self.send_events(publisher, events[: len(events) - leave_out])),
                daemon=True,
            ),
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

    def guarded(self, contract: Contract, send: Callable[[Publisher], None]) -> None:
        principal = f"opd-{contract.opd}"
        try:
            with (
                RegistryClient(settings.registry_settings(self.home, principal)) as registry,
                Publisher(
                    settings.kafka_settings(self.home, principal), registry, contract, system=SYSTEM
                ) as publisher,
            ):
                send(publisher)
        except Exception as error:  # noqa: BLE001  raised again where the demo waits
            self.errors.append(error)

    def send_regions(self, publisher: Publisher) -> None:
        """The regions as rows: validated, encoded and sent by the adapter."""
        rows = list(wilayah.rows())
        for start in range(0, len(rows), ROWS_AT_ONCE):
            if self.stopping.is_set():
                return
            chunk = rows[start : start + ROWS_AT_ONCE]
            refused = publisher.send_all(chunk)
            self.sent[publisher.contract.topic] += len(chunk) - len(refused)

    def send_events(self, publisher: Publisher, events: Sequence[Planned]) -> None:
        """The residents' events as they are: some of them are meant to be wrong."""
        for number, event in enumerate(events, start=1):
            if self.stopping.is_set():
                return
            publisher.forward(event.key, event.value, event.headers)
            if number % ROWS_AT_ONCE == 0 or number == len(events):
                self.sent[publisher.contract.topic] = number

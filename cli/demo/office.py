"""One OPD of the demo: plans its document's events, publishes them, and draws up the account of them.

Each runs in a process of its own, as the OPDs do: they publish at the same time, and the plan is made while the hub is
still starting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import psycopg

from cli import settings
from cli.demo import plan, sending
from cli.demo.account import Account, Bookkeeper
from producers.synthetic.scenario import Planned, summary
from schemas.contract import Contract
from schemas.names import SchemaId, TopicName


@dataclass(frozen=True, slots=True)
class Outline:
    """What the others need to know of a plan."""

    events: int
    parked: int  # events that wait for something that never comes
    probes: Sequence[Planned]


class Office:
    """`document` is one of `plan`'s two; `sent` counts the events handed to Kafka, for whoever shows it."""

    def __init__(self, home: Path, document: str, *, count: int, seed: int, sent: "Synchronized[int]") -> None:
        self.home, self.document, self.count, self.seed, self.sent = home, document, count, seed, sent
        self.contract: Contract
        self.events: list[Planned] = []
        self.probes: list[Planned] = []
        self.bookkeeper: Bookkeeper | None = None

    def plan(self, ids: dict[TopicName, SchemaId], probes: int) -> Outline:
        """Plan every event, known to the last before one is sent. `ids` are the registry's."""
        contracts = plan.contracts(self.home)
        self.contract = contracts[self.document]
        scenario = plan.scenario(self.home, contracts, ids, count=self.count, seed=self.seed)
        if self.document == plan.REGIONS:
            self.events = list(scenario.regions())
        else:
            self.events = list(scenario.population())
            self.probes = plan.probes(self.home, scenario, self.contract, self.events, probes, self.count, self.seed)
        return Outline(len(self.events), summary(self.events).parked, self.probes)

    def publish(self, leave_out: int) -> None:
        """Publish the plan but for its last events, and wait until Kafka has them."""
        sending.send(self.home, self.contract, self.events[: len(self.events) - leave_out], self.tell)

    def tell(self, sent: int) -> None:
        self.sent.value = sent

    def read_on(self) -> None:
        """Read what the log has by now, so that the account is soon drawn up."""
        if self.bookkeeper is None:
            self.bookkeeper = Bookkeeper(settings.kafka_settings(self.home, "admin"), self.contract)
        self.bookkeeper.read_on()

    def account(self, times: int | None) -> Account:
        """The account of everything, probes too; `times` the plan was published, None = compare without a plan."""
        self.read_on()
        assert self.bookkeeper is not None  # noqa: S101
        planned = None if times is None else [*self.events, *self.probes]
        with psycopg.connect(settings.dsn(self.home, "simpul_owner").get_secret_value(), autocommit=True) as conn:
            return self.bookkeeper.draw_up(conn, planned, times or 1)

"""Both OPDs of the demo, each in a process of its own."""

import json
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cli.demo import latency, plan
from cli.demo.account import Account
from cli.demo.apart import CONTEXT, Apart
from cli.demo.office import Office, Outline
from cli.stack.layout import write_private
from schemas.names import SchemaId, TopicName

DOCUMENTS = (plan.REGIONS, plan.RESIDENTS)


class Offices:
    """Made before anything is started, so that they plan while the hub starts. Raises Ended when one dies.

    `planted` events of the residents' plan are never sent. A plan's bytes hold the ids that the registry gives, so an
    early plan takes those of the last run on this state folder, and is made again should they differ.
    """

    def __init__(self, home: Path, *, count: int, seed: int, planted: int) -> None:
        self.home, self.leave_out = home, {plan.RESIDENTS: planted}
        self.counters = {document: CONTEXT.Value("q", 0) for document in DOCUMENTS}
        self.offices = {
            document: Apart(partial(Office, home, document, count=count, seed=seed, sent=self.counters[document]))
            for document in DOCUMENTS
        }
        self.ids = self.remembered()
        if self.ids is not None:
            self.ask("plan", self.ids, latency.PROBES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End both processes."""
        for office in self.offices.values():
            office.close()

    def plan(self) -> list[Outline]:
        """Both plans, for the registry as it is."""
        ids = plan.schema_ids(self.home)
        outlines = self.answers() if self.ids is not None else []
        if ids != self.ids:
            self.ids = ids
            write_private(self.memory, json.dumps(ids))
            self.ask("plan", ids, latency.PROBES)
            outlines = self.answers()
        return outlines

    def publish(self) -> None:
        """Begin to publish both documents."""
        for document, office in self.offices.items():
            office.ask("publish", self.leave_out.get(document, 0))

    def look(self, publishing: set[str]) -> None:
        """Take from `publishing` the documents that have been published. Raises what stopped one."""
        for document in list(publishing):
            if self.offices[document].has_answered():
                self.offices[document].answer()
                publishing.discard(document)

    def sent(self) -> dict[str, int]:
        """Events handed to Kafka, by topic."""
        return {f"opd.{document}": counter.value for document, counter in self.counters.items()}

    def read_on(self) -> None:
        """Begin to read what the log has by now; `account` waits for it."""
        self.ask("read_on")

    def account(self, times: int | None) -> Account:
        """The account of both documents, after `read_on`."""
        self.answers()
        self.ask("account", times)
        whole = Account()
        for part in self.answers():
            whole.add(part)
        return whole

    def ask(self, method: str, *arguments: object) -> None:
        for office in self.offices.values():
            office.ask(method, *arguments)

    def answers(self) -> list[Any]:
        """What both answer, in the order of DOCUMENTS."""
        return [office.answer() for office in self.offices.values()]

    @property
    def memory(self) -> Path:
        return self.home / "schema-ids.json"

    def remembered(self) -> dict[TopicName, SchemaId] | None:
        try:
            return dict(json.loads(self.memory.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

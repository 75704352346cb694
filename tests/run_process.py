"""Runs one process of the hub, told on standard input.

`python -m tests.run_process intake|publication|facts|status|stages|recount|documents|replay`
"""

import json
import signal
import sys
from pathlib import Path
from threading import Event
from typing import Any

from pydantic import SecretStr

import tests.poison
from base import faults, instance, logs
from consumers import facts, intake, publication, replay, stages, status
from consumers.settings import FactsSettings, IntakeSettings, PublicationSettings, StagesSettings, StatusSettings
from hub_db import letters, restating, unloading
from hub_db.conflicts import finder
from jobs import conflict_job, duplicate_job, load_job, ruling_job, worker
from jobs.kinds import Kind
from jobs.settings import JobsSettings
from registry.provisioning import recount_job
from schemas.wire.kafka import KafkaSettings

FILE = Path(__file__).parent / "instances" / "tanasari.toml"


def main() -> int:
    logs.configure(sys.argv[1])
    told = json.loads(sys.stdin.read())
    if sys.argv[1] == "intake":
        if poison := told.pop("poison", None):
            tests.poison.put(poison["word"].encode(), poison["deed"])
        return intake.run(IntakeSettings.model_validate(told))
    if sys.argv[1] == "stages":
        return stages.run(StagesSettings.model_validate(told))
    if sys.argv[1] in ("facts", "status"):
        return report(sys.argv[1], told)
    if sys.argv[1] == "recount":
        owner = SecretStr(told["owner"])
        return worker.run(JobsSettings.model_validate(told["jobs"]), [recount_job.kind(lambda: owner)])
    if sys.argv[1] == "documents":
        return worker.run(JobsSettings.model_validate(told["jobs"]), of_documents(told["owner"], told["at_once"]))
    if sys.argv[1] == "replay":
        letters.AT_ONCE = told.get("at_once", letters.AT_ONCE)  # type: ignore[misc]
        kafka = KafkaSettings.model_validate(told["kafka"])
        return worker.run(JobsSettings.model_validate(told["jobs"]), [replay.kind(lambda: kafka)])
    return publication.run(PublicationSettings.model_validate(told))


def of_documents(owner: str, at_once: int) -> list[Kind]:
    """The kinds of jobs that go over the rows of documents, so many at a time."""
    unloading.STRETCH = restating.KEYS_AT_ONCE = at_once
    finder.KEYS_AT_ONCE = at_once  # type: ignore[misc]

    def dsn() -> SecretStr:
        return SecretStr(owner)

    return [
        recount_job.kind(dsn),
        load_job.kind(dsn),
        conflict_job.kind(dsn, lambda: instance.load(FILE)),
        ruling_job.kind(dsn),
        duplicate_job.kind(dsn, lambda: instance.load(FILE)),
    ]


def report(outbox: str, told: dict[str, Any]) -> int:
    """A publisher of an outbox without the rounds, whose process it shares otherwise."""
    faults.arm(told.pop("faults", ""))
    beside = {
        "facts": lambda: facts.beside(FactsSettings.model_validate(told)),
        "status": lambda: status.beside(StatusSettings.model_validate(told)),
    }
    with beside[outbox]():
        stop = Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        while not stop.wait(0.5):  # without a limit it would be deaf to signals in some Pythons
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())

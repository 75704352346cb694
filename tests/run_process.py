"""Runs one process of the hub, told on standard input.

`python -m tests.run_process intake|publication|facts|status|stages|recount|documents|replay`. Each imports just what it
needs: tests start hundreds of them.
"""

import importlib
import json
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from base import faults, logs
from cli.loading import loading

if TYPE_CHECKING:
    from jobs.kinds import Kind

FILE = Path(__file__).parent / "instances" / "tanasari.toml"
Told = dict[str, Any]


def main() -> int:
    logs.configure(sys.argv[1])
    with loading():
        importlib.import_module(MODULES[sys.argv[1]])
    return PROCESSES[sys.argv[1]](json.loads(sys.stdin.read()))


def intake(told: Told) -> int:
    import tests.poison
    from consumers import intake
    from consumers.settings import IntakeSettings

    if poison := told.pop("poison", None):
        tests.poison.put(poison["word"].encode(), poison["deed"])
    return intake.run(IntakeSettings.model_validate(told))


def publication(told: Told) -> int:
    from consumers import publication
    from consumers.settings import PublicationSettings

    return publication.run(PublicationSettings.model_validate(told))


def stages(told: Told) -> int:
    from consumers import stages
    from consumers.settings import StagesSettings

    return stages.run(StagesSettings.model_validate(told))


def facts(told: Told) -> int:
    """The publisher of an outbox without the rounds, whose process it shares otherwise."""
    from consumers import facts
    from consumers.settings import FactsSettings

    armed(told)
    with facts.beside(FactsSettings.model_validate(told)):
        return until_stopped()


def status(told: Told) -> int:
    """As `facts`."""
    from consumers import status
    from consumers.settings import StatusSettings

    armed(told)
    with status.beside(StatusSettings.model_validate(told)):
        return until_stopped()


def recount(told: Told) -> int:
    from pydantic import SecretStr

    from registry.provisioning import recount_job

    owner = SecretStr(told["owner"])
    return jobs_of(told, [recount_job.kind(lambda: owner)])


def documents(told: Told) -> int:
    """The kinds of jobs that go over the rows of documents, so many at a time."""
    from pydantic import SecretStr

    from base import instance
    from hub_db import rebuild_swap, rebuilding, restating, unloading
    from hub_db.conflicts import finder
    from jobs import conflict_job, duplicate_job, load_job, rebuild_job, ruling_job
    from registry.provisioning import recount_job

    unloading.STRETCH = restating.KEYS_AT_ONCE = told["at_once"]
    finder.KEYS_AT_ONCE = told["at_once"]  # type: ignore[misc]
    rebuilding.STRETCH = rebuilding.KEYS_AT_ONCE = rebuild_swap.COMPARED_AT_ONCE = told["at_once"]

    def dsn() -> SecretStr:
        return SecretStr(told["owner"])

    kinds = [
        recount_job.kind(dsn),
        load_job.kind(dsn, lambda: instance.load(FILE)),
        conflict_job.kind(dsn, lambda: instance.load(FILE)),
        ruling_job.kind(dsn),
        duplicate_job.kind(dsn, lambda: instance.load(FILE)),
        *rebuild_job.kinds(dsn, lambda: instance.load(FILE)),
    ]
    return jobs_of(told, kinds)


def replay(told: Told) -> int:
    from consumers import replay
    from hub_db import letters
    from schemas.wire.kafka import KafkaSettings

    letters.AT_ONCE = told.get("at_once", letters.AT_ONCE)  # type: ignore[misc]
    kafka = KafkaSettings.model_validate(told["kafka"])
    return jobs_of(told, [replay.kind(lambda: kafka)])


def jobs_of(told: Told, kinds: "list[Kind]") -> int:
    from jobs import worker
    from jobs.settings import JobsSettings

    return worker.run(JobsSettings.model_validate(told["jobs"]), kinds)


def armed(told: Told) -> None:
    faults.arm(told.pop("faults", ""))


def until_stopped() -> int:
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    while not stop.wait(0.5):  # without a limit it would be deaf to signals in some Pythons
        pass
    return 0


PROCESSES: Mapping[str, Callable[[Told], int]] = {
    each.__name__: each for each in (intake, publication, stages, facts, status, recount, documents, replay)
}

# What each runs, loaded first.
CONSUMERS = ("intake", "publication", "stages", "facts", "status", "replay")
MODULES = {
    **{name: f"consumers.{name}" for name in CONSUMERS},
    **dict.fromkeys(("recount", "documents"), "jobs.worker"),
}


if __name__ == "__main__":
    sys.exit(main())

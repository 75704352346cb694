"""Runs one process of the hub, told on standard input.

`python -m tests.run_process intake|publication|facts|status|stages|recount|replay`
"""

import json
import signal
import sys
from threading import Event
from typing import Any

from pydantic import SecretStr

from base import faults, logs
from consumers import facts, intake, publication, replay, stages, status
from consumers.settings import FactsSettings, IntakeSettings, PublicationSettings, StagesSettings, StatusSettings
from jobs import worker
from jobs.settings import JobsSettings
from registry.provisioning import recount_job
from schemas.wire.kafka import KafkaSettings


def main() -> int:
    logs.configure(sys.argv[1])
    told = json.loads(sys.stdin.read())
    if sys.argv[1] == "intake":
        return intake.run(IntakeSettings.model_validate(told))
    if sys.argv[1] == "stages":
        return stages.run(StagesSettings.model_validate(told))
    if sys.argv[1] in ("facts", "status"):
        return report(sys.argv[1], told)
    if sys.argv[1] == "recount":
        owner = SecretStr(told["owner"])
        return worker.run(JobsSettings.model_validate(told["jobs"]), [recount_job.kind(lambda: owner)])
    if sys.argv[1] == "replay":
        kafka = KafkaSettings.model_validate(told["kafka"])
        return worker.run(JobsSettings.model_validate(told["jobs"]), [replay.kind(lambda: kafka)])
    return publication.run(PublicationSettings.model_validate(told))


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

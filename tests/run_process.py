"""Runs one process of the hub: `python -m tests.run_process intake|publication|facts`, settings on standard input."""

import json
import signal
import sys
from threading import Event
from typing import Any

from base import faults, logs
from consumers import facts, intake, publication
from consumers.settings import FactsSettings, IntakeSettings, PublicationSettings


def main() -> int:
    logs.configure(sys.argv[1])
    told = json.loads(sys.stdin.read())
    if sys.argv[1] == "intake":
        return intake.run(IntakeSettings.model_validate(told))
    if sys.argv[1] == "facts":
        return report_facts(told)
    return publication.run(PublicationSettings.model_validate(told))


def report_facts(told: dict[str, Any]) -> int:
    """The publisher of facts without the rounds, whose process it shares otherwise."""
    faults.arm(told.pop("faults", ""))
    with facts.beside(FactsSettings.model_validate(told)):
        stop = Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        while not stop.wait(0.5):  # without a limit it would be deaf to signals in some Pythons
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())

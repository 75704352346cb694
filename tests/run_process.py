"""Runs one process of the hub with settings from standard input: `python -m tests.run_process intake|publication`."""

import json
import sys

from base import logs
from consumers import intake, publication
from consumers.settings import IntakeSettings, PublicationSettings


def main() -> int:
    logs.configure(sys.argv[1])
    told = json.loads(sys.stdin.read())
    if sys.argv[1] == "intake":
        return intake.run(IntakeSettings.model_validate(told))
    return publication.run(PublicationSettings.model_validate(told))


if __name__ == "__main__":
    sys.exit(main())

"""Who has opened which file of a case, as its page shows it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sop.attachments import Opening
from sop.case import Case
from sop.procedure import Procedure


@dataclass(frozen=True, slots=True)
class Opened:
    """That somebody has opened a file, how often and when last; `stage` 0: it is in no slot any more."""

    sha256: str
    title: str
    stage: int
    round: int
    by: str
    times: int
    last: datetime


def opened(
    case: Case, procedure: Procedure, openings: Mapping[str, Sequence[Opening]], names: Mapping[str, str]
) -> list[Opened]:
    """Who has opened which version of which file, the last first."""
    slots = {
        version.sha256: (procedure.at(attempt.stage).slots, slot, attempt)
        for attempt in (*case.past, *case.attempts.values())
        for slot, versions in attempt.papers.items()
        for version in versions
    }
    found = []
    for sha256, each in openings.items():
        known, slot, attempt = slots.get(sha256, ({}, "berkas", None))
        title = known[slot].title if slot in known else slot
        for login in sorted({opening.by for opening in each}):
            times = [opening.at for opening in each if opening.by == login]
            stage, again = (attempt.stage, attempt.round) if attempt else (0, 0)
            found.append(Opened(sha256, title, stage, again, names.get(login, login), len(times), max(times)))
    return sorted(found, key=lambda each: each.last, reverse=True)

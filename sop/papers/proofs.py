"""Evidence as papers show it: what was expected of each document, whether it was seen, and when."""

from collections.abc import Iterable

from base import indonesian
from sop.case import Attempt
from sop.course import subjects
from sop.events import Event, Kind
from sop.papers.dossier import Dossier
from sop.papers.parts import Column, Table

PASSED, WAITING = "sesuai", "belum"


def newest_attempt(dossier: Dossier, stage: int) -> Attempt | None:
    """The last attempt at a stage that has begun."""
    found = [each for each in dossier.attempts if each.stage == stage]
    return found[-1] if found else None


def table(dossier: Dossier, stage: int, title: str = "") -> Table:
    """The evidence that a stage asks for, in its newest attempt, one row for each thing it is about."""
    attempt = newest_attempt(dossier, stage)
    rows = []
    for each in dossier.procedure.at(stage).evidence:
        for subject in subjects(each, dossier.case):
            met = attempt is not None and (each.code, subject) in attempt.met
            seen = _seen(dossier, attempt, each.code, subject) if met and attempt else None
            how = _how(dossier, seen) if seen else "belum terlihat"
            rows.append((each.title, subject or "permohonan", how, PASSED if met else WAITING))
    columns = (
        Column("Yang diharapkan", 3),
        Column("Dokumen", 1.7, code=True),
        Column("Hasil", 2.6),
        Column("Status", 0.9),
    )
    return Table(title, columns, tuple(rows))


def lacking(dossier: Dossier, stages: Iterable[int]) -> int:
    """How many rows of these stages' tables are not met; what is optional does not count."""
    count = 0
    for stage in stages:
        attempt = newest_attempt(dossier, stage)
        met = attempt.met if attempt else frozenset()
        asked = [each for each in dossier.procedure.at(stage).evidence if not each.optional]
        count += sum((each.code, subject) not in met for each in asked for subject in subjects(each, dossier.case))
    return count


def _seen(dossier: Dossier, attempt: Attempt, code: str, subject: str) -> Event | None:
    for event in reversed(dossier.events):
        about = event.documents[0] if event.documents else ""
        same = (event.stage, event.round, about) == (attempt.stage, attempt.round, subject)
        if event.kind is Kind.EVIDENCE and event.met and same and event.detail.get("evidence") == code:
            return event
    return None


def _how(dossier: Dossier, event: Event) -> str:
    when = indonesian.moment(event.at, dossier.zone)
    if event.manual:
        return f"dinyatakan dengan berkas bertanda tangan, {when}: {event.reason}"
    if event.actor != "system":
        return f"dinyatakan {dossier.officer(event.actor).name}, {when}"
    return f"tercatat oleh sistem, {when}"

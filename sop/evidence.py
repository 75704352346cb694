"""Evidence: what shows that a stage is done. It suggests; an officer confirms."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sop.case import FRESHNESS, Attempt
from sop.commands import Fact, Report, State
from sop.course import Course, subjects
from sop.errors import Forbidden, Rule
from sop.events import CaseState, Kind
from sop.permission import act_as, must_be_in, must_say_why
from sop.procedure import Evidence

FRESH, NOT_FRESH, WITHDRAWN = "freshness.kept", "freshness.broken", "source.state-changed:ditarik"
# What an integration that lives is watched for: the facts that say that a promise is broken, and that it is kept again.
WATCHES: Final[Mapping[str, tuple[str, str]]] = {
    FRESHNESS: (NOT_FRESH, FRESH),
    "rejects": ("rejects.exceeded", "rejects.settled"),
    "counts": ("reconciliation.differed", "reconciliation.matched"),
}


def missing(course: Course) -> list[str]:
    """What the current attempt lacks, as titles for people."""
    met, codes = course.current().met, course.stage.by_code
    lacking = [(codes[code].title, subject) for code, subject in course.wanted() if (code, subject) not in met]
    return [f"{title} ({subject})" if subject else title for title, subject in lacking]


def state(course: Course, command: State) -> None:
    """A person gives the word that the stage asks for, or takes it back with a reason."""
    must_be_in(course, CaseState.RUNNING, CaseState.HELD, CaseState.LIVE)
    found = course.stage.by_code.get(command.code)
    if found is None or found.source != "statement":
        raise Forbidden(Rule.STATEMENT_UNKNOWN, f"Tahap {course.stage.number} tidak meminta pernyataan ini.")
    act_as(course, found.roles)
    reason = None if command.yes else must_say_why(command.reason or "")
    course.note(found, "", met=command.yes, system=False, reason=reason)


def report(course: Course, command: Report) -> None:
    """A fact may meet or lose evidence of the current attempt, and says how an integration that lives is."""
    fact = command.fact
    if course.case.current is not None and course.case.state is not CaseState.DRAFT:
        _judge(course, course.current(), fact)
    if course.case.state in (CaseState.LIVE, CaseState.CLOSED):
        _watch(course, fact)


def recall(course: Course, known: Sequence[Fact]) -> None:
    """A stage has begun, or is open again: what is so already is found at once, by the last fact about each."""
    if course.case.current is None:
        return
    attempt = course.current()
    for each in course.stage.evidence:
        last: dict[str, Fact] = {}
        for fact in known:
            if _counts(each, fact, attempt) and (subject := _subject(course, each, fact)) is not None:
                last[subject] = fact
        for subject, fact in last.items():
            _note(course, each, subject, fact)


def _judge(course: Course, attempt: Attempt, fact: Fact) -> None:
    for each in course.stage.evidence:
        if _counts(each, fact, attempt) and (subject := _subject(course, each, fact)) is not None:
            _note(course, each, subject, fact)


def _counts(evidence: Evidence, fact: Fact, attempt: Attempt) -> bool:
    """Whether the fact says anything about this evidence in this attempt."""
    if evidence.source != "fact" or not _speaks(fact, (*evidence.met, *evidence.lost)):
        return False
    return evidence.lasts or (attempt.started_at is not None and fact.at >= attempt.started_at)


def _note(course: Course, evidence: Evidence, subject: str, fact: Fact) -> None:
    detail = {"fact": fact.ce_id, "label": fact.label, "at": fact.at.isoformat()}
    course.note(evidence, subject, met=_speaks(fact, evidence.met), detail=detail)


def _speaks(fact: Fact, labels: Sequence[str]) -> bool:
    return fact.label in labels or fact.kind in labels


def _subject(course: Course, evidence: Evidence, fact: Fact) -> str | None:
    """What the fact is about, as the attempt keeps it; None for a fact about somebody else."""
    case = course.case
    if evidence.per == "document":
        return fact.subject if fact.subject in subjects(evidence, case) else None
    if evidence.per == "opd":
        return "" if fact.subject.partition(".")[0] == case.opd else None
    return "" if fact.subject == case.number else None


def _watch(course: Course, fact: Fact) -> None:
    case, document = course.case, fact.subject
    if document not in case.documents or document in case.withdrawn:
        return
    for watch, (broken, kept) in WATCHES.items():
        told: dict[str, Any] = {
            "system": True,
            "documents": (document,),
            "detail": {"fact": fact.ce_id, "watch": watch},
        }
        if fact.label == broken and (watch, document) not in case.breaches:
            course.say(Kind.STALE, **told)
        elif fact.label == kept and (watch, document) in case.breaches:
            course.say(Kind.RECOVERED, **told)
    if fact.label == WITHDRAWN:
        course.say(Kind.RETIRED, system=True, documents=(document,), detail={"fact": fact.ce_id})

"""Drafts of contracts as the pages show them: where one stands, in one sentence, and what it would change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from dashboard.wording import Badge
from registry import versions
from registry.governance import drafts, effect_job
from registry.governance.differences import Difference, Effect, differences
from registry.governance.drafts import Comment, Draft, Happening, State, Step
from registry.governance.verdicts import Verdicts, verdicts
from registry.governance.wording import dated
from registry.versions import NEWEST

STATES: Mapping[State, Badge] = MappingProxyType(
    {
        State.OPEN: Badge("", "tray", "Terbuka"),
        State.SUBMITTED: Badge("wait", "clock", "Diajukan"),
        State.APPROVED: Badge("ok", "ok", "Disetujui"),
        State.WITHDRAWN: Badge("", "back", "Ditarik"),
    }
)
EFFECTS: Mapping[Effect, Badge] = MappingProxyType(
    {
        Effect.NARROWER: Badge("wait", "late", "Lebih sempit"),
        Effect.WIDER: Badge("known", "info", "Lebih longgar"),
        Effect.SAME: Badge("", "ok", "Tetap"),
    }
)
STEPS: Mapping[Step, str] = MappingProxyType(
    {
        Step.DRAFTED: "Rancangan dibuat",
        Step.SUBMITTED: "Diajukan untuk persetujuan",
        Step.RETURNED: "Dikembalikan",
        Step.APPROVED: "Disetujui",
        Step.WITHDRAWN: "Ditarik",
        Step.ENFORCED: "Mulai berlaku",
    }
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A field that is to go: since when, until when, and what to use instead; "" where it does not say."""

    name: str
    since: str
    until: str
    use: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A draft with all that stands on its page."""

    draft: Draft
    changes: list[Difference]
    compared_with: int | None  # the version that the changes are told against
    verdicts: Verdicts | None  # None when nothing can become of it any more
    happenings: list[Happening]
    comments: list[Comment]
    leaving: list[Leaving]
    pretty: str  # its text, one member a line
    effect: tuple[Mapping[str, Any], datetime] | None  # what it would do to the stored rows, and when that was reckoned


def badge_of(draft: Draft) -> Badge:
    if draft.state is State.APPROVED and draft.version is not None:
        return Badge("ok", "ok", f"Versi {draft.version}")
    return STATES[draft.state]


def whole(conn: Connection[TupleRow], draft: Draft, instance: Instance) -> Whole:
    """Everything of one draft, against the version that holds now, or held before it."""
    before = versions.at(conn, draft.subject, draft.base_version or 0) if draft.version else None
    if draft.version is None:
        before = versions.at(conn, draft.subject, NEWEST)
    schema = json.loads(draft.schema_text)
    return Whole(
        draft=draft,
        changes=differences(None if before is None else json.loads(before.schema_text), schema),
        compared_with=None if before is None else before.version,
        verdicts=verdicts(conn, draft, instance) if draft.is_living else None,
        happenings=drafts.happenings(conn, draft),
        comments=drafts.comments(conn, draft),
        leaving=_leaving(schema),
        pretty=json.dumps(schema, ensure_ascii=False, indent=2),
        effect=effect_job.stored(conn, draft.id),
    )


def _leaving(schema: Any) -> list[Leaving]:
    """Whatever was sent may stand there: a draft has not been judged yet."""
    fields = schema.get("fields") if isinstance(schema, dict) else None
    found = []
    for field in fields if isinstance(fields, list) else ():
        told = field.get("deprecated") if isinstance(field, dict) else None
        if isinstance(told, dict):
            since, until, use = (str(told.get(word) or "") for word in ("since", "until", "use"))
            found.append(Leaving(str(field.get("name")), dated(since), dated(until), use))
    return found

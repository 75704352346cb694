"""What people do with a draft: say something, submit it, give it back, approve it, withdraw it.

Each act stands in the draft's own course, the audit, and on `sop.fact`, in the caller's transaction. Whether a person
may is for the caller to ask (`identity/permissions.py`); what is asked here holds for whoever acts.
"""

from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from identity.actors import Actor, note
from identity.acts import Act
from identity.permissions import Role
from jobs.notices import Notice, Office, Severity, close_cause, raise_notice
from registry.errors import DraftRefused
from registry.governance import drafts
from registry.governance.drafts import SQL, Draft, State, Step
from registry.governance.governed import DRAFTS_WAY
from registry.governance.verdicts import verdicts

SHORTEST_REASON: Final = 10  # characters, as elsewhere
LONGEST_REASON: Final = 500
LONGEST_COMMENT: Final = 2_000


def comment(conn: Connection[TupleRow], number: int, said: str, *, by: Actor, now: datetime) -> None:
    """Say something about a draft. Raises DraftRefused."""
    found = _claim(conn, number)
    said = said.strip()
    if not 1 <= len(said) <= LONGEST_COMMENT:
        raise DraftRefused(f"Tanggapan berisi {len(said)} huruf; mohon tulis 1 sampai {LONGEST_COMMENT} huruf.")
    conn.execute(SQL["add_comment"], {"draft": found.id, "author": by.name, "said": said, "now": now})


def submit(conn: Connection[TupleRow], number: int, *, walidata: str, by: Actor, now: datetime) -> Draft:
    """Ask for a decision; the technical team of `walidata` (its agency's code) is told. Raises DraftRefused."""
    found = _claim(conn, number)
    _must_be(found, State.OPEN)
    _move(conn, found, State.SUBMITTED, Step.SUBMITTED, Act.CONTRACT_SUBMIT, by=by, now=now, submitted_by=by.name)
    raise_notice(
        conn,
        Notice(
            cause=_cause(found),
            kind="contract.submitted",
            office=Office(walidata, Role.TIM_TEKNIS),
            severity=Severity.INFO,
            title=f"Rancangan kontrak {found.document} menunggu persetujuan",
            body="Mohon periksa perubahannya, lalu setujui atau kembalikan dengan alasan.",
            link=f"{DRAFTS_WAY}/{found.id}",
        ),
        now=now,
    )
    return found


def give_back(conn: Connection[TupleRow], number: int, reason: str, *, by: Actor, now: datetime) -> Draft:
    """Send it back to whoever drafts, with what is missing. Raises DraftRefused."""
    found = _claim(conn, number)
    _must_be(found, State.SUBMITTED)
    _move(conn, found, State.OPEN, Step.RETURNED, Act.CONTRACT_RETURN, by=by, now=now, reason=_reason(reason))
    close_cause(conn, _cause(found), now=now, actor=by.name)
    return found


def withdraw(conn: Connection[TupleRow], number: int, reason: str, *, by: Actor, now: datetime) -> Draft:
    """Nothing will become of it; an approved one too, as long as it does not hold. Raises DraftRefused."""
    found = _claim(conn, number)
    if not found.is_living:
        raise DraftRefused("Rancangan ini sudah berlaku atau sudah ditarik.")
    _move(conn, found, State.WITHDRAWN, Step.WITHDRAWN, Act.CONTRACT_WITHDRAW, by=by, now=now, reason=_reason(reason))
    close_cause(conn, _cause(found), now=now, actor=by.name)
    return found


def approve(
    conn: Connection[TupleRow], number: int, reason: str, *, by: Actor, instance: Instance, now: datetime
) -> Draft:
    """Decide that the draft becomes the next version; the hub makes it so (`enforcement.py`). Raises DraftRefused for
    whoever wrote or submitted it (four eyes), and when anything speaks against it."""
    found = _claim(conn, number)
    _must_be(found, State.SUBMITTED)
    if by.name in (found.author, found.submitted_by):
        raise DraftRefused(
            "Rancangan disetujui oleh orang lain, bukan oleh yang membuat atau mengajukannya. Mohon minta rekan Tim "
            "Teknis yang lain."
        )
    against = verdicts(conn, found, instance).refused
    if against:
        raise DraftRefused(f"Rancangan belum dapat disetujui: {' '.join(against[:5])}")
    _move(
        conn, found, State.APPROVED, Step.APPROVED, Act.CONTRACT_APPROVE, by=by, now=now, reason=_reason(reason),
        approved_by=by.name,
    )  # fmt: skip
    close_cause(conn, _cause(found), now=now, actor=by.name)
    return found


def _claim(conn: Connection[TupleRow], number: int) -> Draft:
    found = drafts.claim(conn, number)
    if found is None:
        raise DraftRefused(f"Rancangan nomor {number} tidak ada.")
    return found


def _must_be(found: Draft, state: State) -> None:
    if found.state is not state:
        wanted = "masih terbuka" if state is State.OPEN else "sudah diajukan"
        raise DraftRefused(f"Itu hanya dapat dilakukan pada rancangan yang {wanted}; keadaannya sudah lain.")


def _reason(text: str) -> str:
    text = text.strip()
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        raise DraftRefused(
            f"Alasan berisi {len(text)} huruf; mohon tulis {SHORTEST_REASON} sampai {LONGEST_REASON} huruf."
        )
    return text


def _cause(found: Draft) -> str:
    return f"contract:draft:{found.id}"


def _move(
    conn: Connection[TupleRow],
    found: Draft,
    state: State,
    step: Step,
    act: Act,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    submitted_by: str | None = None,
    approved_by: str | None = None,
) -> None:
    marks = {"id": found.id, "state": state, "submitted_by": submitted_by or found.submitted_by}
    conn.execute(SQL["move"], marks | {"approved_by": approved_by, "now": now})
    drafts.add_step(conn, found, step, by=by, now=now, reason=reason)
    note(conn, by, act, f"draft:{found.id}", now=now, opd=found.opd, document=found.document, reason=reason)
    if step is not Step.APPROVED:  # `contract.approved` is said when the version is there
        drafts.tell(conn, found, f"contract.{step}", by=by, now=now, reason=reason)

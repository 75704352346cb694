"""Signing the papers of a case: an officer freezes one, who signs it does so elsewhere, the signed file is accepted.

Each is an act of the desk, with its audit entry in one transaction with what it keeps.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, Rollback
from psycopg.rows import TupleRow

from base import indonesian
from base.instance import Instance
from dashboard import case_asking, case_papers, desk, paper_view
from identity.audit import Json
from identity.principals import Principal
from sop import renditions, store
from sop.asking import Answers, Ask, Verb
from sop.commands import Letter, Seal
from sop.errors import Forbidden, Rule
from sop.media import media_of
from sop.moments import Moment
from sop.papers import rendering
from sop.papers.repertoire import shown
from sop.papers.typed import Typed
from sop.permitted import Offer
from sop.renditions import Accepted, Rendition
from sop.setting import Setting
from sop.signatures.anchors import read_anchors
from sop.signatures.kept import Kept
from sop.signatures.verdict import NO_ANCHORS, Fault, Holds, Refused, Verdict, sentence
from sop.slots import PDF
from sop.store import Decision

log = logging.getLogger(__name__)
Examine = Callable[[bytes, Sequence[Kept], Path, datetime], Verdict]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The newest frozen paper of each slot, as the case's page shows it, and the older versions."""

    newest: Rendition
    older: tuple[Rendition, ...]
    signatures: tuple[Accepted, ...]  # of the accepted file, none while it waits


def freeze(
    conn: Connection[TupleRow],
    principal: Principal,
    number: str,
    slot: str,
    typed: Typed,
    *,
    pages: str,
    command_id: str,
    now: Moment,
    setting: Setting,
    instance: Instance,
) -> Decision:
    """Make a paper ready for signing, with number and date as they were typed. `pages`: where the pages are found.

    Raises UnknownCase, UnknownPaper, and Forbidden (sop) with a sentence for the person. The same form twice freezes
    once.
    """
    desk.look(conn, principal, number)
    with conn.transaction() as whole:
        case = store.lock(conn, number)
        attempt = case.current
        version, code = renditions.next_version(conn, number, slot), renditions.new_code()
        address = f"{pages.rstrip('/')}{renditions.WAY}{code}"
        frozen = rendering.freeze(conn, number, slot, typed, verified_at=address, instance=instance, on=now.on)
        name = f"{number}-{slot}-versi-{version}.pdf"
        file = case_papers.hand_in(conn, principal, number, frozen.data, name, now=now.at)
        answers = Answers(letter=typed.letter, file=file, version=version)
        ask, told = Ask(Verb.FREEZE, slot), {"frozen": version}
        decision = desk.act(
            conn, principal, number, ask, answers, seen=None, command_id=command_id, now=now, setting=setting, told=told
        )
        if decision.repeated or attempt is None:
            raise Rollback(whole)
        renditions.add(
            conn, frozen, typed, code=code, case=number, slot=slot, version=version,
            attempt=(attempt.stage, attempt.round), sha256=file.sha256, by=principal.name, now=now.at,
        )  # fmt: skip
    return decision


def examine(
    frozen: Iterable[Rendition], slot: str, data: bytes, *, by: Examine, anchors: Path | None, now: Moment
) -> Holds:
    """What holds of a signed file for a slot of the case whose papers are `frozen`. No connection is held meanwhile.

    Raises Forbidden with the reason for the person.
    """
    if media_of(data) != PDF:
        raise Forbidden(Rule.FILE_REFUSED, "Berkas bertanda tangan berbentuk PDF.")
    if anchors is None:
        raise Forbidden(Rule.SIGNATURE_MISSING, NO_ANCHORS)
    try:
        read_anchors(anchors)  # said at once, in words of its own
    except (OSError, ValueError) as error:
        log.warning("the trusted issuers of signatures cannot be read", extra={"at": str(anchors), "why": str(error)})
        raise Forbidden(Rule.SIGNATURE_MISSING, NO_ANCHORS) from None
    verdict = by(data, [_kept(each) for each in frozen if each.slot == slot], anchors, now.at)
    if isinstance(verdict, Refused):
        if verdict.fault in (Fault.UNREADABLE, Fault.TOO_MUCH):
            log.warning("a signed file could not be judged", extra={"fault": verdict.fault, "about": verdict.about})
        raise Forbidden(Rule.SIGNATURE_MISSING, sentence(verdict.fault, _known(verdict, now)))
    named = (
        replace(each, signer=shown(each.signer), unit=shown(each.unit), issuer=shown(each.issuer))
        for each in verdict.signatures
    )
    return replace(verdict, signatures=tuple(named))


def accept(
    conn: Connection[TupleRow],
    principal: Principal,
    number: str,
    slot: str,
    data: bytes,
    name: str,
    holds: Holds,
    *,
    command_id: str,
    now: Moment,
    setting: Setting,
) -> Decision:
    """The signed file comes into its slot, and its signatures are kept. Raises UnknownCase, Forbidden (sop)."""
    file = case_papers.hand_in(conn, principal, number, data, name, now=now.at)
    seal = Seal(len(holds.signatures), holds.version, _letter(conn, number, slot, holds.version))
    certificates: Mapping[str, Json] = {
        "frozen": holds.version,
        "certificates": [each.certificate for each in holds.signatures],
    }
    decision = desk.act(
        conn, principal, number, Ask(Verb.SIGN, slot), Answers(file=file, seal=seal),
        seen=None, command_id=command_id, now=now, setting=setting, told=certificates,
    )  # fmt: skip
    if not decision.repeated:
        renditions.accept(
            conn, number, slot, file.sha256, holds.signatures, version=holds.version, by=principal.name, now=now.at
        )
    return decision


def papers_of(conn: Connection[TupleRow], number: str, offers: Iterable[Offer]) -> dict[str, Any]:
    """What the case's page tells of its papers: those that wait or are signed, whose signatures files bear, and where
    this person brings a signed one."""
    frozen, signatures = renditions.of_case(conn, number), renditions.accepted(conn, number)
    signed_by: dict[tuple[str, str], list[Accepted]] = {}
    for each in signatures:
        signed_by.setdefault((each.slot, each.sha256), []).append(each)
    ways = {
        each.ask.about: f"/kasus/{number}/langkah/{case_asking.slug(each.ask)}"
        for each in offers
        if each.ask.verb is Verb.SIGN and each.is_open
    }
    return {
        "waiting": waiting(frozen, signatures),
        "signed_by": signed_by,
        "sign_way": ways,
        "paper_badge": paper_view.badge,
    }


def waiting(frozen: Sequence[Rendition], signatures: Sequence[Accepted]) -> list[Waiting]:
    """The frozen papers of a case by slot, in the order of their stages."""
    by_slot: dict[str, list[Rendition]] = {}
    for each in frozen:
        by_slot.setdefault(each.slot, []).append(each)
    found = []
    for versions in by_slot.values():
        newest = versions[-1]
        held = tuple(each for each in signatures if (each.slot, each.sha256) == (newest.slot, newest.signed))
        found.append(Waiting(newest, tuple(reversed(versions[:-1])), held))
    return sorted(found, key=lambda each: (each.newest.stage, each.newest.slot))


def _known(refused: Refused, now: Moment) -> str:
    """What a refusal says more, fit to be shown."""
    if refused.at is not None:
        return indonesian.day(refused.at.astimezone(now.at.tzinfo).date())
    told = shown(refused.about)
    if refused.fault is Fault.REWRITTEN:
        return f" ({told})" if told else ""
    return told or "pihak yang tidak disebut"


def _kept(each: Rendition) -> Kept:
    return Kept(each.version, each.size, each.sha256, each.parties, each.code)


def _letter(conn: Connection[TupleRow], number: str, slot: str, version: int | None) -> Letter | None:
    found = (each for each in renditions.of_case(conn, number) if (each.slot, each.version) == (slot, version))
    return next((Letter(each.letter, each.dated) for each in found), None)

"""What of a case waits for one person: acts of the open stage that only this one's offices can do. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from identity.principals import Principal
from sop.actors import OPD_ADMIN, ROLES_OF_THE_OPD
from sop.boards import Asked
from sop.case import Attempt, Case
from sop.events import CaseState, StageState
from sop.procedure import Book, Procedure, Side, Stage


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do: what, and the word of the button that leads there."""

    text: str
    act: str


def duties(case: Case, principal: Principal, procedure: Procedure, walidata: str) -> Iterator[Duty]:
    """The most urgent first; nothing while the clock is stopped."""
    roles = {each.role.value for each in principal.roles if each.opd == _unit(each.role.value, case, walidata)}
    if case.state is CaseState.DRAFT:
        if OPD_ADMIN in roles:
            yield Duty("Rancangan permohonan belum diajukan", "Ajukan")
        return
    attempt = case.current
    if attempt is None or attempt.state is StageState.HELD:
        return
    stage = procedure.at(attempt.stage)
    if stage.role in roles and attempt.state is StageState.READY:
        # Boards know the evidence and not the files, which may still be missing: the page of the case says it.
        yield Duty(f"Tahap {stage.number} {stage.label}: bukti lengkap, menunggu ditegaskan", "Periksa")
        return
    yield from _words(stage, attempt, roles)
    if stage.role in roles:
        yield Duty(f"Tahap {stage.number} {stage.label} menunggu buktinya lengkap", "Periksa")
    elif case.holder == Side.OPD.value and roles & ROLES_OF_THE_OPD:
        yield Duty(f"Tahap {stage.number} {stage.label} ada pada OPD Anda", "Periksa")


def _words(stage: Stage, attempt: Attempt, roles: set[str]) -> Iterator[Duty]:
    """Statements that the stage still asks of one of these roles."""
    for each in stage.evidence:
        if each.source == "statement" and roles & set(each.roles) and (each.code, "") not in attempt.met:
            yield Duty(f"Pernyataan diminta: {each.title}", "Nyatakan")


def asked_of(principal: Principal, book: Book, walidata: str) -> Asked:
    """What `duties` asks of a case, for the boards: a case fits it exactly if it has a duty for the person."""
    calls: list[tuple[int, int, str | None, str | None]] = []
    for each in principal.roles:
        role, unit = each.role.value, each.opd if each.role.value in ROLES_OF_THE_OPD else None
        if unit is None and each.opd != walidata:
            continue  # an office of the Walidata is held there or not at all
        for procedure in book.versions.values():
            for stage in procedure.stage:
                if stage.role == role:
                    calls.append((procedure.version, stage.number, unit, None))
                words = [told.code for told in stage.evidence if told.source == "statement" and role in told.roles]
                calls += [(procedure.version, stage.number, unit, code) for code in words]
    own = [(each.role.value, each.opd) for each in principal.roles]
    return Asked(
        calls=tuple(dict.fromkeys(calls)),
        works_for=frozenset(opd for role, opd in own if role in ROLES_OF_THE_OPD),
        admin_of=frozenset(opd for role, opd in own if role == OPD_ADMIN),
    )


def _unit(role: str, case: Case, walidata: str) -> str:
    return case.opd if role in ROLES_OF_THE_OPD else walidata

"""Who may: role, unit and dates of the office under which somebody acts; and whether the case is as it was seen."""

from collections.abc import Collection

from base import indonesian
from sop.actors import OFFICERS, ROLES_OF_THE_OPD, Office
from sop.case import Attempt
from sop.commands import Expected
from sop.course import Course
from sop.errors import Forbidden, Rule
from sop.events import CASE_TITLES, KIND_TITLES, STAGE_TITLES, CaseState

SHORTEST_REASON = 20  # characters
_TITLES = {
    "opd_admin": "Admin OPD",
    "opd_programmer": "Programmer OPD",
    "tim_teknis": "Tim Teknis Data Center",
    "pejabat_pengawas": "Pejabat Pengawas",
    "kabid_aptika": "Kepala Bidang Aptika",
    "operator": "Operator",
}
PARTIES = OFFICERS | ROLES_OF_THE_OPD


def act_as(course: Course, roles: Collection[str]) -> Office:
    """The office by which the person may act, noted on the course. Raises Forbidden with the nearest reason."""
    held = [each for each in course.by.offices if each.role in roles]
    if not held:
        named = " atau ".join(_TITLES.get(role, role) for role in sorted(roles))
        raise Forbidden(Rule.NOT_YOUR_ROLE, f"Langkah ini dilakukan oleh {named}.")
    of_unit = [each for each in held if each.unit == _unit(course, each.role)]
    if not of_unit:
        raise Forbidden(Rule.NOT_YOUR_UNIT, f"Langkah ini dilakukan oleh unit {_unit(course, held[0].role)}.")
    in_force = [each for each in of_unit if each.in_force(course.now.on)]
    if not in_force:
        raise Forbidden(Rule.DELEGATION_OVER, _not_in_force(of_unit[0], course))
    course.office = in_force[0]
    return in_force[0]


def _unit(course: Course, role: str) -> str:
    return course.case.opd if role in ROLES_OF_THE_OPD else course.world.walidata


def _not_in_force(office: Office, course: Course) -> str:
    what = f"Surat penugasan {office.acting}" if office.acting else "Penugasan ini"
    if office.from_on > course.now.on:
        return f"{what} baru berlaku mulai {indonesian.day(office.from_on)}."
    if office.until_on is None:
        return f"{what} tidak berlaku."
    return f"{what} berakhir {indonesian.day(office.until_on)}."


def must_be_in(course: Course, *states: CaseState) -> None:
    """Raises Forbidden unless the case is in one of the states."""
    if course.case.state not in states:
        raise Forbidden(Rule.CASE_STATE, f"Langkah ini tidak berlaku: permohonan {CASE_TITLES[course.case.state]}.")


def as_seen(course: Course, expected: Expected) -> Attempt:
    """The open attempt, if it is as whoever commands has seen it. Raises Forbidden, telling what has happened."""
    found = course.case.current
    if found is not None and (found.stage, found.round, found.state) == (
        expected.stage,
        expected.round,
        expected.state,
    ):
        return found
    seen = course.case.attempts.get(expected.stage)
    if seen is None:
        raise Forbidden(Rule.STAGE_STATE, f"Tidak ada tahap {expected.stage}.")
    told = f"Tahap {seen.stage} putaran {seen.round} kini {STAGE_TITLES[seen.state]}"
    if course.case.last is not None:
        kind, actor, at = course.case.last
        told += f": {KIND_TITLES[kind]} oleh {actor} pada {indonesian.moment(at, course.now.at.tzinfo)}"
    raise Forbidden(Rule.MOVED_ON, f"{told}. Mohon periksa kembali halaman permohonan.")


def must_say_why(reason: str, shortest: int = SHORTEST_REASON) -> str:
    """The reason, trimmed. Raises Forbidden when it is too short to tell anything."""
    found = reason.strip()
    if len(found) < shortest or "\0" in found:
        raise Forbidden(Rule.REASON_TOO_SHORT, f"Alasan paling sedikit {shortest} huruf.")
    return found

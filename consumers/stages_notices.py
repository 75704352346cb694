"""Who is told of what happens to cases: reminders to whoever has the ball, delays to the office above, disturbances.

Each cause has one notice, raised and closed in the transaction that draws the event (docs/explanation/notices.md).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base import indonesian
from identity.permissions import Role
from jobs.notices import Notice, Office, Severity, close_causes, open_causes, raise_notice
from jobs.notices_offices import superior
from sop.actors import ROLES_OF_THE_OPD
from sop.case import FRESHNESS, Case
from sop.drawing import Drawn
from sop.events import CaseState, Event, Kind, StageState
from sop.evidence import WATCHES
from sop.procedure import Book, Side, Stage

PAGE: Final = "/kasus"  # of a case: followed by its number
_STEPS: Final = {"setengah": 1, "sehari-sebelum": 2, "hari-tenggat": 3}  # a later one is told anew
_BREACHES: Final = {
    "freshness": ("case.stale", "{} tidak mutakhir: belum ada data baru sesuai janji.", "silence"),
    "rejects": ("case.rejects", "{}: bagian data yang dikembalikan melewati batas.", "rejects"),
    "counts": ("case.counts", "{}: jumlah atau isi data tidak cocok dengan sumbernya.", ""),
}
_HOLDERS: Final = {Side.OPD: "OPD", Side.KOMINFO: "Kominfo"}
_ENDS_A_WAIT: Final = frozenset(
    {Kind.CONFIRMED, Kind.RETURNED, Kind.REWORK, Kind.HELD, Kind.CORRECTED, Kind.LIVE, Kind.CANCELLED, Kind.CLOSED}
)
_OVER: Final = frozenset({CaseState.LIVE, CaseState.CLOSED, CaseState.CANCELLED})


def tell(conn: Connection[TupleRow], drawn: Drawn, walidata: str, book: Book) -> None:
    """Raise and close what follows from an event."""
    case, event = drawn.after, drawn.event
    if event.kind in _ENDS_A_WAIT:
        _close_what_is_over(conn, case, event.at)
    match event.kind:
        case Kind.DUE_SOON | Kind.OVERDUE:
            for each in _reminders(case, event, walidata, book.of(case.procedure).at(event.stage or 0)):
                raise_notice(conn, each, now=event.at)
        case Kind.RETURNED if event.detail.get("tell_head"):
            raise_notice(conn, _often_returned(case, event, walidata), now=event.at)
        case Kind.STALE:
            for document in event.documents:
                raise_notice(conn, _breach(case, _watch(event), document), now=event.at)
        case Kind.RECOVERED:
            close_causes(conn, [_breach_cause(_watch(event), each) for each in event.documents], now=event.at)
        case Kind.RETIRED:
            ended = [_breach_cause(watch, each) for watch in WATCHES for each in event.documents]
            close_causes(conn, ended, now=event.at)
        case _:
            pass


def _reminders(case: Case, event: Event, walidata: str, stage: Stage) -> Sequence[Notice]:
    """To the office that has the ball; when it is late, to the one above too."""
    holder, late = Side(str(event.detail["holder"])), int(str(event.detail["late"]))
    office = _holder(case, stage, holder, walidata)
    where = f"{case.number}: tahap {stage.number} {stage.label}"
    due = f"Tenggat {indonesian.day(event.due)}." if event.due else ""
    what = f"terlambat {late} hari kerja" if late else f"jatuh tempo {indonesian.day(event.due)}" if event.due else ""
    body = f"{due} Tahap ini sedang di {_HOLDERS[holder]}. Mohon selesaikan, atau jelaskan pada halaman permohonan."
    own = Notice(
        cause=_cause(case, stage.number, event.round, holder),
        kind="case.overdue" if late else "case.due-soon",
        office=office,
        severity=Severity.ATTENTION if late else Severity.INFO,
        title=f"{where} {what}.",
        body=body,
        link=f"{PAGE}/{case.number}",
        level=late + len(_STEPS) if late else _STEPS[str(event.detail["step"])],
    )
    above = superior(office, walidata) if event.detail.get("superior") else None
    if above is None:
        return [own]
    return [
        own,
        Notice(
            cause=f"{own.cause}:atasan",
            matter=own.cause,
            kind="case.overdue",
            office=above,
            severity=Severity.ATTENTION,
            title=f"{where} terlambat {late} hari kerja di {_HOLDERS[holder]}.",
            body=body,
            link=own.link,
            level=late,
        ),
    ]


def _holder(case: Case, stage: Stage, holder: Side, walidata: str) -> Office:
    """Whose turn it is; where a rework note has passed the ball to the other side, whoever speaks for that one."""
    other = Role.OPD_ADMIN if holder is Side.OPD else Role.TIM_TEKNIS
    role = Role(stage.role) if holder is stage.side else other
    return Office(case.opd if role in ROLES_OF_THE_OPD else walidata, role)


def _cause(case: Case, stage: int, round_: int | None, holder: str) -> str:
    return f"case:tenggat:{case.number}:{stage}:{round_}:{holder}"


def _close_what_is_over(conn: Connection[TupleRow], case: Case, now: datetime) -> None:
    """Reminders of attempts that are over or held, and of a side that no longer has the ball."""
    attempt, last = case.current, ""
    if attempt is not None and attempt.state is not StageState.HELD:
        last = _cause(case, attempt.stage, attempt.round, case.holder)
    ended = [
        cause for cause in open_causes(conn, f"case:tenggat:{case.number}:") if not last or not cause.startswith(last)
    ]
    if case.state in _OVER:
        ended += open_causes(conn, f"case:kembali:{case.number}:")
    if case.ended_on is not None:
        ended += open_causes(conn, f"case:komentar:{case.number}:")
    close_causes(conn, ended, now=now)


def _often_returned(case: Case, event: Event, walidata: str) -> Notice:
    count = int(str(event.detail["count"]))
    edge = f"dari tahap {event.stage} ke tahap {event.returned_to}"
    return Notice(
        cause=f"case:kembali:{case.number}:{event.stage}-{event.returned_to}",
        kind="case.returned-often",
        office=Office(walidata, Role.KEPALA_DINAS),
        severity=Severity.ATTENTION,
        title=f"{case.number} sudah {count} kali dikembalikan {edge}.",
        body="Alasan tiap pengembalian ada pada halaman permohonan.",
        link=f"{PAGE}/{case.number}",
        level=count,
    )


def _watch(event: Event) -> str:
    return str(event.detail.get("watch", FRESHNESS))


def _breach(case: Case, watch: str, document: str) -> Notice:
    """A *gangguan*: a document of a live integration is not as was promised. Whoever was told by the watch, which tells
    of silence and of returned data by itself, is not told again."""
    kind, title, by_the_watch = _BREACHES[watch]
    return Notice(
        cause=_breach_cause(watch, document),
        matter=f"watch:{by_the_watch}:opd.{document}" if by_the_watch else None,
        kind=kind,
        office=Office(case.opd, Role.OPD_ADMIN),
        severity=Severity.DISTURBANCE,
        title=title.format(document),
        body=f"Dokumen ini bagian dari integrasi aktif {case.number}. Mohon periksa pengiriman datanya.",
        link=f"{PAGE}/{case.number}",
    )


def _breach_cause(watch: str, document: str) -> str:
    return f"case:gangguan:{document}" if watch == FRESHNESS else f"case:gangguan:{document}:{watch}"

"""What happened to a case, and how its clock stands, in words for people. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Final

from base.indonesian import day, moment, number, short_day, short_moment
from dashboard.wording import Badge
from identity.permissions import ROLE_TITLES, Role
from sop.case import FRESHNESS
from sop.comments import Comment
from sop.events import CASE_TITLES, CaseState, Event, Kind, StageState
from sop.lag import Lag
from sop.procedure import Procedure
from sop.reading import Standing

HOLDERS: Final[Mapping[str, str]] = MappingProxyType({"opd": "OPD", "kominfo": "Kominfo", "held": "Ditahan"})
STATES: Final[Mapping[CaseState, Badge]] = MappingProxyType(
    {
        CaseState.DRAFT: Badge("", "tray", "Rancangan"),
        CaseState.RUNNING: Badge("known", "run", "Berjalan"),
        CaseState.HELD: Badge("held", "held", "Ditahan"),
        CaseState.LIVE: Badge("ok", "ok", "Integrasi Aktif"),
        CaseState.CLOSED: Badge("ok", "ok", "Selesai"),
        CaseState.CANCELLED: Badge("", "bad", "Dibatalkan"),
    }
)
# What is watched of a live integration: broken, and kept again.
WATCHED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "freshness": ("data tidak mutakhir", "data mutakhir kembali"),
        "rejects": ("terlalu banyak data dikembalikan", "bagian data yang dikembalikan wajar kembali"),
        "counts": ("jumlah atau isi tidak cocok dengan sumber", "jumlah dan isi cocok dengan sumber"),
    }
)
A_MOMENT: Final = timedelta(seconds=10)  # boards that are behind for less are not spoken of
_REMINDERS = {
    "setengah": "Separuh batas waktu tahap {} terpakai",
    "sehari-sebelum": "Tahap {} jatuh tempo satu hari kerja lagi",
    "hari-tenggat": "Tahap {} jatuh tempo hari ini",
}
_LOOKS = {Kind.RETURNED: "back", Kind.HELD: "held", Kind.OVERDUE: "late", Kind.STALE: "late", Kind.CANCELLED: "back"}
_DONE = frozenset({Kind.SUBMITTED, Kind.CONFIRMED, Kind.LIVE, Kind.CLOSED, Kind.SIGNED})


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the time line; `look` is a class of the style sheet."""

    look: str
    title: str
    by: str  # "" when the system did it by itself
    at: datetime
    reason: str
    documents: tuple[str, ...] = ()
    comment: int = 0  # that this person may correct; 0: none


def due_badge(found: Standing, on: date) -> Badge:
    """How the clock stands: shape and word, then colour."""
    at = found.at
    if at is None or at.due is None:
        return STATES[found.state]
    if at.state is StageState.HELD:
        return Badge("held", "held", f"Ditahan, tenggat {short_day(at.due)}")
    left = at.days_left or 0
    if at.overdue:
        return Badge("bad", "late", f"Terlambat {number(-left)} hk" if left else "Terlambat")
    if at.due == on:
        return Badge("wait", "clock", "Hari ini")
    word = f"{short_day(at.due)}, {number(left)} hk lagi"
    return Badge("wait", "clock", word) if left <= 1 else Badge("ok", "ok", word)


def board_sentence(running: int, late: int, today: int, held: int) -> tuple[str, str]:
    """The state of the board in one sentence, and what is wrong with it."""
    if not running:
        return "Tidak ada permohonan yang berjalan.", ""
    parts = [(late, "terlambat"), (today, "jatuh tempo hari ini"), (held, "ditahan")]
    rest = ", ".join(f"{number(count)} {word}" for count, word in parts if count)
    return f"{number(running)} permohonan berjalan.", f"{rest}." if rest else "Tidak ada yang terlambat."


def lag_sentence(lag: Lag, now: datetime, zone: tzinfo) -> str:
    """What to say where the boards are behind for longer than a moment; "" where they are not."""
    if lag.since is None or now - lag.since < A_MOMENT:
        return ""
    since = moment(lag.since, zone)
    if not lag.left_out:
        return (
            f"Papan belum menerima perubahan sejak {since}. {number(lag.count)} permohonan yang berubah ditampilkan "
            "langsung dari catatannya; angka statistik menyusul."
        )
    return (
        f"Papan belum menerima perubahan sejak {since}. {number(lag.left_out)} permohonan yang berubah masih tampil "
        "seperti sebelumnya; halaman permohonannya sudah menampilkan keadaan terakhir."
    )


def told(event: Event, procedure: Procedure, names: Mapping[str, str]) -> Told:
    """One event as a line of the time line. `names`: people's names by login, agencies' by code."""
    late = event.kind is Kind.CONFIRMED and (event.days_left or 0) < 0
    look = "late" if late else _LOOKS.get(event.kind, "done" if event.kind in _DONE else "")
    return Told(
        look, _TITLES[event.kind](event, procedure), by(event, names), event.at, event.reason or "", event.documents
    )


def comment_told(each: Comment, said: Sequence[Comment], me: str, names: Mapping[str, str], zone: tzinfo) -> Told:
    """A comment as a line of the time line; `said`: all of the case."""
    corrected = any(other.corrects == each.id for other in said)
    title = "Komentar, sudah dikoreksi" if corrected else "Komentar"
    earlier = next((other for other in said if other.id == each.corrects), None)
    if earlier is not None:
        title = f"{title}: koreksi atas komentar {short_moment(earlier.at, zone)}"
    mine = each.by == me and not corrected
    who = _who(each.by, each.role, None, each.unit, names)
    return Told("", title, who, each.at, each.said, comment=each.id if mine else 0)


def merged(line: Sequence[Told], comments: Sequence[Told]) -> list[Told]:
    """Events and comments as one line, the newest first. Events stay in their order, whatever clocks say."""
    found, left = [], list(reversed(comments))
    for each in reversed(line):
        while left and left[0].at < each.at:
            found.append(left.pop(0))
        found.append(each)
    return [*reversed(left), *reversed(found)]


def by(event: Event, names: Mapping[str, str]) -> str:
    """ "Sri Wahyuni, Plh. Kepala Bidang Aptika, Diskominfo"; "" for the system."""
    if event.role is None and event.actor == "system":
        return ""
    return _who(event.actor, event.role, event.acting, event.unit, names)


def _who(login: str, role: str | None, acting: str | None, unit: str | None, names: Mapping[str, str]) -> str:
    name = names.get(login, login)
    if role is None:
        return name
    title = " ".join(filter(None, (acting, ROLE_TITLES[Role(role)])))
    return ", ".join(filter(None, (name, title, names.get(unit or "", unit or ""))))


def stage_word(event: Event, procedure: Procedure) -> str:
    """ "Tahap 3 Skenario"; with the round from the second on."""
    if event.stage is None:
        return "Permohonan"
    again = f", putaran {event.round}" if (event.round or 1) > 1 else ""
    return f"Tahap {event.stage} {procedure.at(event.stage).label}{again}"


def _slot(event: Event, procedure: Procedure) -> str:
    slot = str(event.detail["slot"])
    found = procedure.at(event.stage or 1).slots.get(slot)
    return found.title if found else slot


def _evidence(event: Event, procedure: Procedure) -> str:
    code = event.detail.get("evidence")
    if code is None:
        return f"{stage_word(event, procedure)}: bukti lengkap"
    found = procedure.at(event.stage or 1).by_code.get(str(code))
    title = found.title if found else str(code)
    if not event.met:
        return f"Bukti tidak lagi terpenuhi: {title}"
    return f"Bukti digantikan berkas bertanda tangan: {title}" if event.manual else f"Bukti terpenuhi: {title}"


def _confirmed(event: Event, procedure: Procedure) -> str:
    late = -(event.days_left or 0)
    return f"{stage_word(event, procedure)} selesai" + (f", terlambat {number(late)} hari kerja" if late > 0 else "")


def _returned(event: Event, _: Procedure) -> str:
    outside = ", di luar alur SOP" if event.detail.get("outside") else ""
    return f"Tahap {event.stage} dikembalikan ke tahap {event.returned_to}{outside}"


def _corrected(event: Event, procedure: Procedure) -> str:
    if event.detail.get("corrects") is None:
        return f"{stage_word(event, procedure)}: tenggat menjadi {day(event.due) if event.due else '–'}"
    return "Koreksi: langkah terakhir ditarik kembali"


def _reminder(event: Event, _: Procedure) -> str:
    return _REMINDERS.get(str(event.detail.get("step")), "Pengingat tahap {}").format(event.stage)


def _late(event: Event, _: Procedure) -> str:
    return f"Tahap {event.stage} terlambat {event.detail.get('late')} hari kerja"


def _watch(event: Event) -> str:
    return str(event.detail.get("watch", FRESHNESS))


def _attached(event: Event, procedure: Procedure) -> str:
    version = event.detail.get("frozen")
    if version is None:
        return f"Konsep diunggah: {_slot(event, procedure)}"
    return f"Naskah siap ditandatangani: {_slot(event, procedure)}, versi {version}"


def _letter(event: Event) -> str:
    return f" dengan surat nomor {event.detail['letter']}" if event.detail.get("letter") else ""


_TITLES: Mapping[Kind, Callable[[Event, Procedure], str]] = {
    Kind.DRAFTED: lambda _event, _: "Rancangan permohonan dibuat",
    Kind.SUBMITTED: lambda event, _: f"Permohonan diajukan{_letter(event)}",
    Kind.STARTED: lambda event, procedure: f"{stage_word(event, procedure)} dimulai",
    Kind.EVIDENCE: _evidence,
    Kind.CONFIRMED: _confirmed,
    Kind.RETURNED: _returned,
    Kind.REWORK: lambda event, _: f"Catatan perbaikan; pemegang {HOLDERS.get(str(event.detail.get('holder')), '–')}",
    Kind.HELD: lambda event, _: f"Jam ditahan sampai {day(date.fromisoformat(str(event.detail['until'])))}",
    Kind.RESUMED: lambda event, _: f"Jam berjalan lagi setelah ditahan {event.detail.get('held_days')} hari kerja",
    Kind.DUE_SOON: _reminder,
    Kind.OVERDUE: _late,
    Kind.CORRECTED: _corrected,
    Kind.ATTACHED: _attached,
    Kind.SIGNED: lambda event, procedure: f"Berkas bertanda tangan diterima: {_slot(event, procedure)}",
    Kind.LIVE: lambda _event, _: "Integrasi Aktif",
    Kind.CLOSED: lambda _event, _: "Permohonan selesai",
    Kind.CANCELLED: lambda event, _: f"Permohonan dibatalkan{_letter(event)}",
    Kind.STALE: lambda event, _: f"Gangguan: {WATCHED[_watch(event)][0]}",
    Kind.RECOVERED: lambda event, _: f"Gangguan berakhir: {WATCHED[_watch(event)][1]}",
    Kind.RETIRED: lambda _event, _: "Sumber data ditarik",
}


def state_word(state: CaseState) -> str:
    title = CASE_TITLES[state]
    return title[0].upper() + title[1:]

"""What people read: subjects, mails, digests, and the short text that is pasted into WhatsApp. Indonesian. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from base.indonesian import moment, number, short_moment
from identity.permissions import ROLE_TITLES
from jobs.notices import Act, NoticeId, Office, Severity, State
from jobs.notices_settings import NoticeSettings

SEVERITY_TITLES = {Severity.INFO: "Info", Severity.ATTENTION: "Perhatian", Severity.DISTURBANCE: "Gangguan"}
STATE_TITLES = {
    State.OPEN: "belum ditangani",
    State.ACKNOWLEDGED: "sedang ditangani",
    State.CLOSED: "selesai",
}
_FIRST_WORD = {
    Act.RECURRED: "Terulang: ",
    Act.WORSE: "Memburuk: ",
    Act.ESCALATED: "Diteruskan: ",
    Act.CLOSED: "Selesai: ",
}
_WIDTH_OF_SUBJECT = 150  # characters; mail programs cut what is longer
_WORDS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it is told."""

    number: NoticeId
    severity: Severity
    state: State
    office: Office
    title: str
    body: str
    count: int
    raised_at: datetime
    last_seen_at: datetime


def path(number: NoticeId) -> str:
    """Where the pages show a notice."""
    return f"/pemberitahuan/{number}"


def address(settings: NoticeSettings, place: str) -> str:
    """A page's whole address; empty where nobody said where the pages answer."""
    return f"{settings.public_url.rstrip('/')}{place}" if settings.public_url else ""


def short_text(told: Told, settings: NoticeSettings) -> str:
    """One line to paste into WhatsApp: no personal value (titles hold none), and the link."""
    link = address(settings, path(told.number))
    state = " (selesai)" if told.state is State.CLOSED else ""
    return f"[{SEVERITY_TITLES[told.severity]}]{state} {told.title}{f' Rincian: {link}' if link else ''}"


def subject(told: Told, act: Act, settings: NoticeSettings) -> str:
    """One line without control characters."""
    line = f"[Simpul {settings.place}] {_FIRST_WORD.get(act, '')}{SEVERITY_TITLES[told.severity]}: {told.title}"
    line = _WORDS.sub(" ", line).strip()
    return line if len(line) <= _WIDTH_OF_SUBJECT else f"{line[: _WIDTH_OF_SUBJECT - 1]}…"


def mail(told: Told, act: Act, shown_name: str, reason: str, settings: NoticeSettings) -> str:
    """The text of one mail. `reason` says as whom the person gets it."""
    zone = settings.zone
    facts = [
        ("Sejak", moment(told.raised_at, zone)),
        ("Terakhir terlihat", f"{moment(told.last_seen_at, zone)} ({number(told.count)} kali)"),
        ("Keadaan", STATE_TITLES[told.state]),
        ("Ditujukan kepada", office_title(told.office)),
    ]
    link = address(settings, path(told.number))
    if link:
        facts.append(("Rincian", link))
    parts = [
        f"Yth. {_WORDS.sub(' ', shown_name).strip()},",
        f"{_FIRST_WORD.get(act, '')}{told.title}",
        *([told.body.strip()] if told.body.strip() else []),
        "\n".join(f"{name:<17} : {value}" for name, value in facts),
        f"Teks singkat untuk diteruskan:\n{short_text(told, settings)}",
        _foot(reason, settings),
    ]
    return "\n\n".join(parts) + "\n"


def digest_subject(count: int, settings: NoticeSettings) -> str:
    return f"[Simpul {settings.place}] Ringkasan: {number(count)} pemberitahuan"


def digest(lines: Sequence[Told], shown_name: str, settings: NoticeSettings) -> str:
    """The text of a digest, the worst first."""
    ordered = sorted(lines, key=lambda told: (told.state is State.CLOSED, -told.severity.rank, told.raised_at))
    waiting = sum(told.state is not State.CLOSED for told in ordered)
    parts = [
        f"Yth. {_WORDS.sub(' ', shown_name).strip()},",
        f"Ada {number(len(ordered))} pemberitahuan sejak ringkasan terakhir, {number(waiting)} belum selesai.",
        *(_line(told, settings) for told in ordered),
        _foot("", settings),
    ]
    return "\n\n".join(parts) + "\n"


def office_title(office: Office) -> str:
    """ "Admin OPD disdukcapil"."""
    return f"{ROLE_TITLES[office.role]} {office.opd}".strip()


def _line(told: Told, settings: NoticeSettings) -> str:
    since = short_moment(told.raised_at, settings.zone)
    head = f"- {SEVERITY_TITLES[told.severity]}, {STATE_TITLES[told.state]}, sejak {since}"
    link = address(settings, path(told.number))
    return "\n".join([f"{head}:", f"  {told.title}", *([f"  {link}"] if link else [])])


def _foot(reason: str, settings: NoticeSettings) -> str:
    lines = ["--", f"Surel otomatis dari Simpul {settings.place}; mohon tidak dibalas."]
    if reason:
        lines.append(f"Anda menerimanya sebagai {reason}.")
    link = address(settings, "/akun")
    if link:
        lines.append(f"Cara menerima pemberitahuan: {link}")
    return "\n".join(lines)

"""What waits for a person: acts that only this one's offices can do. Functions that take a connection."""

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

import jobs
from base.indonesian import number
from base.instance import Instance
from dashboard import reading
from dashboard.access_reading import at_the_desk_of
from dashboard.case_board import mine, office_of
from dashboard.visit import Visit
from identity.deletions import due
from identity.permissions import ROLE_TITLES, Permission
from jobs import State
from jobs.notices_views import counts

CASES = 3  # integration requests that stand on the start page by name


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: what, why now, and where."""

    text: str
    why: str
    act: str
    way: str


def waiting_for(conn: Connection[TupleRow], visit: Visit, instance: Instance) -> list[Task]:
    """The most urgent first."""
    tasks = [*_second_factor(visit)]
    person = visit.principal
    if person.may(Permission.ACK_NOTICES):
        count = counts(conn, person.scope(Permission.ACK_NOTICES)).untaken
        if count:
            text = f"{number(count)} pemberitahuan belum ditangani siapa pun"
            tasks.append(Task(text, "Mohon tangani atau teruskan.", "Periksa", "/pemberitahuan"))
    tasks += _cases(conn, visit, instance)
    tasks += _access(conn, visit)
    if person.may(Permission.CONTROL_JOBS):
        stopped = [job for job in jobs.list_jobs(conn) if job.state in (State.FAILED, State.PAUSED)]
        tasks += [
            Task(
                f"{job.title}: {'gagal' if job.state is State.FAILED else 'dijeda'}",
                "Mohon lanjutkan atau batalkan.",
                "Buka",
                f"/pekerjaan/{job.id}",
            )
            for job in stopped[:3]
        ]
    if person.may(Permission.SEND_EVENTS):
        scope = person.scope(Permission.VIEW_DEAD_LETTERS)
        letters = sum(cause.letters for cause in reading.causes(conn, topic=None, scope=scope, limit=100))
        if letters:
            text = f"{number(letters)} data dikembalikan kepada OPD Anda"
            tasks.append(Task(text, "Mohon perbaiki di sistem asal, lalu kirim lagi.", "Lihat", "/data-dikembalikan"))
    return tasks


def _cases(conn: Connection[TupleRow], visit: Visit, instance: Instance) -> list[Task]:
    """Integration requests of which something waits for this person; the most urgent ones by name."""
    if not visit.principal.may(Permission.ACT_ON_CASES):
        return []
    office = office_of(conn, instance, visit.now)
    waiting = mine(conn, visit.principal, office, limit=CASES)
    tasks = [
        Task(
            f"{card.found.number} {card.agency}: {card.duties[0].text}",
            f"Tenggat: {card.badge.word}." if card.found.at else "Jam belum berjalan.",
            card.duties[0].act,
            f"/kasus/{card.found.number}",
        )
        for card in waiting.cards
    ]
    if waiting.count > CASES:
        text = f"{number(waiting.count - CASES)} permohonan integrasi lain menunggu Anda"
        tasks.append(Task(text, "Urut dari tenggat yang paling dekat.", "Buka", "/tugas-saya"))
    return tasks


def _access(conn: Connection[TupleRow], visit: Visit) -> list[Task]:
    """Requests that wait for this person's decision, and data that the own agencies have to delete."""
    tasks, person = [], visit.principal
    waiting = len(at_the_desk_of(conn, person))
    if waiting:
        text = f"{number(waiting)} permohonan akses menunggu putusan Anda"
        why = "Pemohon menunggu; mohon putuskan dengan alasan."
        tasks.append(Task(text, why, "Putuskan", "/permohonan-akses?tampil=putuskan"))
    if person.may(Permission.REQUEST_ACCESS):
        data = len(due(conn, person.scope(Permission.REQUEST_ACCESS), now=visit.now))
        if data:
            text = f"{number(data)} Hak Akses berakhir; penghapusan datanya belum dinyatakan"
            tasks.append(Task(text, "Mohon hapus, lalu nyatakan.", "Nyatakan", "/permohonan-akses?tampil=penghapusan"))
    return tasks


def _second_factor(visit: Visit) -> list[Task]:
    """Roles that wait for a second factor count only after it."""
    if not visit.waiting:
        return []
    roles = ", ".join(dict.fromkeys(ROLE_TITLES[each.role] for each in visit.waiting))
    text = f"Peran {roles} berlaku setelah verifikasi dua langkah diaktifkan"
    return [Task(text, "Perlu aplikasi autentikator pada telepon Anda.", "Aktifkan", "/akun")]

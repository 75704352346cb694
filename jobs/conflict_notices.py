"""Who is told of conflicts: the steward of how many wait for him, an agency of what it is to mend."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base import indonesian
from base.instance import Instance
from hub_db.conflicts import reading
from hub_db.conflicts.causes import Kind
from hub_db.conflicts.reading import Choice, Conflict
from hub_db.conflicts.store import ConflictId
from identity.permissions import Role
from jobs.notices import Notice, Office, Severity, close_causes, raise_notice

OPEN: Final = "conflict:open"  # the cause of the steward's one notice
WAY: Final = "/tidak-padan"
_ASKS: Final = {
    Choice.A: "Data OPD lain yang dipakai pada Data Induk. Mohon perbaiki data Anda di sistem asal.",
    Choice.B: "Data OPD lain dinilai benar dan dipakai pada Data Induk. Mohon perbaiki data Anda di sistem asal.",
    Choice.DIFFERENT: "Data Anda bukan tentang orang atau hal yang sama. Mohon perbaiki kuncinya di sistem asal.",
    Choice.ASK: "Mohon periksa data Anda di sistem asal dan perbaiki bila keliru.",
}

_OF_DUPLICATES: Final = {
    Choice.A: "Dua nomor dinilai milik satu orang; nomor A dipakai. Mohon tandai nomor B sebagai ganda di sistem asal.",
    Choice.B: "Dua nomor dinilai milik satu orang; nomor B dipakai. Mohon tandai nomor A sebagai ganda di sistem asal.",
    Choice.ASK: "Dua nomor mungkin milik satu orang. Mohon periksa di sistem asal.",
}

_OF_VERSIONS: Final = {
    Choice.A: "Satu nomor versi membawa dua isi; yang berlaku tetap dipakai. Bila isi lain yang benar, mohon kirim lagi"
    " dengan nomor versi baru.",
    Choice.ASK: "Satu nomor versi membawa dua isi. Mohon kirim lagi isi yang benar dengan nomor versi baru.",
}
_OF_NEW_PERSONS: Final = {
    Choice.A: "Kunci ini dinilai tetap milik orang yang lama. Mohon perbaiki di sistem asal, lalu kirim lagi.",
    Choice.ASK: "Kunci ini berpindah kepada orang lain. Mohon periksa di sistem asal dan perbaiki bila keliru.",
}
_BY_KIND: Final = {
    Kind.DUPLICATE: _OF_DUPLICATES,
    Kind.VERSION: _OF_VERSIONS,
    Kind.NEW_PERSON: _OF_NEW_PERSONS,
}


def cause(number: ConflictId) -> str:
    """Of the notice to the agency that is to mend it."""
    return f"conflict:{number}"


def told_opd(found: Conflict, choice: Choice) -> str:
    """The agency that is to mend its data: that of the side that was not chosen."""
    return found.opds[0] if choice is Choice.B else found.opds[1]


def tell_steward(conn: Connection[TupleRow], instance: Instance, *, now: datetime) -> None:
    """One notice as long as any conflict is open."""
    waiting = sum(each.conflicts for each in reading.counts(conn))
    if not waiting:
        close_causes(conn, [OPEN], now=now)
        return
    notice = Notice(
        cause=OPEN,
        kind="conflict.open",
        office=Office(instance.sop.walidata, Role.STEWARD),
        severity=Severity.ATTENTION,
        title=f"{indonesian.number(waiting)} Tidak Padan menunggu keputusan.",
        body="Mohon bandingkan kedua sumber, lalu putuskan pada halaman Tidak Padan.",
        link=WAY,
    )
    raise_notice(conn, notice, now=now)


def tell_agency(
    conn: Connection[TupleRow], found: Conflict, choice: Choice, due: date | None, *, now: datetime
) -> None:
    """Of a decision; `due` is the day until which it is asked to mend its data. Where two persons, or the
    new one, are right, there is nothing to mend."""
    asks: Mapping[Choice, str] = _BY_KIND.get(found.kind, _ASKS)
    if choice not in asks:
        return
    subject = f"{found.entity}, {found.about.replace(',', ' dan ')}" if found.about else found.entity
    until = f" Batas waktu {indonesian.day(due)}." if due else ""
    notice = Notice(
        cause=cause(found.id),
        kind="conflict.decided",
        office=Office(told_opd(found, choice), Role.OPD_ADMIN),
        severity=Severity.ATTENTION,
        title=f"Tidak Padan nomor {found.id} diputus: {subject}.",
        body=f"{asks[choice]}{until}",
        link=f"{WAY}/{found.id}",
    )
    raise_notice(conn, notice, now=now)

"""The watch over access: each rule fires by its real cause, tells the office whose turn it is, closes by its end."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from identity import deletions
from identity.access_reading import WantedAccess
from identity.access_requests import agree, ask, refuse, withdraw
from identity.access_states import Side
from identity.actors import Actor
from identity.opds import EVERYWHERE
from identity.permissions import Role
from jobs.notices import Office, Severity
from jobs.watch_rules import access, expiry
from tests.conftest import Database
from tests.identity.people_of_test import NOW, OPDS, PURPOSE, REGIONS, ZONE
from tests.jobs.watched import CLOSED_ATTENTION, OPEN_ATTENTION, Watched

ASKER = Actor("sari", "person", Role.READER, "dinsos")
OWNER = Actor("wati", "person", Role.OPD_ADMIN, "kominfo")
HEAD = Actor("kepala", "person", Role.KEPALA_DINAS, "kominfo")
REASON = "Sesuai tugas dan fungsi OPD pembaca"
DAY = timedelta(days=1)
UNTIL = date(2026, 6, 30)


@pytest.fixture
def watched(database: Database) -> Iterator[Watched]:
    with database.connect() as owner:
        for opd in OPDS:
            owner.execute("insert into identity.opd (code, name, short_name) values (%s, %s, %s)", (opd, opd, opd))
    made = Watched(database)
    yield made
    made.close()


@pytest.fixture
def web(database: Database, watched: Watched) -> Iterator[Connection[TupleRow]]:
    with database.connect("simpul_web", autocommit=True) as conn:
        yield conn


def file(conn: Connection[TupleRow]) -> int:
    wanted = WantedAccess("dinsos", ("nama",), PURPOSE, "Perpres 39/2019", date(2026, 1, 5), UNTIL)
    return ask(conn, REGIONS, wanted, by=ASKER, zone=ZONE, now=NOW).id


def say_yes(conn: Connection[TupleRow], number: int, *sides: Side) -> int:
    grant = None
    for side in sides:
        by = OWNER if side is Side.OWNER else HEAD
        grant = agree(conn, REGIONS, number, side=side, by=by, reason=REASON, zone=ZONE, now=NOW).grant_id
    return grant or 0


def test_access_waiting_fires_and_closes(watched: Watched, web: Connection[TupleRow]) -> None:
    number = file(web)

    assert watched.look(access.WAITING, NOW) == [
        f"Permohonan akses {number} (dinsos atas kominfo.wilayah) menunggu putusan Anda."
    ]
    (row,) = watched.notices(access.WAITING)
    assert (row.office, row.level, row.link) == (
        Office("kominfo", Role.OPD_ADMIN), 0, f"/permohonan-akses/{number}",
    )  # fmt: skip
    watched.look(access.WAITING, NOW + 7 * DAY)
    assert [row.level for row in watched.notices(access.WAITING)] == [2]

    say_yes(web, number, Side.OWNER)
    watched.look(access.WAITING, NOW + 7 * DAY)
    offices = [(row.office, row.state) for row in watched.notices(access.WAITING)]
    assert [office for office, _ in offices] == [
        Office("kominfo", Role.KEPALA_DINAS),
        Office("kominfo", Role.OPD_ADMIN),
    ]
    withdraw(web, number, by=ASKER, now=NOW)
    assert watched.look(access.WAITING, NOW + 7 * DAY) == []
    assert watched.states(access.WAITING) == CLOSED_ATTENTION * 2


def test_access_answered_fires_and_closes(watched: Watched, web: Connection[TupleRow]) -> None:
    granted, refused = file(web), file(web)
    assert watched.look(access.ANSWERED, NOW) == []
    say_yes(web, granted, Side.OWNER, Side.WALIDATA)
    refuse(web, refused, side=Side.OWNER, by=OWNER, reason=REASON, now=NOW)

    assert watched.look(access.ANSWERED, NOW + 6 * DAY) == [
        f"Permohonan akses {granted} atas kominfo.wilayah disetujui; Hak Akses diberikan.",
        f"Permohonan akses {refused} atas kominfo.wilayah tidak disetujui.",
    ]
    assert {(row.office, row.severity) for row in watched.notices(access.ANSWERED)} == {
        (Office("dinsos", Role.READER), Severity.INFO)
    }
    assert watched.look(access.ANSWERED, NOW + 7 * DAY) == []


def test_data_deletion_fires_and_closes(watched: Watched, web: Connection[TupleRow]) -> None:
    grant = say_yes(web, file(web), Side.OWNER, Side.WALIDATA)
    over = datetime(2026, 6, 30, 17, tzinfo=UTC)

    assert watched.look(access.DELETIONS, over - DAY) == []
    assert watched.look(access.DELETIONS, over + DAY) == [
        f"Data dari Hak Akses {grant} atas wilayah perlu dihapus; Hak Aksesnya sudah berakhir."
    ]
    assert watched.states(access.DELETIONS) == OPEN_ATTENTION
    watched.look(access.DELETIONS, over + 31 * DAY)
    (row,) = watched.notices(access.DELETIONS)
    assert (row.office, row.severity, row.level) == (Office("dinsos", Role.OPD_ADMIN), Severity.DISTURBANCE, 4)
    assert row.link == f"/permohonan-akses/penghapusan/{grant}"

    how = "Tabel sementara dan cadangannya dihapus"
    deletions.confirm(web, grant, by=ASKER, how=how, within=EVERYWHERE, now=over + 31 * DAY)
    assert watched.look(access.DELETIONS, over + 31 * DAY) == []
    assert [row.closed_at is not None for row in watched.notices(access.DELETIONS)] == [True]


def test_both_sides_are_told_a_month_before_a_grant_ends(watched: Watched, web: Connection[TupleRow]) -> None:
    say_yes(web, file(web), Side.OWNER, Side.WALIDATA)
    month_before = datetime(2026, 6, 1, tzinfo=UTC)

    assert watched.look(expiry.GRANTS, month_before - 2 * DAY) == []
    assert watched.look(expiry.GRANTS, month_before) == ["Hak Akses dinsos atas wilayah berakhir dalam 30 hari."] * 2
    assert {row.office for row in watched.notices(expiry.GRANTS)} == {
        Office("dinsos", Role.OPD_ADMIN), Office("kominfo", Role.OPD_ADMIN),
    }  # fmt: skip

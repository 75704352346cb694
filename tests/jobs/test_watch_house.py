"""The rules about the hub's own house, fired by their real causes and closed by their ends."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cli.stack.postgres import SUPERUSER
from hub_db.connection import connect
from identity import tokens
from identity.actors import Actor
from identity.audit import AuditEntry, record
from identity.audit_chain import seal
from identity.grants import WantedAgreement, WantedGrant, add_agreement, add_grant, end_agreement, revoke_grant
from identity.looks import Looker, look_unmasked
from identity.masking import Viewer
from identity.opds import EVERYWHERE, add_system
from identity.permissions import Permission, Role
from identity.records import records
from jobs import queue
from jobs.job import State as JobState
from jobs.notices import Office, Severity, State, raise_notice
from jobs.notices_loop import channels, notify
from jobs.watch import Blind, WatchContext
from jobs.watch_rules import audit, disk, expiry, sessions
from jobs.watch_rules import queue as queue_rules
from jobs.watch_settings import GIB
from tests.conftest import Database
from tests.identity.people_of_test import CHIEF, PURPOSE, RESIDENTS, ZONE, Population, person
from tests.identity.test_masking_looks import FILTER
from tests.identity.town import BY, NOW, Town
from tests.jobs.mail_server import Office as MailOffice
from tests.jobs.mail_server import serve, way_to
from tests.jobs.offices import OPERATOR, a_notice, add_opds, appoint, settings, worked
from tests.jobs.watched import (
    CLOSED_ATTENTION,
    CLOSED_DISTURBANCE,
    OPEN_ATTENTION,
    OPEN_DISTURBANCE,
    Watched,
)
from tests.jobs.workshop import OPERATOR as HAND
from tests.jobs.workshop import Workshop

DAY = timedelta(days=1)


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    with database.connect("simpul_web", autocommit=True) as conn:
        made = Town(conn)
        made.found()
        yield made


def test_disk_fires_and_closes(watched: Watched, tmp_path: Path) -> None:
    """A real file takes the room away, and gives it back."""
    free = shutil.disk_usage(tmp_path).free / GIB
    told = {"disk_share": 1e-9, "disk_disturbance_share": 1e-9, "disk_disturbance_gib": 0}
    limit = {**told, "disk_free_gib": free - 0.5}
    disks = {"uji": tmp_path}
    assert watched.look(disk.RULE, thresholds=limit, disks=disks) == []

    ballast = tmp_path / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, GIB)
    (title,) = watched.look(disk.RULE, thresholds=limit, disks=disks)
    assert title.startswith("Ruang disk untuk uji tinggal ")
    assert watched.states(disk.RULE) == OPEN_ATTENTION
    watched.look(disk.RULE, thresholds={**limit, "disk_disturbance_gib": free - 0.5}, disks=disks)
    assert watched.states(disk.RULE) == OPEN_DISTURBANCE

    ballast.unlink()
    assert watched.look(disk.RULE, thresholds=limit, disks=disks) == []
    assert watched.states(disk.RULE) == CLOSED_DISTURBANCE


def test_a_database_that_outgrows_its_room_is_told(watched: Watched) -> None:
    (title,) = watched.look(disk.RULE, thresholds={"database_gib": 0.005})

    assert title.startswith("Basis data berukuran 0,0 GB")
    assert watched.look(disk.RULE, thresholds={"database_gib": 100}) == []


def test_a_folder_that_is_gone_is_no_full_disk(watched: Watched, tmp_path: Path) -> None:
    context = WatchContext(NOW, ZONE, worked, "kominfo", disks={"uji": tmp_path / "nowhere"})

    with pytest.raises(Blind, match="Folder uji tidak dapat dibaca"):
        disk.look(watched.conn, context)


def test_token_expiry_fires_and_closes(watched: Watched, town: Town) -> None:
    system = add_system(town.conn, "dinkes", "simrs", "SIMRS", by=BY, now=NOW)
    send = frozenset({Permission.SEND_EVENTS})

    def issue(days: int) -> tuple[int, str]:
        with town.conn.transaction():
            new = tokens.NewToken(system, "kirim", send, None, NOW + days * DAY)
            return tokens.issue_token(town.conn, new, by=BY, now=NOW)

    def severity(after_days: float) -> tuple[Severity, int]:
        watched.look(expiry.TOKENS, NOW + after_days * DAY)
        (row,) = watched.notices(expiry.TOKENS)
        return row.severity, row.level

    _, secret = issue(100)
    assert watched.look(expiry.TOKENS, NOW + 69 * DAY) == []
    (title,) = watched.look(expiry.TOKENS, NOW + 70 * DAY)
    assert title == f"Token layanan {secret[4:8]}… milik dinkes/simrs (kirim) berakhir dalam 30 hari."
    assert [severity(days) for days in (80, 93, 99)] == [
        (Severity.ATTENTION, 1),
        (Severity.ATTENTION, 2),
        (Severity.DISTURBANCE, 3),
    ]
    assert {row.office for row in watched.notices(expiry.TOKENS)} == {Office("dinkes", Role.OPD_ADMIN)}
    assert watched.look(expiry.TOKENS, NOW + 101 * DAY)[0].endswith("sudah berakhir.")

    newer, _ = issue(200)
    assert watched.look(expiry.TOKENS, NOW + 101 * DAY) == []
    assert watched.states(expiry.TOKENS) == CLOSED_DISTURBANCE
    tokens.revoke(town.conn, newer, by=BY, now=NOW, within=EVERYWHERE)
    assert len(watched.look(expiry.TOKENS, NOW + 101 * DAY)) == 1
    assert watched.look(expiry.TOKENS, NOW + 108 * DAY) == []


UNTIL = date(2026, 6, 30)


def add_pks(town: Town, until: date) -> None:
    elements = ("penduduk.nik", "penduduk.nama")
    wanted = WantedAgreement("415.4/12/2026", "dinkes", elements, PURPOSE, until)
    add_agreement(town.conn, wanted, by=CHIEF, zone=ZONE, now=NOW)


def give(town: Town, until: date) -> int:
    wanted = WantedGrant("dinkes", ("nik",), PURPOSE, "UU 24/2013 Pasal 58", until, "415.4/12/2026")
    return add_grant(town.conn, RESIDENTS, wanted, by=CHIEF, zone=ZONE, now=NOW).id


def test_grant_expiry_fires_and_closes(watched: Watched, town: Town) -> None:
    add_pks(town, date(2026, 12, 31))
    number = give(town, UNTIL)
    month_before = datetime(2026, 6, 1, tzinfo=UTC)

    assert watched.look(expiry.GRANTS, month_before - 2 * DAY) == []
    assert watched.look(expiry.GRANTS, month_before) == ["Hak Akses dinkes atas penduduk berakhir dalam 30 hari."]
    assert watched.states(expiry.GRANTS) == OPEN_ATTENTION
    assert watched.look(expiry.AGREEMENTS, month_before) == []

    revoke_grant(town.conn, number, by=CHIEF, reason="Tujuan sudah tercapai", now=NOW)
    assert watched.look(expiry.GRANTS, month_before) == []
    assert watched.states(expiry.GRANTS) == CLOSED_ATTENTION


def test_a_grant_that_another_outlasts_is_not_told(watched: Watched, town: Town) -> None:
    add_pks(town, date(2026, 12, 31))
    give(town, UNTIL)
    give(town, date(2026, 11, 30))

    assert watched.look(expiry.GRANTS, datetime(2026, 6, 20, tzinfo=UTC)) == []


def test_agreement_expiry_fires_and_closes(watched: Watched, town: Town) -> None:
    """A grant that ends with its PKS is told by the PKS alone."""
    add_pks(town, UNTIL)
    give(town, UNTIL)
    week_before = datetime(2026, 6, 24, tzinfo=UTC)

    assert watched.look(expiry.AGREEMENTS, week_before) == ["PKS 415.4/12/2026 dengan dinkes berakhir dalam 7 hari."]
    assert watched.look(expiry.GRANTS, week_before) == []
    (row,) = watched.notices(expiry.AGREEMENTS)
    assert (row.office, row.level) == (Office("kominfo", Role.KABID_APTIKA), 2)
    assert "1 Hak Akses berakhir bersamanya." in row.body

    end_agreement(town.conn, "415.4/12/2026", by=CHIEF, reason="Diganti PKS baru", now=NOW)
    assert watched.look(expiry.AGREEMENTS, week_before) == []
    assert watched.states(expiry.AGREEMENTS) == CLOSED_ATTENTION


def test_unsealed_audit_fires_and_closes(watched: Watched) -> None:
    now = datetime.now(UTC)
    for _ in range(2):
        record(watched.conn, AuditEntry("uji", "system", "opd.add"))

    assert watched.look(audit.UNSEALED, now + timedelta(seconds=59)) == []
    (title,) = watched.look(audit.UNSEALED, now + timedelta(seconds=75))
    assert title.startswith("2 catatan audit belum disegel sejak 1 menit")
    assert watched.states(audit.UNSEALED) == OPEN_DISTURBANCE

    assert seal(watched.conn) == 2
    assert watched.look(audit.UNSEALED, now + timedelta(seconds=75)) == []
    assert watched.states(audit.UNSEALED) == CLOSED_DISTURBANCE


def test_mass_looks_fires_and_closes(watched: Watched, database: Database) -> None:
    population = Population.settle(database, 60)
    grant = population.grant("nik")
    web = connect(database.dsn("simpul_web"), process="test")
    looker = Looker(person(Role.READER, "dinsos"), Actor("sari", "person", Role.READER, "dinsos"), grant)
    found = records(web, RESIDENTS, Viewer(opds=frozenset({"disdukcapil"})), filters=FILTER, limit=60)
    addresses = [each.address for each in found]

    look_unmasked(web, RESIDENTS, looker, addresses[:50], purpose=PURPOSE)
    assert watched.look(audit.MASS_LOOKS) == []
    look_unmasked(web, RESIDENTS, looker, addresses[50:51], purpose=PURPOSE)
    web.close()

    assert watched.look(audit.MASS_LOOKS) == ["sari membuka 51 data pribadi dalam satu jam."]
    (row,) = watched.notices(audit.MASS_LOOKS)
    assert (row.severity, row.urgent, row.office.role) == (Severity.DISTURBANCE, True, Role.AUDITOR)
    assert not any(nik in row.title + row.body for nik in population.rows)

    assert watched.look(audit.MASS_LOOKS, datetime.now(UTC) + timedelta(minutes=61)) == []
    assert watched.states(audit.MASS_LOOKS) == CLOSED_DISTURBANCE


def test_idle_transactions_fires_and_closes(watched: Watched, database: Database) -> None:
    """A session of another role holds a transaction open; who waits within a statement does not."""
    with database.connect("simpul_intake") as holder, database.connect("simpul_web") as other:
        other.commit()
        holder.execute("select 1")
        pid = holder.info.backend_pid
        later = datetime.now(UTC) + timedelta(seconds=31)

        assert watched.look(sessions.IDLE) == []
        (title,) = watched.look(sessions.IDLE, later)
        assert title.startswith(f"Sesi basis data {pid} (simpul_intake) menahan transaksi sejak ")
        assert watched.states(sessions.IDLE) == OPEN_DISTURBANCE

        holder.commit()
        assert watched.look(sessions.IDLE, later) == []
    assert watched.states(sessions.IDLE) == CLOSED_DISTURBANCE


def test_without_the_right_to_see_sessions_the_rule_says_that_it_is_blind(watched: Watched, database: Database) -> None:
    """The right is the whole server's, so it is taken and given back in one transaction that is never committed: the
    rule is asked through that very session."""
    with database.connect(SUPERUSER) as admin:
        admin.execute("revoke pg_read_all_stats from simpul_owner")
        admin.execute("set local role simpul_jobs")
        context = WatchContext(datetime.now(UTC), ZONE, worked, "kominfo")

        with pytest.raises(Blind, match="pg_read_all_stats"):
            sessions.IDLE.look(admin, context)

        admin.rollback()
    assert watched.look(sessions.IDLE) == []


def test_sign_ins_fires_and_closes(watched: Watched, town: Town) -> None:
    town.person()
    for number in range(6):
        town.sign_in(password="Salah-Sekali-99", address=f"10.0.0.{number}")
    told = {"refused_sign_ins": 6}

    assert watched.look(sessions.SIGN_INS, NOW, thresholds={"refused_sign_ins": 7}) == []
    assert watched.look(sessions.SIGN_INS, NOW, thresholds=told) == ["6 percobaan masuk tidak berhasil dalam 10 menit."]
    (row,) = watched.notices(sessions.SIGN_INS)
    assert (row.severity, row.urgent, row.office.role) == (Severity.DISTURBANCE, True, Role.ADMINISTRATOR)

    assert watched.look(sessions.SIGN_INS, NOW + timedelta(minutes=12), thresholds=told) == []
    assert watched.states(sessions.SIGN_INS) == CLOSED_DISTURBANCE


def test_failed_jobs_fires_and_closes(watched: Watched, workshop: Workshop) -> None:
    job = workshop.enqueue("fall")
    with workshop.worker():
        workshop.reaches(job, JobState.FAILED)

    assert watched.look(queue_rules.FAILED) == [f"Pekerjaan nomor {job} (Gagal dulu) gagal."]
    (row,) = watched.notices(queue_rules.FAILED)
    assert (row.state, row.severity) == (State.OPEN, Severity.ATTENTION)
    assert row.link == f"/pekerjaan/{job}"
    assert "setelah 1 dari 2 bagian" in row.body

    with workshop.owner.transaction():
        queue.resume(workshop.owner, job, by=HAND)
    assert watched.look(queue_rules.FAILED) == []
    assert watched.states(queue_rules.FAILED) == CLOSED_ATTENTION


def test_stalled_jobs_fires_and_closes(watched: Watched, workshop: Workshop) -> None:
    job = workshop.enqueue("tick")
    later = datetime.now(UTC) + timedelta(minutes=16)

    assert watched.look(queue_rules.STALLED) == []
    (title,) = watched.look(queue_rules.STALLED, later)
    assert title.startswith(f"Pekerjaan nomor {job} (Berdetak) tidak bergerak sejak 16 menit")
    assert watched.states(queue_rules.STALLED) == OPEN_ATTENTION

    with workshop.worker():
        workshop.reaches(job, JobState.DONE)
    assert watched.look(queue_rules.STALLED, later) == []
    assert watched.states(queue_rules.STALLED) == CLOSED_ATTENTION


def test_messages_fires_and_closes(watched: Watched, database: Database) -> None:
    """A mail server that is away, and comes back."""
    with database.connect(autocommit=True) as owner:
        add_opds(owner)
        appoint(owner, "ayu", OPERATOR)
    now = datetime(2026, 1, 5, 3, 5, tzinfo=UTC)
    raise_notice(watched.conn, a_notice(), now=now)
    away = settings(smtp=way_to(9))
    notify(watched.conn, away, channels(away), worked, now=now)
    later = now + timedelta(minutes=61)

    assert watched.look(queue_rules.MESSAGES, now + timedelta(minutes=59)) == []
    assert watched.look(queue_rules.MESSAGES, later) == ["1 surel belum terkirim."]
    assert watched.states(queue_rules.MESSAGES) == OPEN_ATTENTION

    with serve(MailOffice()) as port:
        back = settings(smtp=way_to(port))
        notify(watched.conn, back, channels(back), worked, now=later)
    assert watched.look(queue_rules.MESSAGES, later) == []
    assert watched.states(queue_rules.MESSAGES) == CLOSED_ATTENTION

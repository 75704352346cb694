"""Mail through a real SMTP server: what arrives, what is tried again, what is refused for good, what a kill leaves."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection
from pydantic import ValidationError

from jobs.channels.letter import End, Letter
from jobs.channels.mail import Mail
from jobs.delivery import Delivered, deliver_due, wait_s
from jobs.notices import Severity, close_cause, raise_notice
from jobs.notices_loop import channels, notify
from jobs.notices_offices import MailWish, Preference, prefer
from jobs.notices_settings import NoticeSettings
from tests.conftest import Database
from tests.hub import ROOT
from tests.jobs.mail_server import PASSWORD, USER, Office, certificate, serve, way_to
from tests.jobs.offices import KABID, NOW, OPERATOR, a_notice, add_opds, appoint, settings, worked


def letter(to: str = "ayu@opd.example", **more: Any) -> Letter:
    told: dict[str, Any] = {
        "name": "n1.s1.p1",
        "thread": "n1",
        "to": to,
        "to_name": "Ayu",
        "subject": "[Simpul] Gangguan",
        "text": "Yth. Ayu,\n\nMohon diperiksa — segera.\n",
        "made_at": NOW,
        "facts": {},
    }
    return Letter(**{**told, **more})


def test_a_mail_arrives_with_a_name_that_stays_the_same() -> None:
    office = Office()
    with serve(office) as port:
        mail = Mail(way_to(port, sender_name="Simpul Kab. Uji"), account_page="https://simpul.example/akun")
        outcomes = [mail.send(letter()).end, mail.send(letter()).end]
        mail.close()

    assert outcomes == [End.SENT, End.SENT]
    first, again = office.taken
    assert first["Message-ID"] == again["Message-ID"] == "<n1.s1.p1@kominfo.example>"
    assert first["References"] == "<n1@kominfo.example>"
    assert str(first["From"]) == '"Simpul Kab. Uji" <simpul@kominfo.example>'
    assert str(first["To"]) == "Ayu <ayu@opd.example>"
    assert first["List-Id"] == "Simpul <pemberitahuan.kominfo.example>"
    assert first["List-Unsubscribe"] == "<https://simpul.example/akun>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Date"].datetime == NOW
    assert first.get_content_type() == "text/plain"
    assert first.get_content().replace("\r\n", "\n") == "Yth. Ayu,\n\nMohon diperiksa — segera.\n"


def test_over_starttls_with_a_password(tmp_path: Path) -> None:
    office = Office()
    tls, ca_file = certificate(tmp_path)
    with serve(office, tls=tls, mode="starttls") as port:
        mail = Mail(way_to(port, security="starttls", username=USER, password=PASSWORD, ca_file=ca_file))
        right = mail.send(letter())
        mail.close()
        wrong = Mail(way_to(port, security="starttls", username=USER, password="salah", ca_file=ca_file)).send(letter())

    assert (right.end, wrong.end, wrong.reason) == (End.SENT, End.AWAY, "smtp-535")
    assert (len(office.taken), office.signed_in) == (1, 1)


def test_over_tls_from_the_first_byte(tmp_path: Path) -> None:
    office = Office()
    tls, ca_file = certificate(tmp_path)
    with serve(office, tls=tls, mode="tls") as port:
        mail = Mail(way_to(port, security="tls", ca_file=ca_file))
        trusted = mail.send(letter())
        mail.close()
        stranger = Mail(way_to(port, security="tls")).send(letter())

    assert (trusted.end, stranger.end, stranger.reason) == (End.SENT, End.AWAY, "smtp-tls")


def test_a_server_without_starttls_gets_nothing() -> None:
    office = Office()
    with serve(office) as port:
        outcome = Mail(way_to(port, security="starttls")).send(letter())

    assert (outcome.end, outcome.reason, office.taken) == (End.AWAY, "smtp-no-starttls", [])


def test_a_password_is_never_sent_over_an_open_line() -> None:
    with pytest.raises(ValidationError, match="open line"):
        way_to(25, username=USER, password=PASSWORD)


@pytest.mark.parametrize(
    ("reply", "end"),
    [
        pytest.param("550 5.1.1 no such user <ayu@opd.example>", End.BAD_ADDRESS, id="no such user"),
        pytest.param("550 no such user", End.BAD_ADDRESS, id="no such user, an old server"),
        pytest.param("550 5.7.1 not from you", End.LATER, id="a fault of ours"),
        pytest.param("451 4.7.1 greylisted", End.LATER, id="greylisted"),
        pytest.param("452 4.2.2 mailbox full", End.LATER, id="full for now"),
    ],
)
def test_what_a_refused_address_comes_to(reply: str, end: End) -> None:
    office = Office(refuse={"ayu@opd.example": reply})
    with serve(office) as port:
        mail = Mail(way_to(port))
        outcome, neighbour = mail.send(letter()), mail.send(letter("bayu@opd.example"))
        mail.close()

    assert outcome.end is end
    assert outcome.reason == f"smtp-{reply[:3]}"
    assert neighbour.end is End.SENT


@pytest.mark.parametrize(
    "to",
    [
        "ayu",
        "@opd.example",
        "ayu@",
        "ayu@opd.example\r\nBcc: x@y.example",
        "a b@opd.example",
        "a@b.example,c@d.example",
    ],
)
def test_what_is_no_address_is_refused_before_the_server_hears_of_it(to: str) -> None:
    office = Office()
    with serve(office) as port:
        outcome = Mail(way_to(port)).send(letter(to))

    assert (outcome.end, office.taken, office.recipients) == (End.BAD_ADDRESS, [], [])


def test_no_header_comes_out_of_a_name_or_a_title() -> None:
    office = Office()
    with serve(office) as port:
        mail = Mail(way_to(port))
        mail.send(letter(to_name="Ayu\r\nBcc: x@y.example", subject="Satu\nX-Sisipan: dua\x00"))
        mail.close()

    (message,) = office.taken
    assert office.recipients == ["ayu@opd.example"]
    assert (message["Bcc"], message["X-Sisipan"]) == (None, None)
    assert message["Subject"] == "Satu X-Sisipan: dua"


class Desk:
    """A notifier with its database and its mail server."""

    def __init__(self, owner: Connection[Any], conn: Connection[Any], told: NoticeSettings) -> None:
        self.owner, self.conn, self.told = owner, conn, told

    def notify(self, now: datetime = NOW) -> Delivered:
        return notify(self.conn, self.told, channels(self.told), worked, now=now).delivered

    def mails(self) -> list[tuple[Any, ...]]:
        return self.conn.execute(
            "select state, attempts, reason, due_at from notice.delivery where channel = 'email' order by id"
        ).fetchall()


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def desk(database: Database, office: Office) -> Iterator[Desk]:
    with (
        serve(office) as port,
        database.connect(autocommit=True) as owner,
        database.connect("simpul_jobs", autocommit=True) as conn,
    ):
        add_opds(owner)
        yield Desk(owner, conn, settings(smtp=way_to(port)))


def test_from_a_cause_to_the_mail_in_the_box(desk: Desk, office: Office) -> None:
    appoint(desk.owner, "ayu", OPERATOR)
    raise_notice(desk.conn, a_notice(), now=NOW)

    assert desk.notify() == Delivered(sent=1)
    assert desk.notify() == Delivered()

    (message,) = office.taken
    assert message["Subject"] == "[Simpul Kab. Uji] Gangguan: Data orang belum terolah sejak 10 menit."
    assert "Anda menerimanya sebagai Operator kominfo." in message.get_content()


def test_the_end_of_a_disturbance_arrives_in_the_same_thread(desk: Desk, office: Office) -> None:
    appoint(desk.owner, "ayu", OPERATOR)
    raise_notice(desk.conn, a_notice(), now=NOW)
    desk.notify()
    close_cause(desk.conn, "watch:lag:opd.uji.orang", now=NOW)

    desk.notify()

    raised, closed = office.taken
    assert closed["Subject"].startswith("[Simpul Kab. Uji] Selesai: ")
    assert closed["References"] == raised["References"]
    assert closed["Message-ID"] != raised["Message-ID"]


def test_a_mail_put_off_by_quiet_hours_goes_out_in_the_morning(desk: Desk, office: Office) -> None:
    appoint(desk.owner, "ayu", OPERATOR)
    night = NOW.replace(hour=16)  # 23.05 WIB
    raise_notice(desk.conn, a_notice(), now=night)

    assert desk.notify(night) == Delivered()
    assert desk.notify(night + timedelta(hours=6, minutes=54)) == Delivered()
    assert desk.notify(night + timedelta(hours=6, minutes=55)) == Delivered(sent=1)
    assert len(office.taken) == 1


def test_a_server_that_is_away_costs_one_try_and_nothing_is_lost(desk: Desk, office: Office) -> None:
    for name in ("ayu", "bayu", "citra"):
        appoint(desk.owner, name, OPERATOR)
    raise_notice(desk.conn, a_notice(), now=NOW)
    away = settings(smtp=way_to(desk.told.smtp.port if desk.told.smtp else 0, host="127.0.0.2"))

    assert notify(desk.conn, away, channels(away), worked, now=NOW).delivered == Delivered(put_off=3)
    assert [(state, attempts) for state, attempts, _, _ in desk.mails()] == [("due", 1), ("due", 0), ("due", 0)]
    assert {reason for _, _, reason, _ in desk.mails()} == {"smtp-ConnectionRefusedError"}

    assert desk.notify(NOW + timedelta(minutes=1)) == Delivered(sent=3)
    assert len(office.taken) == 3


def test_a_greylisted_mail_is_tried_again_later_and_later_under_the_same_name(desk: Desk, office: Office) -> None:
    appoint(desk.owner, "ayu", OPERATOR)
    office.refuse["ayu@opd.example"] = "451 4.7.1 greylisted"
    raise_notice(desk.conn, a_notice(), now=NOW)
    waits, now = [], NOW
    for _ in range(4):
        desk.notify(now)
        due_at = desk.mails()[0][3]
        waits.append((due_at - now).total_seconds())
        now = due_at
    office.refuse.clear()

    assert desk.notify(now) == Delivered(sent=1)
    assert [30 <= waits[0] <= 36, 60 <= waits[1] <= 72, 120 <= waits[2] <= 144, 240 <= waits[3] <= 288] == [True] * 4
    assert desk.mails()[0][:2] == ("sent", 5)
    assert office.taken[0]["Message-ID"].startswith("<n1.s1.p1@")


def test_after_three_days_a_mail_is_given_up(desk: Desk, office: Office) -> None:
    appoint(desk.owner, "ayu", OPERATOR)
    office.refuse["ayu@opd.example"] = "451 4.7.1 greylisted"
    raise_notice(desk.conn, a_notice(), now=NOW)
    desk.notify()

    desk.notify(NOW + timedelta(hours=72))

    assert desk.mails()[0][:3] == ("given_up", 2, "smtp-451")


def test_an_address_that_is_refused_for_good_is_noted_until_the_person_has_another(desk: Desk, office: Office) -> None:
    ayu = appoint(desk.owner, "ayu", OPERATOR)
    office.refuse["ayu@opd.example"] = "550 5.1.1 no such user"
    for name in ("one", "two"):
        raise_notice(desk.conn, a_notice(cause=name), now=NOW)
        desk.notify()
    desk.owner.execute("update identity.person set email = 'ayu@baru.example' where id = %s", (ayu,))
    raise_notice(desk.conn, a_notice(cause="three"), now=NOW)
    desk.notify()

    assert [(state, reason) for state, _, reason, _ in desk.mails()] == [
        ("refused", "smtp-550"),
        ("refused", "address-refused-before"),
        ("sent", None),
    ]
    noted = desk.conn.execute("select person, reply, encode(address_sha256, 'escape') from notice.refused_address")
    ((person, reply, kept),) = noted.fetchall()
    assert (person, reply) == (ayu, "smtp-550")
    assert "ayu" not in kept


def test_a_digest_is_one_mail_and_settles_all_its_lines(desk: Desk, office: Office) -> None:
    ayu = appoint(desk.owner, "ayu", OPERATOR)
    prefer(desk.conn, ayu, Preference(MailWish.DIGEST), now=NOW)
    for number in range(3):
        raise_notice(desk.conn, a_notice(cause=f"c{number}", title=f"Sebab {number} perlu dilihat."), now=NOW)

    assert desk.notify() == Delivered(sent=1)

    (message,) = office.taken
    text = message.get_content()
    assert message["Subject"] == "[Simpul Kab. Uji] Ringkasan: 3 pemberitahuan"
    assert all(f"Sebab {number} perlu dilihat." in text for number in range(3))
    assert {state for state, _, _, _ in desk.mails()} == {"sent"}


def test_information_waits_for_the_digest(desk: Desk, office: Office) -> None:
    appoint(desk.owner, "citra", KABID)
    raise_notice(desk.conn, a_notice(office=KABID, severity=Severity.INFO), now=NOW.replace(hour=23, day=4))

    assert desk.notify(NOW.replace(hour=23, day=4)) == Delivered()
    assert desk.notify(NOW) == Delivered(sent=1)
    assert office.taken[0]["Subject"] == "[Simpul Kab. Uji] Ringkasan: 1 pemberitahuan"


def test_two_notifiers_send_each_mail_once(desk: Desk, office: Office, database: Database) -> None:
    for number in range(10):
        appoint(desk.owner, f"orang{number}", OPERATOR)
    raise_notice(desk.conn, a_notice(), now=NOW)
    notify(desk.conn, settings(smtp=desk.told.smtp), {}, worked, now=NOW)

    with database.connect("simpul_jobs", autocommit=True) as other:
        with other.transaction():
            half = "select id from notice.delivery where channel = 'email' order by id limit 5 for update"
            other.execute(half)
            first = deliver_due(desk.conn, channels(desk.told), desk.told, now=NOW)
        second = deliver_due(other, channels(desk.told), desk.told, now=NOW)

    assert (first.sent, second.sent) == (5, 5)
    assert len({message["Message-ID"] for message in office.taken}) == 10


def test_a_process_killed_while_sending_sends_the_same_mail_again(
    desk: Desk, office: Office, database: Database
) -> None:
    """The mail was taken by the server and its end never entered: after the lease it goes out under the same name."""
    appoint(desk.owner, "ayu", OPERATOR)
    raise_notice(desk.conn, a_notice(), now=NOW)
    assert desk.told.smtp is not None
    program = (
        "import os, sys, psycopg\n"
        "from tests.jobs import offices, mail_server\n"
        "from jobs.channels.letter import Outcome, End\n"
        "from jobs.channels.mail import Mail\n"
        "from jobs.notices_loop import notify\n"
        "from jobs.notices_ways import Channel\n"
        "class Killed(Mail):\n"
        "    def send(self, letter):\n"
        "        super().send(letter)\n"
        "        os.kill(os.getpid(), 9)\n"
        "told = offices.settings(smtp=mail_server.way_to(int(sys.argv[1])))\n"
        "with psycopg.connect(sys.stdin.read(), autocommit=True) as conn:\n"
        "    notify(conn, told, {Channel.MAIL: Killed(told.smtp)}, offices.worked, now=offices.NOW)\n"
    )
    dsn = database.dsn("simpul_jobs").get_secret_value()
    ended = subprocess.run(
        [sys.executable, "-c", program, str(desk.told.smtp.port)],
        input=dsn,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )

    assert ended.returncode == -9
    assert desk.notify(NOW + timedelta(seconds=119)) == Delivered()
    assert desk.notify(NOW + timedelta(seconds=120)) == Delivered(sent=1)
    assert [message["Message-ID"] for message in office.taken] == ["<n1.s1.p1@kominfo.example>"] * 2


def test_waits_grow_to_an_hour() -> None:
    waits = [wait_s(attempt, "n1.s1.p1") for attempt in range(1, 30)]

    assert waits == sorted(waits)
    assert 30 <= waits[0] <= 36
    assert 3600 <= waits[-1] <= 4320

"""When and how a person is told; who stands above an office. Rules as tables."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.permissions import Role
from jobs.notices import Act, NoticeId, Office, Severity, State
from jobs.notices_offices import MailWish, Preference, Quiet, Recipient, superior
from jobs.notices_settings import SmtpSettings
from jobs.notices_texts import Told, digest, mail, short_text, subject
from jobs.notices_ways import Channel, Mode, Occasion, after_quiet, escalates_at, is_time_for_digest, ways
from tests.jobs.offices import NOW, OPERATOR, settings, worked

ZONE = ZoneInfo("Asia/Jakarta")
NIGHT = Quiet(time(20), time(6))
NOON = Quiet(time(12), time(13))
WITH_MAIL = settings(smtp=SmtpSettings(host="mail.example", sender="simpul@kominfo.example"))


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("at", "quiet", "then"),
    [
        pytest.param("2026-01-05 19:59", NIGHT, "2026-01-05 19:59", id="before"),
        pytest.param("2026-01-05 20:00", NIGHT, "2026-01-06 06:00", id="as it begins"),
        pytest.param("2026-01-06 00:30", NIGHT, "2026-01-06 06:00", id="after midnight"),
        pytest.param("2026-01-06 06:00", NIGHT, "2026-01-06 06:00", id="as it ends"),
        pytest.param("2026-01-05 12:30", NOON, "2026-01-05 13:00", id="within a day"),
        pytest.param("2026-01-05 11:30", NOON, "2026-01-05 11:30", id="outside within a day"),
    ],
)
def test_quiet_hours_put_off_until_their_end(at: str, quiet: Quiet, then: str) -> None:
    assert after_quiet(wib(at).astimezone(UTC), quiet, ZONE) == wib(then)


@given(
    st.integers(0, 2 * 365 * 1440).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.times(),
    st.times(),
)
def test_what_was_put_off_once_is_not_put_off_again(at: datetime, begins: time, ends: time) -> None:
    quiet = Quiet(begins, ends)

    then = after_quiet(at, quiet, ZONE)

    assert at <= then <= at + timedelta(days=1)
    assert after_quiet(then, quiet, ZONE) == then


def person(
    mail: MailWish = MailWish.EACH, *, email: str | None = "a@opd.example", quiet: Quiet | None = None
) -> Recipient:
    return Recipient(1, "Ayu", email, None, Preference(mail, None, quiet))


def occasion(
    severity: Severity = Severity.DISTURBANCE, *, urgent: bool = False, silent: bool = False, flapping: bool = False
) -> Occasion:
    return Occasion(Act.RAISED, severity, urgent, silent, flapping)


AT_NIGHT = wib("2026-01-05 23:00").astimezone(UTC)
MORNING = wib("2026-01-06 06:00")


@pytest.mark.parametrize(
    ("who", "what", "mails"),
    [
        pytest.param(person(), occasion(), [(Mode.SINGLE, MORNING)], id="a disturbance waits for the morning"),
        pytest.param(person(), occasion(urgent=True), [(Mode.SINGLE, AT_NIGHT)], id="urgent at once"),
        pytest.param(person(), occasion(Severity.ATTENTION), [(Mode.SINGLE, MORNING)], id="attention as well"),
        pytest.param(person(), occasion(Severity.INFO), [(Mode.MEMBER, AT_NIGHT)], id="info in the digest"),
        pytest.param(person(), occasion(flapping=True), [(Mode.MEMBER, AT_NIGHT)], id="back at once: in the digest"),
        pytest.param(
            person(), occasion(urgent=True, flapping=True), [(Mode.MEMBER, AT_NIGHT)], id="urgent but back at once"
        ),
        pytest.param(person(MailWish.DIGEST), occasion(), [(Mode.MEMBER, AT_NIGHT)], id="wants a digest"),
        pytest.param(
            person(MailWish.DIGEST), occasion(urgent=True), [(Mode.SINGLE, AT_NIGHT)], id="wants a digest, urgent"
        ),
        pytest.param(person(MailWish.NONE), occasion(), [], id="wants none"),
        pytest.param(person(MailWish.NONE), occasion(urgent=True), [(Mode.SINGLE, AT_NIGHT)], id="wants none, urgent"),
        pytest.param(person(email=None), occasion(urgent=True), [], id="has no address"),
        pytest.param(person(), occasion(urgent=True, silent=True), [], id="silenced"),
        pytest.param(person(quiet=NOON), occasion(), [(Mode.SINGLE, AT_NIGHT)], id="quiet hours of his own"),
    ],
)
def test_mail_goes_as_the_person_wishes(who: Recipient, what: Occasion, mails: list[tuple[Mode, datetime]]) -> None:
    found = ways(who, what, WITH_MAIL, AT_NIGHT)

    assert found[0].channel is Channel.APP
    assert [(way.mode, way.due_at) for way in found[1:]] == mails


def test_without_a_mail_server_people_are_told_in_the_application_only() -> None:
    assert [way.channel for way in ways(person(), occasion(urgent=True), settings(), NOW)] == [Channel.APP]


@pytest.mark.parametrize(
    ("severity", "urgent", "hours"),
    [
        pytest.param(Severity.INFO, False, None, id="info never"),
        pytest.param(Severity.ATTENTION, False, 7 + 24, id="attention a day after the morning"),
        pytest.param(Severity.DISTURBANCE, False, 7 + 4, id="a disturbance four hours after the morning"),
        pytest.param(Severity.DISTURBANCE, True, 4, id="urgent from now"),
    ],
)
def test_the_office_above_hears_of_it_later(severity: Severity, urgent: object, hours: float | None) -> None:
    found = escalates_at(severity, AT_NIGHT, settings(), urgent=bool(urgent))

    assert found == (None if hours is None else AT_NIGHT + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("at", "hour", "is_time"),
    [
        pytest.param("2026-01-05 07:00", None, True, id="at the instance's hour"),
        pytest.param("2026-01-05 06:59", None, False, id="before it"),
        pytest.param("2026-01-05 07:30", 8, False, id="before the person's"),
        pytest.param("2026-01-05 15:00", 8, True, id="any time after it"),
        pytest.param("2026-01-04 09:00", None, False, id="not on a Sunday"),
    ],
)
def test_the_digest_comes_from_its_hour_on_working_days(at: str, hour: int | None, is_time: object) -> None:
    assert is_time_for_digest(hour, wib(at), settings(), worked) is is_time


def test_above_every_office_stands_another_up_to_the_head_of_the_walidata() -> None:
    tops = {}
    for role in Role:
        office = Office("dinkes" if role.value.startswith("opd") else "kominfo", role)
        chain: list[Office] = []
        above = superior(office, "kominfo")
        while above is not None and len(chain) < 10:
            chain.append(above)
            above = superior(above, "kominfo")
        tops[role] = chain

    head = Office("kominfo", Role.KEPALA_DINAS)
    assert {role for role, chain in tops.items() if not chain} == {Role.KEPALA_DINAS, Role.AUDITOR}
    assert all(chain[-1] == head for chain in tops.values() if chain)
    assert tops[Role.OPD_PROGRAMMER][0] == Office("dinkes", Role.OPD_ADMIN)
    assert tops[Role.OPD_ADMIN][0] == Office("kominfo", Role.PEJABAT_PENGAWAS)


TOLD = Told(
    NoticeId(17),
    Severity.DISTURBANCE,
    State.OPEN,
    OPERATOR,
    "Data orang belum terolah sejak 10 menit.",
    "Mohon periksa penerima data.",
    3,
    wib("2026-01-05 14:05"),
    wib("2026-01-05 14:15"),
)


def test_the_short_text_is_one_line_with_a_link() -> None:
    assert short_text(TOLD, settings()) == (
        "[Gangguan] Data orang belum terolah sejak 10 menit. Rincian: https://simpul.example/pemberitahuan/17"
    )
    assert short_text(TOLD, settings(public_url="")) == "[Gangguan] Data orang belum terolah sejak 10 menit."


def test_a_mail_says_what_since_when_where_and_as_whom() -> None:
    text = mail(TOLD, Act.ESCALATED, "Ayu\r\nBcc: x", "Plt. Operator kominfo", settings())

    assert text == (
        "Yth. Ayu Bcc: x,\n\n"
        "Diteruskan: Data orang belum terolah sejak 10 menit.\n\n"
        "Mohon periksa penerima data.\n\n"
        "Sejak             : 5 Januari 2026 pukul 14.05 WIB\n"
        "Terakhir terlihat : 5 Januari 2026 pukul 14.15 WIB (3 kali)\n"
        "Keadaan           : belum ditangani\n"
        "Ditujukan kepada  : Operator kominfo\n"
        "Rincian           : https://simpul.example/pemberitahuan/17\n\n"
        "Teks singkat untuk diteruskan:\n"
        "[Gangguan] Data orang belum terolah sejak 10 menit. Rincian: https://simpul.example/pemberitahuan/17\n\n"
        "--\n"
        "Surel otomatis dari Simpul Kab. Uji; mohon tidak dibalas.\n"
        "Anda menerimanya sebagai Plt. Operator kominfo.\n"
        "Cara menerima pemberitahuan: https://simpul.example/akun\n"
    )


def test_a_subject_is_one_short_line() -> None:
    assert subject(TOLD, Act.CLOSED, settings()) == (
        "[Simpul Kab. Uji] Selesai: Gangguan: Data orang belum terolah sejak 10 menit."
    )
    assert len(subject(TOLD, Act.RAISED, settings(place="x" * 300))) == 150


def test_a_digest_has_the_worst_first() -> None:
    mild = Told(NoticeId(18), Severity.INFO, State.OPEN, OPERATOR, "Token berakhir 30 hari lagi.", "", 1, NOW, NOW)
    over = Told(NoticeId(16), Severity.DISTURBANCE, State.CLOSED, OPERATOR, "Ruang disk tipis.", "", 1, NOW, NOW)

    text = digest([over, mild, TOLD], "Ayu", settings())

    assert "Ada 3 pemberitahuan sejak ringkasan terakhir, 2 belum selesai." in text
    titles = [line.strip() for line in text.splitlines() if line.startswith("  ") and "http" not in line]
    assert titles == [TOLD.title, mild.title, over.title]

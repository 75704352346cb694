"""From a step to messages: the office's people, delegates among them, the office above, digests, silence."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from identity.actors import Actor
from identity.permissions import Role
from jobs import notices_plan
from jobs.notices import Act, Severity, State, acknowledge, close_cause, raise_notice, silence
from jobs.notices_offices import MailWish, Preference, people_of_office, prefer
from jobs.notices_settings import NoticeSettings, SmtpSettings
from jobs.notices_views import counts, list_notices, mark_seen, notice
from tests.conftest import Database
from tests.jobs.offices import (
    ADMIN,
    KABID,
    NOW,
    OPERATOR,
    PENGAWAS,
    a_notice,
    add_opds,
    appoint,
    settings,
    worked,
)
from tests.jobs.test_notices import ALL

TOLD = settings(smtp=SmtpSettings(host="mail.example", sender="simpul@kominfo.example"))
BY = Actor("operator1", "person", Role.OPERATOR, "kominfo")
CAUSE = "watch:lag:opd.uji.orang"
Rows = list[tuple[Any, ...]]


class House:
    """An owner who appoints people, and the notifier's connection."""

    def __init__(self, owner: Connection[Any], conn: Connection[Any]) -> None:
        self.owner, self.conn = owner, conn

    def plan(self, now: datetime = NOW, told: NoticeSettings = TOLD) -> int:
        return notices_plan.plan(self.conn, told, now=now)

    def escalate(self, now: datetime) -> int:
        return notices_plan.escalate(self.conn, TOLD, worked, now=now)

    def mails(self) -> Rows:
        """Who was written which mail."""
        return self.conn.execute(
            "select p.name, s.act, d.mode, d.state, d.due_at from notice.delivery d"
            " join identity.person p on p.id = d.person join notice.step s on s.id = d.step"
            " where d.channel = 'email' order by d.id"
        ).fetchall()


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with database.connect(autocommit=True) as owner, database.connect("simpul_jobs", autocommit=True) as conn:
        add_opds(owner)
        yield House(owner, conn)


def test_everybody_in_the_office_is_told_and_nobody_else(house: House) -> None:
    for name, office in (("ayu", OPERATOR), ("bayu", OPERATOR), ("citra", KABID), ("dewi", ADMIN)):
        appoint(house.owner, name, office)
    raise_notice(house.conn, a_notice(), now=NOW)

    assert house.plan() == 1
    assert house.plan() == 0

    assert house.mails() == [
        ("ayu", "raised", "single", "due", NOW),
        ("bayu", "raised", "single", "due", NOW),
    ]


def test_a_delegate_whose_days_have_come_counts(house: House) -> None:
    today = NOW.date()
    appoint(house.owner, "ayu", KABID, until_on=date(2025, 12, 31))
    appoint(house.owner, "bayu", KABID, acting="Plt.", from_on=today, until_on=today)
    appoint(house.owner, "citra", KABID, acting="Plh.", from_on=today + timedelta(days=1), until_on=date(2026, 2, 1))

    found = people_of_office(house.conn, KABID, today)

    assert [(each.shown_name, each.acting) for each in found] == [("Bayu", "Plt.")]
    assert [each.shown_name for each in people_of_office(house.conn, KABID, date(2026, 1, 20))] == ["Citra"]


def test_who_is_dismissed_or_disabled_is_told_nothing(house: House) -> None:
    appoint(house.owner, "ayu", OPERATOR)
    appoint(house.owner, "bayu", OPERATOR)
    house.owner.execute("update identity.appointment set ended_at = now() where person_id = 1")
    house.owner.execute("update identity.person set disabled_at = now() where id = 2")

    assert people_of_office(house.conn, OPERATOR, NOW.date()) == []


def test_a_notice_for_an_empty_office_goes_up_at_once(house: House) -> None:
    appoint(house.owner, "citra", KABID)
    number = raise_notice(house.conn, a_notice(), now=NOW)

    house.plan()
    house.plan()

    assert house.mails() == [("citra", "escalated", "single", "due", NOW)]
    assert notice(house.conn, number).row.now_at == KABID


def test_a_notice_that_nobody_takes_goes_up_and_one_that_is_taken_does_not(house: House) -> None:
    appoint(house.owner, "ayu", OPERATOR)
    appoint(house.owner, "citra", KABID)
    left = raise_notice(house.conn, a_notice(cause="left"), now=NOW)
    taken = raise_notice(house.conn, a_notice(cause="taken"), now=NOW)
    house.plan()
    acknowledge(house.conn, taken, by=BY, now=NOW)

    assert house.escalate(NOW + timedelta(hours=3)) == 0
    later = NOW + timedelta(hours=4)
    assert house.escalate(later) == 1
    assert house.escalate(later) == 0
    house.plan(later)

    assert house.mails()[2:] == [("citra", "escalated", "single", "due", later)]
    assert notice(house.conn, left).row.escalations == 1
    assert notice(house.conn, taken).row.escalations == 0


def test_at_the_top_it_stops(house: House) -> None:
    number = raise_notice(house.conn, a_notice(), now=NOW)

    for _ in range(6):
        house.plan()

    view = notice(house.conn, number)
    assert [step.act for step in view.steps] == [Act.RAISED, Act.ESCALATED, Act.ESCALATED]
    assert view.row.state is State.OPEN


def test_on_a_day_off_only_what_is_urgent_goes_up(house: House) -> None:
    appoint(house.owner, "ayu", OPERATOR)
    friday, saturday = NOW + timedelta(days=4, hours=3), NOW + timedelta(days=5)
    raise_notice(house.conn, a_notice(cause="calm"), now=friday)
    raise_notice(house.conn, a_notice(cause="urgent", urgent=True), now=friday)
    house.plan(friday)

    assert house.escalate(saturday) == 1
    assert house.escalate(saturday + timedelta(days=2)) == 1


def test_a_silence_holds_back_mail_and_the_office_above(house: House) -> None:
    appoint(house.owner, "ayu", OPERATOR)
    number = raise_notice(house.conn, a_notice(severity=Severity.ATTENTION), now=NOW)
    house.plan()
    until = NOW + timedelta(days=2)
    silence(house.conn, number, until=until, by=BY, now=NOW, note="Perbaikan sedang berjalan.")

    assert house.escalate(NOW + timedelta(days=1, hours=2)) == 0
    assert house.escalate(until) == 1


def test_the_end_is_told_to_those_who_got_a_mail_and_what_was_due_is_dropped(house: House) -> None:
    appoint(house.owner, "ayu", OPERATOR)
    appoint(house.owner, "bayu", OPERATOR)
    raise_notice(house.conn, a_notice(), now=NOW)
    house.plan()
    house.conn.execute(
        "update notice.delivery set state = 'sent', sent_at = now()"
        " where channel = 'email' and person = (select id from identity.person where name = 'ayu')"
    )

    close_cause(house.conn, CAUSE, now=NOW)
    house.plan()

    assert house.mails() == [
        ("ayu", "raised", "single", "sent", NOW),
        ("bayu", "raised", "single", "dropped", NOW),
        ("ayu", "closed", "single", "due", NOW),
    ]


def test_a_cause_that_is_over_before_anybody_was_told_tells_nobody(house: House) -> None:
    appoint(house.owner, "ayu", OPERATOR)
    raise_notice(house.conn, a_notice(), now=NOW)
    close_cause(house.conn, CAUSE, now=NOW)

    house.plan()

    assert house.mails() == []
    assert house.conn.execute("select count(*) from notice.delivery").fetchone() == (0,)


def test_a_cause_that_comes_and_goes_waits_for_the_digest(house: House) -> None:
    appoint(house.owner, "ayu", OPERATOR)
    for minutes in (0, 10, 60):
        raise_notice(house.conn, a_notice(), now=NOW + timedelta(minutes=minutes))
        house.plan(NOW + timedelta(minutes=minutes))
        close_cause(house.conn, CAUSE, now=NOW + timedelta(minutes=minutes + 1))
        house.conn.execute("update notice.step set planned_at = now() where planned_at is null")

    assert [(act, mode) for _, act, mode, _, _ in house.mails()] == [
        ("raised", "single"),
        ("recurred", "member"),
        ("recurred", "single"),
    ]


def test_a_person_gets_one_digest_a_day_with_all_that_waits(house: House) -> None:
    ayu = appoint(house.owner, "ayu", OPERATOR)
    prefer(house.conn, ayu, Preference(MailWish.DIGEST, digest_hour=13), now=NOW)
    for name in ("one", "two"):
        raise_notice(house.conn, a_notice(cause=name), now=NOW)
    house.plan()

    def make(at: datetime) -> int:
        return notices_plan.make_digests(house.conn, TOLD, worked, now=at)

    at_13 = NOW.replace(hour=6)
    assert make(NOW) == 0
    assert make(at_13) == 1
    assert make(at_13 + timedelta(hours=1)) == 0
    members = (
        "select count(*) from notice.delivery m join notice.delivery d on d.id = m.in_digest where d.mode = 'digest'"
    )
    assert house.conn.execute(members).fetchone() == (2,)
    raise_notice(house.conn, a_notice(cause="three"), now=at_13)
    house.plan(at_13)
    assert make(at_13 + timedelta(hours=2)) == 0
    assert make(at_13 + timedelta(days=1)) == 1


def test_a_person_sees_what_he_has_not_looked_at(house: House) -> None:
    ayu = appoint(house.owner, "ayu", OPERATOR)
    number = raise_notice(house.conn, a_notice(), now=NOW)
    house.plan()

    assert counts(house.conn, ALL, person_id=ayu).unseen == 1
    assert [row.unseen for row in list_notices(house.conn, ALL, person_id=ayu)] == [True]
    mark_seen(house.conn, number, ayu, now=NOW)

    assert counts(house.conn, ALL, person_id=ayu).unseen == 0
    assert [row.unseen for row in list_notices(house.conn, ALL, person_id=ayu)] == [False]


def test_two_notifiers_share_the_steps(house: House, database: Database) -> None:
    appoint(house.owner, "ayu", OPERATOR)
    for name in ("one", "two"):
        raise_notice(house.conn, a_notice(cause=name), now=NOW)

    with database.connect("simpul_jobs") as other:
        other.execute("select 1 from notice.step where id = 1 for update")
        assert house.plan() == 1

    assert house.plan() == 1
    assert len(house.mails()) == 2


def test_a_notice_of_an_agency_goes_up_to_the_walidata(house: House) -> None:
    appoint(house.owner, "dewi", ADMIN)
    appoint(house.owner, "eka", PENGAWAS)
    number = raise_notice(house.conn, a_notice(office=ADMIN), now=NOW)
    house.plan()

    house.escalate(NOW + timedelta(hours=5))
    house.plan()

    assert [name for name, *_ in house.mails()] == ["dewi", "eka"]
    assert notice(house.conn, number).row.now_at == PENGAWAS


def test_whoever_holds_two_offices_is_told_of_one_matter_once(house: House) -> None:
    for name, office in (("ayu", PENGAWAS), ("bayu", PENGAWAS), ("bayu", ADMIN), ("dewi", ADMIN)):
        appoint(house.owner, name, office)

    def both(level: int) -> None:
        own = {"kind": "case.overdue", "severity": Severity.ATTENTION, "level": level}
        raise_notice(house.conn, a_notice(cause="case:tenggat:1", office=ADMIN, **own), now=NOW)
        above = a_notice(cause="case:tenggat:1:atasan", matter="case:tenggat:1", office=PENGAWAS, **own)
        raise_notice(house.conn, above, now=NOW)

    for level in (1, 2):
        both(level)
        house.plan()
    first, second = house.mails()[:3], house.mails()[3:]

    assert [(name, act) for name, act, *_ in first] == [("bayu", "raised"), ("dewi", "raised"), ("ayu", "raised")]
    assert [(name, act) for name, act, *_ in second] == [("bayu", "worse"), ("dewi", "worse"), ("ayu", "worse")]
    assert house.escalate(NOW + timedelta(days=3)) == 0  # the procedure says who is told above, and when
    close_cause(house.conn, "case:tenggat:1", now=NOW)
    raise_notice(house.conn, a_notice(cause="case:tenggat:1:atasan", office=PENGAWAS, level=3), now=NOW)
    house.plan()
    assert {name for name, *_ in house.mails()[6:]} == {"ayu", "bayu"}


def test_who_did_not_take_it_is_not_told_again_as_the_office_above(house: House) -> None:
    for name, office in (("ayu", OPERATOR), ("ayu", KABID), ("citra", KABID)):
        appoint(house.owner, name, office)
    raise_notice(house.conn, a_notice(), now=NOW)
    house.plan()

    assert house.escalate(NOW + timedelta(hours=5)) == 1
    house.plan(NOW + timedelta(hours=5))

    assert [(name, act) for name, act, *_ in house.mails()] == [("ayu", "raised"), ("citra", "escalated")]

"""The working calendar: the procedure's own examples, an independent count, and who may change a day."""

import json
import random
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base import pin_holidays
from base.calendar import Calendar, CalendarError, Change, Why, deadline, local_date, of_instance, pinned
from base.instance import load

ROOT = Path(__file__).resolve().parents[2]
JAKARTA, MAKASSAR = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar")
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def change(text: str, *, closed: bool, reason: str = "Pemungutan suara") -> Change:
    return Change(day(text), closed, reason, "SE 1/2026", "admin", NOW)


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return of_instance(load(ROOT / "instansi.toml"))


@pytest.mark.parametrize(
    ("start", "unit", "due"),
    [
        ("2026-03-17", "day", "2026-03-25"),
        ("2026-12-23", "day", "2026-12-28"),
        ("2026-01-31", "month", "2026-03-02"),
        ("2026-02-24", "month", "2026-03-25"),
        ("2026-04-30", "month", "2026-06-02"),
    ],
)
def test_due_dates_of_the_procedure(calendar: Calendar, start: str, unit: str, due: str) -> None:
    found = calendar.add_working_days(day(start), 1) if unit == "day" else calendar.add_month(day(start))

    assert found == day(due)


def test_a_case_through_its_twelve_stages_at_the_upper_limits(calendar: Calendar) -> None:
    limits = ["1d", "1d", "1m", "1m", "1m", "3d", "2d", "2d", "1d", "1d", "3d", "3d"]
    start, dues = day("2026-01-05"), []

    for limit in limits:
        count = int(limit[:-1])
        start = calendar.add_working_days(start, count) if limit.endswith("d") else calendar.add_month(start, count)
        dues.append(f"{start:%m-%d}")

    assert dues == [
        "01-06", "01-07", "02-09", "03-09", "04-09", "04-14", "04-16", "04-20", "04-21", "04-22", "04-27", "04-30",
    ]  # fmt: skip


@pytest.mark.parametrize(("year", "count"), [(2025, 237), (2026, 240), (2027, 242)])
def test_working_days_of_a_year(calendar: Calendar, year: int, count: int) -> None:
    assert calendar.working_days(year) == count


def slow_off() -> set[str]:
    """The days off as texts, read from the file without our calendar."""
    content = json.loads((ROOT / "base" / "holidays.json").read_text(encoding="utf-8"))
    return {entry["date"] for year in content["years"].values() for entry in year["days"]}


def test_a_thousand_random_dates_against_a_slow_count(calendar: Calendar) -> None:
    off, some = slow_off(), random.Random(20260105)

    def worked(ordinal: int) -> bool:
        return ordinal % 7 not in (6, 0) and date.fromordinal(ordinal).isoformat() not in off

    def days_later(ordinal: int, left: int) -> int:
        while left:
            ordinal += 1
            left -= worked(ordinal)
        return ordinal

    def month_later(ordinal: int) -> int:
        wanted, month = date.fromordinal(ordinal).day, date.fromordinal(ordinal).month % 12 + 1
        in_month = [later for later in range(ordinal, ordinal + 63) if date.fromordinal(later).month == month]
        ordinal = max(later for later in in_month if date.fromordinal(later).day <= wanted)
        return ordinal if worked(ordinal) else days_later(ordinal, 1)

    for _ in range(1_000):
        start, count = some.randint(day("2024-01-01").toordinal(), day("2027-06-30").toordinal()), some.randint(1, 40)
        entry, due = date.fromordinal(start), date.fromordinal(days_later(start, count))
        assert calendar.add_working_days(entry, count) == due
        assert calendar.add_month(entry) == date.fromordinal(month_later(start))
        assert calendar.working_days_between(entry, due) == count


@given(start=st.dates(day("2024-01-01"), day("2026-06-30")), some=st.integers(1, 60), more=st.integers(1, 60))
def test_days_add_up_and_end_on_a_worked_day(start: date, some: int, more: int) -> None:
    calendar = pinned()

    end = calendar.add_working_days(start, some + more)

    assert calendar.add_working_days(calendar.add_working_days(start, some), more) == end
    assert calendar.is_working_day(end)
    assert calendar.working_days_between(start, end) == some + more
    assert calendar.working_days_between(end, start) == -some - more


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2025-11-30", 3, "2026-03-02"),
        ("2027-11-30", 1, "2027-12-30"),
    ],
)
def test_months_are_clipped_and_go_over_the_year(start: str, months: int, due: str) -> None:
    assert pinned().add_month(day(start), months) == day(due)


@pytest.mark.parametrize(
    ("moment", "jakarta", "makassar"),
    [
        pytest.param("2026-01-05T00:00:00+00:00", "2026-01-05", "2026-01-05", id="midnight UTC"),
        pytest.param("2026-01-04T16:59:59+00:00", "2026-01-04", "2026-01-05", id="a second before midnight"),
        pytest.param("2026-01-04T17:00:00+00:00", "2026-01-05", "2026-01-05", id="midnight in Jakarta"),
        pytest.param("2026-01-05T06:30:00+07:00", "2026-01-05", "2026-01-05", id="the day before in UTC"),
    ],
)
def test_the_date_of_a_moment_is_the_offices(moment: str, jakarta: str, makassar: str) -> None:
    at = datetime.fromisoformat(moment)

    assert (local_date(at, JAKARTA), local_date(at, MAKASSAR)) == (day(jakarta), day(makassar))


def test_a_moment_without_a_zone_has_no_date() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        local_date(datetime(2026, 1, 5), JAKARTA)  # noqa: DTZ001 - the naive moment is the point


def test_a_deadline_is_the_last_second_of_its_day_in_the_offices_zone() -> None:
    assert deadline(day("2026-03-25"), JAKARTA).astimezone(UTC) == datetime(2026, 3, 25, 16, 59, 59, tzinfo=UTC)
    assert deadline(day("2026-03-25"), MAKASSAR).astimezone(UTC) == datetime(2026, 3, 25, 15, 59, 59, tzinfo=UTC)


def test_another_offices_closure_moves_its_dates_only(calendar: Calendar) -> None:
    elsewhere = of_instance(load(ROOT / "tests" / "instances" / "tanasari.toml"))

    assert elsewhere.add_working_days(day("2026-03-17"), 1) == day("2026-03-26")
    assert calendar.add_working_days(day("2026-03-17"), 1) == day("2026-03-25")
    assert elsewhere.working_days(2026) == 239
    (closure,) = [found for found in elsewhere.days_off(2026) if found.why is Why.LOCAL]
    assert (closure.name, closure.decree) == ("Hari jadi daerah", "Keputusan Bupati Tanasari 5/2026")


def test_an_administrator_closes_and_opens_days_and_the_last_word_holds(calendar: Calendar) -> None:
    closed = calendar.changed([change("2026-03-25", closed=True)])
    reopened = closed.changed([change("2026-03-25", closed=False)])
    leave_cancelled = calendar.changed([change("2026-03-18", closed=False)])

    assert closed.add_working_days(day("2026-03-17"), 1) == day("2026-03-26")
    assert closed.off[day("2026-03-25")].why is Why.ADDED
    assert reopened.add_working_days(day("2026-03-17"), 1) == day("2026-03-25")
    assert leave_cancelled.add_working_days(day("2026-03-17"), 1) == day("2026-03-18")
    assert leave_cancelled.opened[day("2026-03-18")].reason == "Pemungutan suara"
    assert calendar.working_days(2026) == reopened.working_days(2026) == closed.working_days(2026) + 1


def test_a_year_says_its_decree_or_that_it_has_none(calendar: Calendar) -> None:
    assert set(calendar.decrees) == {2024, 2025, 2026, 2027, 2028}
    assert [year for year, decree in calendar.decrees.items() if decree is None] == [2028]
    assert {found.decree for found in calendar.days_off(2028)} == {None}
    assert all(found.decree for year in range(2024, 2028) for found in calendar.days_off(year))
    assert not calendar.is_estimate(day("2026-03-17"), day("2027-03-17"))
    assert calendar.is_estimate(day("2027-12-28"), day("2028-01-05"))


def test_a_year_of_which_nothing_is_known_is_refused_and_not_guessed(calendar: Calendar) -> None:
    with pytest.raises(CalendarError, match="2024 sampai 2028; tahun 2029 belum ada"):
        calendar.add_month(day("2028-12-05"))
    with pytest.raises(CalendarError, match="tahun 2023 belum ada"):
        calendar.days_off(2023)


@pytest.mark.parametrize("count", [0, -1])
def test_no_days_are_no_deadline(calendar: Calendar, count: int) -> None:
    with pytest.raises(CalendarError, match="paling sedikit 1"):
        calendar.add_working_days(day("2026-01-05"), count)
    with pytest.raises(CalendarError, match="paling sedikit 1"):
        calendar.add_month(day("2026-01-05"), count)


def test_the_pinned_file_is_what_the_script_makes() -> None:
    """When this fails after a new version of `holidays`: look at what changed, then python -m base.pin_holidays."""
    assert pin_holidays.FILE.read_text(encoding="utf-8") == pin_holidays.text()


def test_days_that_are_off_twice_keep_their_national_name() -> None:
    office = load(ROOT / "tests" / "instances" / "tanasari.toml")
    moved = office.libur[0].model_copy(update={"tanggal": day("2026-08-17")})

    found = of_instance(office.model_copy(update={"libur": (moved,)})).off[day("2026-08-17")]

    assert (found.why, found.name) == (Why.NATIONAL, "Hari Kemerdekaan Republik Indonesia")


def test_every_day_off_is_in_its_own_year_once() -> None:
    days = [found.day for year in range(2024, 2029) for found in pinned().days_off(year)]

    assert days == sorted(set(days))
    assert len(slow_off()) == len(days)

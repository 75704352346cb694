"""Numbers, moments and durations as they are written in Indonesian."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from base import indonesian

AT = datetime(2026, 1, 5, 7, 5, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (1000, "1.000"), (1148611, "1.148.611"), (-12345, "-12.345")]
)
def test_whole_numbers_have_points(value: int, text: str) -> None:
    assert indonesian.number(value) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0.4, None, "0,4"),
        (1234.5, None, "1.234,5"),
        (1e-7, None, "0,0000001"),
        (Decimal("2.50"), None, "2,50"),
        (99.96, 1, "100,0"),
        (3.0, 0, "3"),
    ],
)
def test_decimals_have_a_comma(value: float | Decimal, places: int | None, text: str) -> None:
    assert indonesian.decimal(value, places) == text


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Asia/Jakarta", "5 Januari 2026 pukul 14.05 WIB"),
        ("Asia/Makassar", "5 Januari 2026 pukul 15.05 WITA"),
        ("Asia/Jayapura", "5 Januari 2026 pukul 16.05 WIT"),
    ],
)
def test_a_moment_is_told_in_the_zone_asked_for(zone: str, text: str) -> None:
    assert indonesian.moment(AT, ZoneInfo(zone)) == text
    assert indonesian.moment(AT.astimezone(ZoneInfo(zone))) == text


def test_a_short_moment() -> None:
    assert indonesian.short_moment(datetime(2026, 8, 18, 10, 2, tzinfo=UTC)) == "18 Agu, 10.02"


@pytest.mark.parametrize("tell", [indonesian.moment, indonesian.short_moment])
def test_a_moment_without_zone_is_refused(tell: object) -> None:
    with pytest.raises(ValueError, match="time zone"):
        tell(datetime(2026, 1, 5))  # type: ignore[operator]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 detik"),
        (0.04, "0 detik"),
        (0.4, "0,4 detik"),
        (9.94, "9,9 detik"),
        (9.95, "10 detik"),
        (59.6, "1 menit"),
        (125, "2 menit 5 detik"),
        (3600, "1 jam"),
        (3605, "1 jam"),
        (97_200, "1 hari 3 jam"),
        (86_400 * 1200, "1.200 hari"),
    ],
)
def test_a_duration_tells_its_two_largest_units(seconds: float, text: str) -> None:
    assert indonesian.duration(seconds) == text


@pytest.mark.parametrize("seconds", [-0.1, float("nan"), float("inf")])
def test_a_duration_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="duration"):
        indonesian.duration(seconds)

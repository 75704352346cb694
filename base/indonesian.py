"""Numbers, moments and durations as people here write them. Pure."""

from datetime import date, datetime, tzinfo
from decimal import Decimal

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
_WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_UNITS = ((86_400, "hari"), (3_600, "jam"), (60, "menit"), (1, "detik"))


def number(value: int) -> str:
    """1148611 -> "1.148.611"."""
    return f"{value:,}".replace(",", ".")


def decimal(value: float | Decimal, places: int | None = None) -> str:
    """0.4 -> "0,4"; 1234.5 -> "1.234,5". `places` fixes the number of decimal places, else as many as it has."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    text = f"{exact:,f}" if places is None else f"{exact:,.{places}f}"
    return text.translate(str.maketrans(",.", ".,"))


def day(on: date) -> str:
    """ "5 Januari 2026"."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def short_day(on: date) -> str:
    """ "5 Jan", for cards and narrow cells."""
    return f"{on.day} {_SHORT_MONTHS[on.month - 1]}"


def weekday(on: date) -> str:
    """ "Senin"."""
    return _WEEKDAYS[on.weekday()]


def moment(at: datetime, zone: tzinfo | None = None) -> str:
    """ "5 Januari 2026 pukul 14.05 WIB"; in `zone` if given, else in the moment's own. Naive is a ValueError."""
    local = _in_zone(at, zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year} pukul {local:%H.%M} {local.tzname()}"


def short_moment(at: datetime, zone: tzinfo | None = None) -> str:
    """ "18 Nov, 10.02"; in `zone` if given, else in the moment's own. Naive is a ValueError."""
    local = _in_zone(at, zone)
    return f"{local.day} {_SHORT_MONTHS[local.month - 1]}, {local:%H.%M}"


def duration(seconds: float) -> str:
    """The two largest units: "0,4 detik", "2 menit 5 detik", "1 hari 3 jam". Negative is a ValueError."""
    if not 0 <= seconds < float("inf"):
        raise ValueError("a duration is finite and not negative")
    if seconds < 9.95:
        tenths = round(float(seconds), 1)
        return f"{decimal(tenths, 0 if tenths.is_integer() else 1)} detik"
    rest = round(seconds)
    parts: list[tuple[int, str]] = []
    for size, name in _UNITS:
        count, rest = divmod(rest, size)
        if parts or count:
            parts.append((count, name))
    return " ".join(f"{number(count)} {name}" for count, name in parts[:2] if count)


def _in_zone(at: datetime, zone: tzinfo | None) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return at if zone is None else at.astimezone(zone)

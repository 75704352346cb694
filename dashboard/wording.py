"""The sentences of the pages, in Indonesian. Pure."""

from dataclasses import dataclass

from base.indonesian import decimal, duration, number
from dashboard.course import Lag, Rate
from dashboard.standing import Standing, Verdict, Whole

LONGEST_DETAIL = 200  # letters of one detail in a cell
FAST = 10.0  # events per second from which a rate is told per second
SMALL = {2: "dua", 3: "tiga", 4: "empat", 5: "lima", 6: "enam", 7: "tujuh", 8: "delapan", 9: "sembilan"}

# What stands at fault, for people; the codes of `schemas.rejection.Fault`.
FAULTS = {
    "wire": "Bentuk pesan",
    "schema": "Skema",
    "key": "Kunci pesan",
    "header": "Kepala pesan",
    "field": "Isian",
    "rule": "Aturan antarisian",
    "size": "Ukuran pesan",
    "database": "Batasan basis data",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A verdict for people: class and shape of the style sheet, and its word."""

    look: str
    shape: str
    word: str


def opening(tasks: int, troubles: int) -> str:
    """The start page's first sentence."""
    if not tasks and not troubles:
        return "Tidak ada yang menunggu Anda, dan tidak ada yang tidak beres."
    waiting = f"{_count(tasks)} hal menunggu Anda" if tasks else "Tidak ada yang menunggu Anda"
    wrong = f"{_count(troubles)} hal tidak beres" if troubles else "tidak ada yang tidak beres"
    text = f"{waiting} dan {wrong}." if tasks and troubles else f"{waiting}, tetapi {wrong}."
    return text[0].upper() + text[1:]


def _count(count: int) -> str:
    return "satu" if count == 1 else SMALL.get(count, number(count))


def sentence(whole: Whole) -> tuple[str, str]:
    """The state in one sentence, and what belongs beside it."""
    if not whole.standings:
        return "Belum ada dokumen pertukaran.", ""
    if whole.kafka_away:
        return "Kafka tidak menjawab.", "Angka di bawah adalah kejadian yang sudah diolah."
    if whole.resting:
        names = ", ".join(standing.document.name for standing in whole.resting[:3])
        return f"Data {names} dijeda.", "Dokumen lain berjalan terus. Sebabnya dan cara melanjutkannya: halaman Muatan."
    if whole.stuck:
        return _stuck(whole.stuck)
    tally, lag = whole.tally, whole.lag
    if lag is not None and lag.events:
        return _busy(lag, whole.rate)
    if not tally.records:
        count = len(whole.standings)
        return "Belum ada kejadian.", f"Hub siap menerima {SMALL.get(count, number(count))} dokumen dari OPD."
    beside = [f"{number(tally.parked)} ditunda"] if tally.parked else []
    beside += [f"{number(tally.dead)} dikembalikan kepada Produsen Data"] if tally.dead else []
    rest = f"{', '.join(beside)}." if beside else "Tidak ada yang ditunda atau dikembalikan."
    done = "Semua" if lag is not None else "Sejauh ini"
    return f"{done} {number(tally.records)} kejadian sudah diolah.", rest[0].upper() + rest[1:]


def badge(standing: Standing) -> Badge:
    match standing.verdict:
        case Verdict.RESTING:
            return Badge("bad", "held", "Dijeda")
        case Verdict.UNKNOWN:
            return Badge("known", "info", "Belum diketahui")
        case Verdict.STUCK:
            return Badge("bad", "late", "Pengolahan berhenti")
        case Verdict.RETURNING:
            return Badge("bad", "bad", f"{share(standing.tally.dead, standing.tally.records)} dikembalikan")
        case Verdict.BEHIND:
            return Badge("wait", "clock", "Tertinggal")
        case Verdict.BUSY:
            return Badge("known", "run", "Sedang diolah")
        case Verdict.WAITING:
            return Badge("wait", "park", f"{number(standing.tally.parked)} menunggu rujukan")
        case Verdict.SILENT:
            return Badge("known", "info", "Belum ada kejadian")
        case Verdict.SMOOTH:
            return Badge("ok", "ok", "Lancar")


def pace(rate: Rate | None) -> str:
    """ "1.520/detik", "22/menit", "0"; "–" while it is not known yet."""
    if rate is None:
        return "–"
    if rate.per_second >= FAST:
        return f"{number(round(rate.per_second))}/detik"
    whole = round(rate.per_minute)
    return f"{number(whole)}/menit" if whole else "0"


def events_pace(rate: Rate | None) -> str:
    """ "1.520 kejadian/detik", "0 kejadian/menit"; says so while it is not known yet."""
    if rate is None:
        return "laju belum diketahui"
    text = pace(rate)
    return text.replace("/", " kejadian/") if "/" in text else f"{text} kejadian/menit"


def waited(lag: Lag | None) -> str:
    """Seconds for a table: "0,4" below ten, else without decimals; "–" while unknown."""
    if lag is None:
        return "–"
    if not lag.events:
        return "0"
    return decimal(lag.seconds, 1) if lag.seconds < 9.95 else number(round(lag.seconds))


def share(part: int, of: int) -> str:
    """ "0,8 %" with a no-break space; "0 %" of nothing."""
    percent = 100 * part / of if of else 0.0
    places = 1 if 0 < percent < 9.95 else 0
    if 0 < percent < 0.05:
        return "di bawah 0,1\u00a0%"
    return f"{decimal(percent, places)}\u00a0%"


def brief(value: object) -> str:
    """A detail of the audit for a cell: texts as they are, lists with commas, yes and no as words."""
    match value:
        case None:
            return "–"
        case bool():
            return "ya" if value else "tidak"
        case list():
            return cut(", ".join(map(brief, value)), LONGEST_DETAIL)
        case dict():
            return cut(", ".join(f"{name} {brief(each)}" for name, each in value.items()), LONGEST_DETAIL)
        case _:
            return cut(str(value), LONGEST_DETAIL)


def cut(text: str, limit: int) -> str:
    """The picture's labels; the table beneath has the full text."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _stuck(stuck: tuple[Standing, ...]) -> tuple[str, str]:
    events = sum(standing.lag.events for standing in stuck if standing.lag)
    oldest = max(standing.lag.seconds for standing in stuck if standing.lag)
    names = ", ".join(standing.document.name for standing in stuck[:3])
    return (
        f"Pengolahan berhenti: {number(events)} kejadian belum terolah, tertua {duration(oldest)}.",
        f"Dokumen {names}. Data tetap aman di Kafka; mohon periksa proses worker dengan perintah ./simpul status.",
    )


def _busy(lag: Lag, rate: Rate | None) -> tuple[str, str]:
    known = rate is not None and rate.per_second >= 1
    pace_text = f", {pace(rate)}" if known else ""
    rest = f"Kira-kira selesai dalam {duration(max(1, round(lag.events / rate.per_second)))}." if rate and known else ""
    return f"{number(lag.events)} kejadian sedang diolah{pace_text}.", rest

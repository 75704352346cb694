"""A document's profile as it is told: each field on a day, what is usual, what jumped; no value of a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import decimal, number
from hub_db.profiles import store
from hub_db.profiles.jumps import FieldDay, Jump, Sort, enough, jumps, moved, since
from hub_db.profiles.shapes import Shape, shape_of, told
from schemas.contract import Contract, Field, Sensitivity
from schemas.names import TopicName

UNJUDGED = frozenset({"sumber_diubah"})  # moves with every day
LOOKED_BACK_DAYS = 7  # a profile that is older calls nobody
IsWorkingDay = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class FieldProfile:
    """One field: its newest day, the days that it is held against, and what jumped."""

    field: Field
    today: FieldDay
    before: tuple[FieldDay, ...]
    jumps: tuple[Jump, ...]

    @property
    def shape(self) -> Shape:
        return shape_of(self.field)

    @property
    def is_open(self) -> bool:
        """Whether its values may be named."""
        return self.field.sensitivity is Sensitivity.UMUM and not self.field.specific

    @property
    def codes(self) -> dict[str, float]:
        """The share of each code among the values, the commonest first; of open fields only."""
        if self.shape is not Shape.CODES or not self.is_open:
            return {}
        return dict(sorted(self.today.shares().items(), key=lambda each: (-each[1], each[0])))

    @property
    def full_days(self) -> int:
        """Days with enough rows that it is held against."""
        return sum(map(enough, self.before))

    @property
    def sentences(self) -> list[str]:
        return [sentence(self, each) for each in self.jumps]


@dataclass(frozen=True, slots=True)
class Profile:
    """A document on its newest day."""

    contract: Contract
    day: date
    fields: tuple[FieldProfile, ...]

    @property
    def jumped(self) -> list[FieldProfile]:
        return [each for each in self.fields if each.jumps]

    @property
    def seen(self) -> int:
        return max((each.today.seen for each in self.fields), default=0)

    @property
    def looked_at(self) -> int:
        return max((each.today.looked_at for each in self.fields), default=0)


def profile(conn: Connection[TupleRow], contract: Contract, day: date, worked: IsWorkingDay) -> Profile:
    """A document's fields on a day, in the contract's order; those without rows that day are left out."""
    found = store.days(conn, contract.topic, since(day, worked), day)
    fields = []
    for field in contract.fields:
        *before, last = found.get(field.name, [None])
        if last is None or last.day != day:
            continue
        past = tuple(each for each in before if each is not None)
        judged = () if field.name in UNJUDGED else tuple(jumps(shape_of(field), last, past, worked))
        fields.append(FieldProfile(field, last, past, judged))
    return Profile(contract, day, tuple(fields))


def newest_profile(
    conn: Connection[TupleRow], contract: Contract, today: date, worked: IsWorkingDay, *, day: date | None = None
) -> Profile | None:
    """The document on a day, or on its newest one; None when it has no profile of that day, or none lately."""
    on = day or store.newest_day(conn, contract.topic, today)
    found = None if on is None else profile(conn, contract, on, worked)
    return found if found is not None and found.fields else None


def newest(conn: Connection[TupleRow], today: date) -> dict[TopicName, date]:
    """The newest judged day of each document, if it is not too long ago."""
    return store.newest_days(conn, today - timedelta(days=LOOKED_BACK_DAYS))


def sentence(found: FieldProfile, jump: Jump) -> str:
    """What jumped, without a value of a field that is not open."""
    if jump.sort is Sort.NULLS:
        return f"kosong {percent(jump.now)}, biasanya {percent(jump.usual)}"
    if jump.sort is Sort.DIFFERENT:
        return f"{number(round(jump.now))} nilai berbeda, biasanya {number(round(jump.usual))}"
    return _spread(found, jump)


def _spread(found: FieldProfile, jump: Jump) -> str:
    if found.shape is Shape.CODES:
        if not found.is_open:
            return f"sebaran kode bergeser pada {percent(jump.now)} baris"
        codes = moved(found.today, found.before, most=2)
        told_codes = "; ".join(f"{code} {percent(now)}, biasanya {percent(usual)}" for code, now, usual in codes)
        return f"sebaran kode bergeser: {told_codes}"
    what = {Shape.LENGTHS: "panjang teks", Shape.SIZES: "besar angka", Shape.AGES: "tanggal"}[found.shape]
    usual = [middle(found.shape, each) for each in found.before if enough(each) and each.values]
    now = middle(found.shape, found.today)
    then = sorted(each for each in usual if each is not None)
    if now is None or not then:
        return f"sebaran {what} bergeser"
    words = [told(found.shape, place, found.today.day) for place in (now, then[len(then) // 2])]
    return f"{what} bergeser" if words[0] == words[1] else f"{what} {words[0]}, biasanya {words[1]} (nilai tengah)"


def middle(shape: Shape, day: FieldDay) -> int | None:
    """The class in which the middle of a day's values lies; None for codes."""
    if shape is Shape.CODES or not day.counts:
        return None
    left = sum(day.counts.values()) / 2
    for place in sorted(map(int, day.counts)):
        left -= day.counts[str(place)]
        if left <= 0:
            return place
    return None


def percent(share: float) -> str:
    return f"{decimal(share * 100, 1)}\N{NO-BREAK SPACE}%"

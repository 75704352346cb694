"""Eight weeks of a document's fields, made day by day as an agency's system would send them, with faults on demand.

Rates: `python -m tests.hub_db.profile_histories [documents]` tells how often clean days are called and faults found.
"""

import dataclasses
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

import numpy as np

from hub_db.profiles.jumps import FieldDay, Jump, jumps, since
from hub_db.profiles.shapes import Shape

FIRST = date(2026, 1, 5)  # a Monday
DAYS = 63
JUDGED = range(42, DAYS)  # places of days with a history behind them
FAULTS = ("null", "half null", "codes", "one value", "times 1000", "a third")


def worked(day: date) -> bool:
    return day.weekday() < 5


@dataclass(frozen=True, slots=True)
class Field:
    """How a field's values come about. `wave`: how much its shares move from day to day; `monday`: of another kind."""

    name: str
    shape: Shape
    nulls: float
    values: int  # that there are
    wave: float
    monday: float  # share of a Monday's rows that come from another part of the office


FIELDS = (
    Field("kode pasti", Shape.CODES, 0.0, 2, 0.02, 0.0),
    Field("kode banyak", Shape.CODES, 0.02, 40, 0.15, 0.0),
    Field("kode senin", Shape.CODES, 0.01, 8, 0.05, 0.6),
    Field("teks", Shape.LENGTHS, 0.10, 5_000, 0.03, 0.0),
    Field("teks jarang", Shape.LENGTHS, 0.95, 50, 0.03, 0.0),
    Field("angka", Shape.SIZES, 0.05, 2_000, 0.10, 0.0),
    Field("angka senin", Shape.SIZES, 0.0, 300, 0.05, 0.5),
    Field("tanggal", Shape.AGES, 0.0, 9_000, 0.05, 0.0),
    Field("tanggal dekat", Shape.AGES, 0.3, 60, 0.10, 0.3),
)


def history(field: Field, random: Random, *, volume: int) -> list[FieldDay]:
    """The days of a field, one after another."""
    weights = np.array([1 / (place + 1) for place in range(field.values)])
    own = np.random.default_rng(random.getrandbits(32))
    return [_day(field, own, weights, FIRST + timedelta(days=place), volume) for place in range(DAYS)]


def _day(field: Field, own: np.random.Generator, weights: "np.ndarray", day: date, volume: int) -> FieldDay:
    rows = max(1, int(volume * own.lognormal(0, 0.5))) if worked(day) else int(own.integers(0, 30))
    share = min(0.99, max(0.0, field.nulls * own.lognormal(0, field.wave)))
    nulls = int(own.binomial(rows, share)) if field.nulls else 0
    today = weights * own.lognormal(0, field.wave, len(weights))
    drawn = own.choice(len(weights), size=rows - nulls, p=today / today.sum())
    monday = day.weekday() == 0 and field.monday > 0
    if monday:
        turned = own.random(len(drawn)) < field.monday
        drawn = np.where(turned, len(weights) - 1 - drawn, drawn)
    different = len(set(drawn.tolist()))
    estimated = max(0, round(different * own.normal(1, 0.04)))
    counts = Counter(_place(field.shape, int(each)) for each in drawn)
    return FieldDay(day, rows, rows, nulls, min(estimated, rows - nulls), counts)


def _place(shape: Shape, drawn: int) -> str:
    """Neighbours in rank are far apart in length, size and age, as they are in life."""
    mixed = drawn * 7919 % 10_007
    if shape is Shape.CODES:
        return f"k{drawn}"
    return str({Shape.LENGTHS: 3 + mixed % 38, Shape.SIZES: 44 + mixed % 17, Shape.AGES: mixed % 76}[shape])


def faulty(field: Field, day: FieldDay, fault: str) -> FieldDay | None:
    """The day with a fault; None where the field cannot have it."""
    values, shift = day.values, 12  # classes from a number to 1,000 times it
    if fault in ("null", "half null"):
        if field.nulls > 0.4:
            return None
        kept = 0 if fault == "null" else values // 2
        counts = {place: count // 2 for place, count in day.counts.items()} if kept else {}
        return replace(day, nulls=day.looked_at - kept, counts=counts, different=min(day.different, kept))
    if fault == "codes" and field.shape is Shape.CODES:
        return replace(day, counts={f"x{place}": count for place, count in day.counts.items()})
    if fault == "one value" and field.nulls < 0.9:
        return replace(day, counts={_place(field.shape, 0): values}, different=1)
    if fault == "times 1000" and field.shape is Shape.SIZES:
        return replace(day, counts={str(int(place) + shift): count for place, count in day.counts.items()})
    if fault == "a third" and field.shape is Shape.CODES and field.values > 2:
        moved = Counter(day.counts)
        for place in list(moved):
            moved["baru"] += (gone := round(moved[place] * 0.35))
            moved[place] -= gone
        return replace(day, counts=dict(moved))
    return None


def called(field: Field, days: list[FieldDay], place: int, today: FieldDay | None = None) -> list[Jump]:
    """What is called on a day."""
    judged = today or days[place]
    first = since(judged.day, worked)
    return jumps(field.shape, judged, [each for each in days[:place] if each.day >= first], worked)


@dataclass(slots=True)
class Rates:
    """What was judged, and what was called."""

    clean: int = 0
    false: int = 0
    planted: Counter[str] = dataclasses.field(default_factory=Counter)
    found: Counter[str] = dataclasses.field(default_factory=Counter)


def rates(documents: int, seed: int, *, volumes: tuple[int, ...] = (300, 1_000, 5_000)) -> Rates:
    """Many documents of all fields: each clean day is judged, and each fault on one of them."""
    random, told = Random(seed), Rates()
    for number in range(documents):
        volume = volumes[number % len(volumes)]
        for field in FIELDS:
            days = history(field, random, volume=volume)
            for place in JUDGED:
                if days[place].looked_at >= 200:
                    told.clean += 1
                    told.false += bool(called(field, days, place))
            worked_days = [place for place in JUDGED if days[place].looked_at >= 200]
            if not worked_days:
                continue
            place = random.choice(worked_days)
            for fault in FAULTS:
                today = faulty(field, days[place], fault)
                if today is not None:
                    told.planted[fault] += 1
                    told.found[fault] += bool(called(field, days, place, today))
    return told


def shares(told: Rates) -> Mapping[str, float]:
    return {fault: told.found[fault] / told.planted[fault] for fault in told.planted}


def main(documents: int) -> None:
    for seed in (20261129, 70707, 31415926):
        told = rates(documents, seed)
        sys.stdout.write(
            f"seed {seed}: {told.false} of {told.clean} clean field-days called; found {dict(shares(told))}\n"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)

"""Profiles of fields: what is measured, that it adds up, and that a fault is told from a day like others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_db import provision
from hub_db.connection import transaction
from hub_db.profiles import shapes, store
from hub_db.profiles.jumps import FieldDay, Sort, centre, distance, jumps, since
from hub_db.profiles.measures import Measured, add, measure
from hub_db.profiles.reading import profile
from hub_db.profiles.shapes import Shape
from schemas.contract import Contract
from schemas.names import FieldName, SchemaId
from schemas.rules import dtypes
from tests.conftest import Database
from tests.hub_db.documents import NOW, contract, text
from tests.hub_db.profile_histories import FIELDS, JUDGED, called, faulty, history, rates, worked

ON = date(2026, 1, 30)
OF = "\N{NO-BREAK SPACE}%"


def field(name: str, kind: Any, sensitivity: str = "umum", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "doc": name, "sensitivity": sensitivity, **more}


DATE = {"type": "int", "logicalType": "date"}
SHOPS = contract(
    "toko",
    "nomor",
    text("nomor", maxLength=20),
    field("jenis", "string", enum=["A", "B", "C"]),
    field("golongan", "string", "pribadi", enum=["X", "Y"]),
    field("omzet", ["null", "long"], "pribadi", default=None),
    field("pekerja", "int"),
    field("lahir", DATE, "pribadi"),
    field("buka", DATE),
    sensitivity="pribadi",
)


def shop(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "nomor": f"n{number}",
        "jenis": "AAB"[number % 3],
        "golongan": "XY"[number % 2],
        "omzet": 1_000 + number,
        "pekerja": 1 + number % 9,
        "lahir": date(1980, 1, 1) + timedelta(days=number % 500),
        "buka": date(2025, 12, 1) + timedelta(days=number % 30),
        "sumber_diubah": NOW,
    }
    return row | changes


def frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dtypes(SHOPS.fields), orient="row")


def of(rows: Sequence[Mapping[str, Any]], name: str, on: date = ON) -> Measured:
    return measure(SHOPS, frame(rows), on)[FieldName(name)]


def test_a_field_is_measured_by_shares_and_shapes() -> None:
    rows = [shop(n, omzet=None if n < 25 else 10 ** (n % 3 + 3)) for n in range(100)]

    omzet, jenis, nomor = (of(rows, name) for name in ("omzet", "jenis", "nomor"))

    assert (omzet.looked_at, omzet.nulls, omzet.different) == (100, 25, 3)
    assert {round(shapes.size_at(int(place))): count for place, count in omzet.counts.items()} == {
        1_000: 25,
        10_000: 25,
        100_000: 25,
    }
    assert jenis.counts == {"A": 67, "B": 33}
    assert nomor.counts == {"2": 10, "3": 90}  # letters
    assert abs(nomor.different - 100) <= 5


def test_lowest_and_highest_are_kept_of_open_fields_only() -> None:
    found = measure(SHOPS, frame([shop(n) for n in range(50)]), ON)

    assert {name: (each.low, each.high) for name, each in found.items() if each.low or each.high} == {
        "pekerja": ("1", "9"),
        "buka": ("2025-12-01", "2025-12-30"),
        "sumber_diubah": (NOW.isoformat(), NOW.isoformat()),
    }


@pytest.mark.parametrize("values", [10, 1_000, 30_000], ids=str)
def test_how_many_values_differ_is_estimated_within_a_tenth(values: int) -> None:
    column = pl.Series(range(values)).sample(values * 3, with_replacement=True, seed=values)
    rows = frame([shop(0)]).select(pl.exclude("pekerja")).join(column.cast(pl.Int32).to_frame("pekerja"), how="cross")

    found = measure(SHOPS, rows, ON)[FieldName("pekerja")]

    assert abs(found.different - column.n_unique()) <= max(1, column.n_unique() * 0.1)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 300), min_size=2, max_size=60), st.integers(1, 59))
def test_measures_of_parts_add_up_to_that_of_the_whole(numbers: list[int], cut: int) -> None:
    rows = [shop(n, omzet=None if n % 4 == 0 else n) for n in numbers]
    cut = min(cut, len(rows) - 1)
    parts, whole = (measure(SHOPS, frame(each), ON) for each in (rows[:cut], rows))
    rest = measure(SHOPS, frame(rows[cut:]), ON)

    for each in SHOPS.fields:
        summed = add(each, parts[each.name], rest[each.name])
        expected = whole[each.name]
        assert (summed.looked_at, summed.nulls, summed.different) == (
            expected.looked_at,
            expected.nulls,
            expected.different,
        )
        assert (summed.counts, summed.low, summed.high) == (expected.counts, expected.low, expected.high)


def test_a_class_tells_a_value_roughly() -> None:
    ages = pl.Series([ON, ON - timedelta(days=365), ON + timedelta(days=40)])

    places = [int(each) for each in shapes.ages(ages, ON)]

    assert [round(shapes.age_at(place)) for place in places] == [0, 374, -41]
    assert shapes.told(Shape.AGES, places[1], ON) == "sekitar 01/2025"
    assert shapes.told(Shape.SIZES, int(shapes.sizes(pl.Series([1_234.0]))[0]), ON) == "sekitar 1.000"


def test_days_are_held_against_eight_working_weeks() -> None:
    assert since(date(2026, 3, 2), worked) == date(2026, 1, 5)


def test_a_shift_of_classes_is_as_far_as_it_reaches() -> None:
    assert distance(Shape.SIZES, {"40": 0.5, "41": 0.5}, {"52": 0.5, "53": 0.5}) == pytest.approx(12)
    assert distance(Shape.CODES, {"a": 0.5, "b": 0.5}, {"a": 0.9, "c": 0.1}) == pytest.approx(0.5)
    assert centre([{"a": 1.0}, {"a": 0.5, "b": 0.5}, {"a": 0.6, "b": 0.4}]) == {"a": 0.6, "b": 0.4}


def test_each_fault_of_a_field_is_found_and_the_day_without_it_is_not() -> None:
    own = Random(20261129)
    missed, false = [], []
    for each in FIELDS:
        days = history(each, own, volume=800)
        place = next(place for place in reversed(JUDGED) if days[place].looked_at >= 400)
        false += [each.name] if called(each, days, place) else []
        for fault in ("null", "half null", "codes", "one value", "times 1000"):
            today = faulty(each, days[place], fault)
            if today is not None and not called(each, days, place, today):
                missed.append((each.name, fault))

    assert (missed, false) == ([], [])


def test_clean_days_are_hardly_ever_called() -> None:
    """`docs/explanation/profiles.md` has the rates of many documents."""
    found = rates(1, 20261129, volumes=(900,))

    assert found.clean > 100
    assert found.false == 0


def test_what_happens_each_monday_is_no_news() -> None:
    each = next(field for field in FIELDS if field.name == "kode senin")
    days = history(each, Random(7), volume=2_000)
    place = next(place for place in reversed(JUDGED) if days[place].day.weekday() == 0)
    renamed = faulty(each, days[place], "codes")

    assert called(each, days, place) == []
    assert distance(each.shape, days[place].shares(), days[place + 1].shares()) > 0.25
    assert [jump.sort for jump in called(each, days, place, renamed)] == [Sort.SPREAD]


def test_a_day_with_few_rows_or_a_short_past_is_not_judged() -> None:
    each = FIELDS[0]
    days = history(each, Random(3), volume=1_000)
    place = JUDGED[-3]
    empty = replace(days[place], nulls=days[place].looked_at, counts={})
    before = [day for day in days[:place] if day.looked_at >= 200]

    assert jumps(each.shape, empty, before[-10:], worked) != []
    assert jumps(each.shape, empty, before[-9:], worked) == []
    assert jumps(each.shape, replace(empty, looked_at=199, nulls=199), before, worked) == []


def enter(database: Database, told: Contract, days: Sequence[tuple[date, Sequence[Mapping[str, Any]]]]) -> None:
    with database.connect() as conn:
        provision(conn, told, SchemaId(1))
        for day, rows in days:
            with transaction(conn):
                store.add(conn, told, day, len(rows), measure(told, frame(rows), day))


def test_what_is_added_to_a_day_in_parts_is_the_day(database: Database) -> None:
    rows = [shop(n) for n in range(300)]
    enter(database, SHOPS, [(ON, rows[:100]), (ON, rows[100:]), (ON - timedelta(days=1), rows[:5])])

    with database.connect() as conn:
        found = store.days(conn, SHOPS.topic, ON, ON)

    whole = measure(SHOPS, frame(rows), ON)
    assert {name: each[0] for name, each in found.items()} == {
        name: FieldDay(ON, 300, 300, each.nulls, each.different, each.counts, each.low, each.high)
        for name, each in whole.items()
    }


def test_a_told_jump_names_codes_of_open_fields_and_no_value_of_others(database: Database) -> None:
    workdays = [ON - timedelta(days=n) for n in range(40, 0, -1) if worked(ON - timedelta(days=n))]
    usual = [(day, [shop(n) for n in range(250)]) for day in workdays]
    wrong = [shop(n, jenis="C", golongan="X", omzet=1_000_000, lahir=date(1900, 1, 1)) for n in range(250)]
    enter(database, SHOPS, [*usual, (ON, wrong)])

    with database.connect() as conn:
        found = profile(conn, SHOPS, ON, worked)
        store.begin_anew(conn, SHOPS.topic, FieldName("jenis"), ON, by="uji", reason="Kode baru sejak hari ini.")
        after = profile(conn, SHOPS, ON, worked)

    told = {str(each.field.name): each.sentences for each in found.jumped}
    assert told == {
        "jenis": [f"sebaran kode bergeser: C 100,0{OF}, biasanya 0,0{OF}; A 0,0{OF}, biasanya 66,8{OF}"],
        "golongan": [f"sebaran kode bergeser pada 50,0{OF} baris"],
        "omzet": [
            "1 nilai berbeda, biasanya 249",
            "besar angka sekitar 1.000.000, biasanya sekitar 1.000 (nilai tengah)",
        ],
        "lahir": [
            "1 nilai berbeda, biasanya 250",
            "tanggal sekitar tahun 1896, biasanya sekitar tahun 1980 (nilai tengah)",
        ],
    }
    assert "1900-01-01" not in str(told)
    assert [str(each.field.name) for each in after.jumped] == ["golongan", "omzet", "lahir"]

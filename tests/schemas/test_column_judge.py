"""The judge of columns says clean only of rows that the validator accepts with exactly these values."""

import math
import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.synthetic.kinds import KINDS
from producers.synthetic.scenario import Scenario
from producers.wilayah import villages_of
from schemas import event_key
from schemas.column_judge import ColumnJudge
from schemas.contract import Contract, Field, Kind, Value
from schemas.field_types import FIRST_DAYS, FIRST_MS, LAST_DAYS, LAST_MS
from schemas.formats import FORMATS, Check, Format
from schemas.loader import read
from schemas.names import SchemaId
from schemas.rejection import Rejection
from schemas.validator import Validator
from schemas.wire.avro import Reader, Writer, days, unscaled
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.cursor import Spans
from schemas.wire.framing import HEAD_BYTES
from tests.schemas.contracts import INSTANCE, REGION, RESIDENT, TODAY, penduduk, schema_of, wilayah


def any_format() -> Contract:
    """A document with a field of every format, and of every limit that a contract can set."""
    schema = schema_of(penduduk())
    schema["contract"] |= {"rules": [], "key": ["kunci", "kode"]}
    plain = {"doc": "Uji", "sensitivity": "umum"}
    optional = {"default": None, **plain}
    fields: list[dict[str, Any]] = [
        {"name": "kunci", "type": "string", **plain, "maxLength": 20},
        {"name": "kode", "type": "string", **plain, "pattern": "[A-Z|/]{1,4}"},
        {"name": "pola", "type": ["null", "string"], **optional, "pattern": "[a-z ]+", "maxLength": 9},
        {"name": "bebas", "type": ["null", "string"], **optional},
        {"name": "jumlah", "type": ["null", "int"], **optional, "minimum": -5, "maximum": 7},
        {"name": "banyak", "type": ["null", "long"], **optional, "minimum": 0},
        {"name": "bagian", "type": ["null", "double"], **optional, "minimum": -0.5, "maximum": 1.5},
        {"name": "benar", "type": ["null", "boolean"], **optional},
        {"name": "uang", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}],
         **optional, "minimum": "-1.5", "maximum": "12345.678"},
        {"name": "lahir", "type": ["null", {"type": "int", "logicalType": "date"}], **optional,
         "minimum": "1900-01-01", "maximum": "today"},
    ]  # fmt: skip
    for name, form in FORMATS.items():
        kind = "double" if form.kind is Kind.DOUBLE else "string"
        fields.append({"name": f"f_{name.replace('-', '_')}", "type": ["null", kind], **optional, "format": name})
    schema["fields"] = [*fields, {"name": "sumber_diubah", "type": TIMESTAMP, **plain}]
    return read(schema, file="uji.avsc")


TIMESTAMP = {"type": "long", "logicalType": "timestamp-millis"}
CONTRACTS = [penduduk(), wilayah(), any_format()]
GOOD: dict[str, dict[str, Any]] = {
    CONTRACTS[0].name: RESIDENT,
    CONTRACTS[1].name: REGION,
}
JUDGES = {contract.fields: ColumnJudge(contract) for contract in CONTRACTS}
VALIDATORS = {contract.fields: Validator(contract) for contract in CONTRACTS}
READERS = {contract.fields: Reader(contract.schema) for contract in CONTRACTS}


def near(form: Format) -> st.SearchStrategy[str]:
    """Texts of the format, and texts that nearly are."""
    good = st.from_regex(f"^(?:{form.pattern})$".replace("$", r"\Z"))
    return st.one_of(good, good, good.map(str.lower), good.map(lambda text: f" {text}"), good.map(lambda t: t + "\n"))


NASTY = st.sampled_from(["", " ", "\x00", "A\nB", "A\u202eB", "\u2067", "\x85", "e\u0301", "\u00ad", "a|b", "\u200b"])
TEXTS = st.one_of(
    NASTY,
    st.text(string.ascii_letters + string.digits + " .'|-/", max_size=70),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(["A" * 60, "A" * 61, "é" * 60, "x" * 2_000, "x" * 2_001]),
)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Physical values of a field's type: good ones, those at its limits, anything."""
    match field.kind:
        case Kind.STRING:
            form = FORMATS[field.format] if field.format else None
            own = [near(form)] if form else [st.from_regex(field.pattern, fullmatch=True)] if field.pattern else []
            words = [st.sampled_from(field.enum)] if field.enum else []
            return st.one_of(*own, *words, st.sampled_from("1234567890"), TEXTS)
        case Kind.INT:
            return st.integers(-(2**31), 2**31 - 1) | st.integers(-7, 9)
        case Kind.LONG:
            return st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2)
        case Kind.DOUBLE:
            return st.floats() | st.sampled_from([-0.0, 0.0, 1.5, -0.5, 6.0, 6.1, 95.0, 141.0, 112.0])
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.DATE:
            edges = [FIRST_DAYS, LAST_DAYS, days(TODAY), days(date(1900, 1, 1))]
            return st.sampled_from([edge + by for edge in edges for by in (-1, 0, 1)]) | st.integers(
                -(2**31), 2**31 - 1
            )
        case Kind.TIMESTAMP:
            return st.sampled_from([FIRST_MS - 1, FIRST_MS, LAST_MS, LAST_MS + 1, 0]) | st.integers(-(2**63), 2**63 - 1)
        case Kind.DECIMAL:
            near_limit = st.integers(-200, 1_300_000).map(lambda cents: unscaled(Decimal(cents).scaleb(-2), 2))
            return near_limit | st.binary(max_size=10)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Contract, list[dict[str, Any]]]:
    """A contract and rows: a good one bent in a few fields, or made of anything."""
    contract = draw(st.sampled_from(CONTRACTS))
    writer = Writer(contract)
    base = GOOD.get(contract.name)
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        if base is not None and contract is not CONTRACTS[2]:
            row = writer.physical(base)
            changed = draw(st.lists(st.sampled_from(contract.fields), max_size=3))
        else:
            row = dict.fromkeys((field.name for field in contract.fields), None) | {
                "kunci": "k", "kode": "A", "sumber_diubah": 0,
            }  # fmt: skip
            changed = draw(st.lists(st.sampled_from(contract.fields), max_size=5))
        for field in changed:
            row[field.name] = draw(st.none() | values_of(field) if field.nullable else values_of(field))
        rows.append(row)
    return contract, rows


@given(case=cases())
def test_what_is_clean_the_validator_accepts_as_it_is(case: tuple[Contract, list[dict[str, Any]]]) -> None:
    contract, rows = case
    bodies = [Writer(contract).write_physical(row) for row in rows]

    for place, (key, row) in clean_rows(contract, bodies).items():
        decoded = READERS[contract.fields].read(bodies[place])
        assert isinstance(decoded, dict)
        verdict = VALIDATORS[contract.fields].check(decoded, accepted_on=TODAY)
        assert isinstance(verdict, dict), [found.sentence() for found in verdict]
        assert list(row) == list(verdict)
        assert repr(row) == repr(verdict).replace("datetime.timezone.utc", "zoneinfo.ZoneInfo(key='UTC')")
        assert key == event_key.of_values(contract, verdict)
        assert event_key.read(key.encode()) == key


def clean_rows(contract: Contract, bodies: list[bytes]) -> dict[int, tuple[str, dict[str, Value]]]:
    """Place → key and row, of the clean ones."""
    reader = ColumnReader.of(contract, contract.schema)
    assert reader is not None
    physical, places = reader.read(Spans.of(bodies))
    rows, keys, clean = JUDGES[contract.fields].judge(physical, TODAY)
    found = zip(places[clean.to_numpy()].tolist(), keys.filter(clean), rows.filter(clean).rows(named=True), strict=True)
    return {place: (key, row) for place, key, row in found}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    regions, residents = penduduk(), wilayah()
    ids = {regions.topic: SchemaId(1), residents.topic: SchemaId(2)}
    return Scenario(wilayah(), penduduk(), ids, villages=villages_of(INSTANCE.kode), count=3_000, seed=11)


def test_planned_events_are_clean_exactly_when_they_are_good(scenario: Scenario) -> None:
    contract = penduduk()
    events = [event for event in scenario.population() if event.value is not None and len(event.value) > HEAD_BYTES]

    clean = clean_rows(contract, [(event.value or b"")[HEAD_BYTES:] for event in events])

    # what is wrong with the others lies outside of the body
    outside = {"other-key", "no-key", "unknown-schema", "wrong-magic"} | {
        name for name, kind in KINDS.items() if kind.bend_headers is not None
    }
    assert {event.kind for place, event in enumerate(events) if place in clean and event.expected == "dead"} <= outside
    assert [event.kind for place, event in enumerate(events) if place not in clean and event.expected != "dead"] == []


def test_every_region_of_the_country_is_clean(scenario: Scenario) -> None:
    bodies = [event.value[HEAD_BYTES:] for event in scenario.regions() if event.value]

    assert len(clean_rows(wilayah(), bodies)) == len(bodies)


def test_today_is_the_day_of_acceptance() -> None:
    contract = penduduk()
    body = Writer(contract).write(RESIDENT | {"tanggal_lahir": TODAY})
    reader = ColumnReader.of(contract, contract.schema)
    assert reader is not None
    physical, _ = reader.read(Spans.of([body]))
    judge = JUDGES[contract.fields]

    assert judge.judge(physical, TODAY)[2].to_list() == [True]
    assert judge.judge(physical, TODAY - timedelta(days=1))[2].to_list() == [False]


CHECKS = [
    pytest.param(form, check, id=check.code) for form in FORMATS.values() for check in form.checks
]  # fmt: skip


@pytest.mark.parametrize(("form", "check"), CHECKS)
@given(data=st.data())
def test_a_checks_twin_passes_nothing_that_the_check_refuses(form: Format, check: Check, data: st.DataObject) -> None:
    assert check.column is not None
    strategy: st.SearchStrategy[Any] = (
        st.floats(-200, 200) if form.pattern is None else st.from_regex(form.pattern, fullmatch=True)
    )
    values = data.draw(st.lists(strategy, min_size=1, max_size=20))

    passed = pl.DataFrame({"v": values}).select(check.column(pl.col("v"))).to_series()

    assert [value for value, passes in zip(values, passed, strict=True) if passes and not check.passes(value)] == []


def test_a_check_without_a_twin_sends_every_row_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = penduduk()
    bare = replace(FORMATS["nik"], checks=(Check("nik.uji", lambda _: True, "apa saja"),))
    monkeypatch.setitem(FORMATS, "nik", bare)
    reader = ColumnReader.of(contract, contract.schema)
    assert reader is not None
    physical, _ = reader.read(Spans.of([Writer(contract).write(RESIDENT)]))

    assert ColumnJudge(contract).judge(physical, TODAY)[2].to_list() == [False]


def test_the_two_judges_have_the_same_idea_of_a_number() -> None:
    rows: list[Mapping[str, Any]] = [REGION | {"lintang": value} for value in (-0.0, 0.0, math.nan, 6.0, 6.1)]
    bodies = [Writer(wilayah()).write(row) for row in rows]

    clean = clean_rows(wilayah(), bodies)
    verdicts = [VALIDATORS[wilayah().fields].check(row, accepted_on=TODAY) for row in rows]

    assert set(clean) == {0, 1, 3}
    assert {place for place, verdict in enumerate(verdicts) if not isinstance(verdict, tuple)} == {0, 1, 3}
    assert not any(isinstance(each, Rejection) for each in clean)
    assert str(clean[0][1]["lintang"]) == "0.0"

"""Reading many bodies at once never says anything that reading one by one does not say."""

import json
import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.contract import Contract, Kind, Value
from schemas.loader import read
from schemas.rejection import Rejection
from schemas.wire.avro import Reader, Writer
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.cursor import PADDING, Spans
from tests.schemas.contracts import REGION, RESIDENT, penduduk, schema_of, wilayah

KINDS: dict[Kind, Any] = {
    Kind.STRING: "string",
    Kind.INT: "int",
    Kind.LONG: "long",
    Kind.DOUBLE: "double",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: {"type": "int", "logicalType": "date"},
    Kind.TIMESTAMP: {"type": "long", "logicalType": "timestamp-millis"},
    Kind.DECIMAL: {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
}


def every_kind() -> Contract:
    """A document with a required and an optional field of each kind."""
    schema = schema_of(wilayah())
    schema["contract"] |= {"rules": [], "key": ["kunci"]}
    plain = {"doc": "Uji", "sensitivity": "umum"}
    schema["fields"] = [{"name": "kunci", "type": "string", **plain}]
    for kind, avro in KINDS.items():
        name = kind.name.lower()
        schema["fields"].append({"name": f"{name}_wajib", "type": avro, **plain})
        schema["fields"].append({"name": f"{name}_boleh", "type": ["null", avro], "default": None, **plain})
    schema["fields"].append({"name": "sumber_diubah", "type": KINDS[Kind.TIMESTAMP], **plain})
    return read(schema, file="uji.avsc")


CONTRACT = every_kind()
ONE = Reader(CONTRACT.schema)
MANY = ColumnReader.of(CONTRACT, CONTRACT.schema)
assert MANY is not None
WRITER = Writer(CONTRACT)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.STRING: st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    Kind.INT: st.integers(-(2**31), 2**31 - 1),
    Kind.LONG: st.integers(-(2**63), 2**63 - 1),
    Kind.DOUBLE: st.floats(),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: st.integers(-(2**31), 2**31 - 1),
    Kind.TIMESTAMP: st.integers(-(2**63), 2**63 - 1),
    Kind.DECIMAL: st.binary(max_size=12),
}
records = st.fixed_dictionaries(
    {field.name: st.none() | VALUES[field.kind] if field.nullable else VALUES[field.kind] for field in CONTRACT.fields}
)


def columns(contract: Contract, bodies: list[bytes]) -> dict[int, dict[str, Value]]:
    """Place → row, of the bodies that can be read as columns."""
    reader = ColumnReader.of(contract, contract.schema)
    assert reader is not None
    frame, places = reader.read(Spans.of(bodies))
    return dict(zip(places.tolist(), frame.rows(named=True), strict=True))


def told(contract: Contract, physical: dict[str, Any]) -> dict[str, Any]:
    """What one by one gives, with decimals as numbers and as its finishers leave doubles."""
    found: dict[str, Any] = {}
    for field in contract.fields:
        value = physical.get(field.name)
        if value is not None and field.kind is Kind.DECIMAL:
            value = int.from_bytes(value, "big", signed=True)
        if value is not None and field.kind is Kind.DOUBLE:
            value = "nan" if math.isnan(value) else str(value + 0.0)
        found[field.name] = value
    return found


def asked(contract: Contract, row: dict[str, Any]) -> dict[str, Any]:
    """The same of a column's row."""
    found = dict(row)
    for field in contract.fields:
        value = found[field.name]
        if value is not None and field.kind is Kind.DECIMAL:
            found[field.name] = int(value.scaleb(field.scale or 0))
        if value is not None and field.kind is Kind.DOUBLE:
            found[field.name] = "nan" if math.isnan(value) else str(value)
    return found


@given(rows=st.lists(records, min_size=1, max_size=6))
def test_plain_bodies_are_read_as_one_by_one(rows: list[dict[str, Any]]) -> None:
    bodies = [WRITER.write_physical(row) for row in rows]

    found = columns(CONTRACT, bodies)

    for place, row in found.items():
        assert asked(CONTRACT, row) == told(CONTRACT, rows[place])
    plain = {
        place
        for place, row in enumerate(rows)
        if all(value is None or (1 <= len(value) <= 4 and abs(int.from_bytes(value, "big", signed=True)) < 10**9)
               for name, value in row.items() if name.startswith("decimal"))
    }  # fmt: skip
    assert plain <= set(found)


@given(
    row=records,
    bits=st.lists(st.integers(0, 10_000), max_size=4),
    cut=st.integers(0, 40),
    tail=st.binary(max_size=3),
    noise=st.binary(max_size=60),
)
def test_bent_bodies_are_read_as_one_by_one_or_not_at_all(
    row: dict[str, Any], bits: list[int], cut: int, tail: bytes, noise: bytes
) -> None:
    good = WRITER.write_physical(row)
    bent = bytearray(good + tail)
    for bit in bits:
        bent[bit % (len(bent) * 8) // 8] ^= 1 << bit % 8
    bodies = [good, bytes(bent[: len(bent) - cut] if cut else bent), noise, good]

    found = columns(CONTRACT, bodies)

    for place, read_row in found.items():
        one = ONE.read(bodies[place])
        assert isinstance(one, dict)
        assert asked(CONTRACT, read_row) == told(CONTRACT, one)
    assert (0 in found) == (3 in found)


def zigzag(number: int) -> bytes:
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


GOOD = dict.fromkeys((field.name for field in CONTRACT.fields), None) | {
    "kunci": "k", "string_wajib": "x", "int_wajib": 1, "long_wajib": 2, "double_wajib": 1.5, "boolean_wajib": True,
    "date_wajib": 3, "timestamp_wajib": 4, "decimal_wajib": b"\x05", "sumber_diubah": 5,
}  # fmt: skip


def with_bytes(name: str, raw: bytes) -> bytes:
    """A good body with other bytes for one field."""
    parts = []
    for field in CONTRACT.fields:
        if field.name == name:
            parts.append(raw)
            continue
        step = {"fields": [{"name": "f", "type": field_type(field.name)}], "type": "record", "name": "r"}
        parts.append(one_field(step, GOOD[field.name]))
    return b"".join(parts)


def field_type(name: str) -> Any:
    return next(each["type"] for each in CONTRACT.schema["fields"] if each["name"] == name)


def one_field(schema: Any, value: Any) -> bytes:
    from io import BytesIO

    import fastavro

    from schemas.avro_types import strip_logical_types

    stream = BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(strip_logical_types(schema)), {"f": value})
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        pytest.param("int_wajib", zigzag(2**31), id="an int beyond 32 bits"),
        pytest.param("int_boleh", b"\x02" + zigzag(2**32 + 5), id="an optional int beyond 32 bits"),
        pytest.param("date_wajib", zigzag(2**40), id="a day beyond 32 bits"),
        pytest.param("boolean_wajib", b"\x07", id="a truth value of 7"),
        pytest.param("boolean_boleh", b"\x02\xff", id="an optional truth value of 255"),
        pytest.param("long_wajib", b"\x84\x80\x80\x00", id="a number in more bytes than it needs"),
        pytest.param("long_wajib", b"\xff" * 9 + b"\x01", id="the lowest long"),
        pytest.param("long_wajib", b"\xff" * 9 + b"\x7f", id="a number of 70 bits"),
        pytest.param("long_wajib", b"\x84" + b"\x80" * 9 + b"\x00", id="a number of eleven bytes"),
        pytest.param("int_boleh", b"\x01" + zigzag(3), id="the branch −1"),
        pytest.param("int_boleh", b"\x03" + zigzag(3), id="the branch −2"),
        pytest.param("int_boleh", b"\x04" + zigzag(3), id="the branch 2"),
        pytest.param("string_boleh", b"\x80\x00", id="a branch in two bytes"),
        pytest.param("string_wajib", b"\x01", id="a negative size"),
        pytest.param("string_wajib", zigzag(2**62) + b"x", id="a size of 2^62"),
        pytest.param("string_wajib", zigzag(-(2**63)) + b"x", id="the lowest size"),
        pytest.param("string_wajib", b"\x02\xff", id="no UTF-8"),
        pytest.param("string_wajib", b"\x06\xed\xa0\x80", id="a surrogate"),
        pytest.param("string_wajib", b"\x04\xc0\x80", id="an overlong NUL"),
        pytest.param("string_wajib", b"\x02\x00", id="NUL"),
        pytest.param("string_wajib", b"\x06\xe2\x80\xae", id="bidi"),
        pytest.param("double_wajib", b"\x00" * 7 + b"\x80", id="−0.0"),
        pytest.param("double_wajib", b"\x00" * 6 + b"\xf8\x7f", id="NaN"),
        pytest.param("decimal_wajib", b"\x00", id="a decimal without bytes"),
        pytest.param("decimal_wajib", b"\x06\x00\x04\xd2", id="a decimal with a leading zero byte"),
        pytest.param("decimal_wajib", b"\x02\xff", id="a negative decimal"),
        pytest.param("decimal_wajib", zigzag(9) + b"\x00" * 9, id="a decimal of nine bytes"),
        pytest.param("decimal_wajib", zigzag(5) + (10**9).to_bytes(5, "big"), id="a decimal of ten digits"),
        pytest.param("decimal_boleh", b"\x02" + zigzag(20) + b"\x7f" * 20, id="a decimal of twenty bytes"),
        pytest.param("sumber_diubah", zigzag(5) + b"\x00", id="a byte too much"),
        pytest.param("sumber_diubah", b"\xf4", id="half a number at the end"),
        pytest.param("sumber_diubah", b"", id="nothing where a number should be"),
    ],
)
def test_hostile_bytes_leave_the_neighbours_alone(name: str, raw: bytes) -> None:
    good, hostile = WRITER.write_physical(GOOD), with_bytes(name, raw)

    found = columns(CONTRACT, [good, hostile, good])

    assert {0, 2} <= set(found)
    assert asked(CONTRACT, found[0]) == asked(CONTRACT, found[2]) == told(CONTRACT, GOOD)
    if 1 in found:
        one = ONE.read(hostile)
        assert not isinstance(one, Rejection)
        assert asked(CONTRACT, found[1]) == told(CONTRACT, one)


def test_a_texts_bytes_are_not_completed_by_the_next_body() -> None:
    first, second = with_bytes("string_wajib", b"\x02\xc3"), with_bytes("string_wajib", b"\x02\xa9")

    assert columns(CONTRACT, [first, second]) == {}


@pytest.mark.parametrize(("contract", "row"), [(penduduk(), RESIDENT), (wilayah(), REGION)])
def test_a_writer_that_does_not_know_a_field_leaves_it_null(contract: Contract, row: dict[str, Any]) -> None:
    older = json.loads(json.dumps(contract.schema))
    older["fields"] = [field for field in older["fields"] if field["name"] != "kode_pos"]
    reader = ColumnReader.of(contract, older)
    assert reader is not None

    frame, places = reader.read(Spans.of([Writer(read(older, file="x")).write(row)] * 2))

    assert places.tolist() == [0, 1]
    assert frame["kode_pos"].to_list() == [None, None]
    assert frame.columns == [field.name for field in contract.fields]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"name": "warna", "type": "string"}, id="a field that the contract does not have"),
        pytest.param({"name": "kode_pos", "type": "long"}, id="another type"),
        pytest.param({"name": "kode_pos", "type": {"type": "array", "items": "string"}}, id="no flat record"),
    ],
)
def test_a_writer_of_another_shape_is_left_to_the_other_road(change: dict[str, Any]) -> None:
    contract = wilayah()
    other = json.loads(json.dumps(contract.schema))
    other["fields"] = [field for field in other["fields"] if field["name"] != change["name"]] + [change]

    assert ColumnReader.of(contract, other) is None


def test_a_column_of_views_has_short_and_long_values_and_nulls() -> None:
    parts = [b"", b"a", b"twelve bytes", b"thirteen byte", b"x" * 300, b"\xff"]
    spans = Spans.of(parts)

    assert spans.column("v").to_list() == parts
    assert spans.buffer[: len(PADDING)].tobytes() == PADDING
    null = spans.sizes == 1
    assert spans.with_nulls(null).column("v").to_list() == [None if len(part) == 1 else part for part in parts]
    assert spans.column("v").dtype == pl.Binary

"""The fast lane never says anything that fastavro does not say."""

from io import BytesIO
from typing import Any

import fastavro
from hypothesis import given
from hypothesis import strategies as st

from schemas.wire import flat_records

PLAIN: list[Any] = ["string", "int", "long", "double", "boolean", "bytes"]
UNIONS: list[Any] = [[kind, "null"] for kind in PLAIN] + [["null", kind] for kind in PLAIN]
SCHEMA = fastavro.parse_schema(
    {
        "type": "record",
        "name": "semua",
        "fields": [{"name": f"f{place}", "type": kind} for place, kind in enumerate(PLAIN + UNIONS)],
    }
)
STEPS = flat_records.plan(SCHEMA) or []
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=200),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "bytes": st.binary(max_size=200),
}


def value_of(kind: Any) -> st.SearchStrategy[Any]:
    if isinstance(kind, list):
        (plain,) = [each for each in kind if each != "null"]
        return st.none() | VALUES[plain]
    return VALUES[kind]


records = st.fixed_dictionaries({f"f{place}": value_of(kind) for place, kind in enumerate(PLAIN + UNIONS)})


def written(record: dict[str, Any]) -> bytes:
    stream = BytesIO()
    fastavro.schemaless_writer(stream, SCHEMA, record)
    return stream.getvalue()


@given(record=records)
def test_writing_gives_fastavros_bytes(record: dict[str, Any]) -> None:
    assert flat_records.write(STEPS, record) == written(record)


@given(record=records)
def test_reading_gives_fastavros_record(record: dict[str, Any]) -> None:
    assert flat_records.read(STEPS, written(record)) == record


@given(
    record=records,
    bits=st.lists(st.integers(0, 10_000), max_size=4),
    cut=st.integers(0, 40),
    tail=st.binary(max_size=3),
)
def test_bent_bytes_are_read_as_fastavro_reads_them_or_not_at_all(
    record: dict[str, Any], bits: list[int], cut: int, tail: bytes
) -> None:
    bent = bytearray(written(record) + tail)
    for bit in bits:
        bent[bit % (len(bent) * 8) // 8] ^= 1 << bit % 8
    body = bytes(bent[: len(bent) - cut] if cut else bent)

    found = flat_records.read(STEPS, body)

    if found is not None:
        stream = BytesIO(body)
        assert repr(found) == repr(fastavro.schemaless_reader(stream, SCHEMA, None))  # repr: NaN equals itself
        assert stream.tell() == len(body)


@given(body=st.binary(max_size=120))
def test_any_bytes_are_read_as_fastavro_reads_them_or_not_at_all(body: bytes) -> None:
    found = flat_records.read(STEPS, body)

    if found is not None:
        assert repr(found) == repr(fastavro.schemaless_reader(BytesIO(body), SCHEMA, None))


def test_what_is_not_flat_has_no_plan() -> None:
    nested = {"type": "record", "name": "x", "fields": [{"name": "a", "type": {"type": "array", "items": "int"}}]}
    three = {"type": "record", "name": "x", "fields": [{"name": "a", "type": ["null", "int", "string"]}]}

    assert flat_records.plan(nested) is None
    assert flat_records.plan(three) is None

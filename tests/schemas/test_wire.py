"""Bytes and headers: what is written can be read, and no bytes at all make a reader raise."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import event_key
from schemas.contract import Contract
from schemas.loader import read as read_contract
from schemas.names import EventKey, SchemaId
from schemas.rejection import Rejection
from schemas.validator import Validator
from schemas.wire import headers
from schemas.wire.avro import Reader, Writer
from schemas.wire.framing import frame, unframe
from schemas.wire.headers import EventHeaders
from tests.schemas.contracts import CHANGED, REGION, RESIDENT, TODAY, penduduk, schema_of, wilayah

DOCUMENTS = [penduduk(), wilayah()]
READERS = {contract.name: Reader(contract.schema) for contract in DOCUMENTS}
WRITERS = {contract.name: Writer(contract) for contract in DOCUMENTS}
VALIDATORS = {contract.name: Validator(contract) for contract in DOCUMENTS}
ROWS = {"disdukcapil.penduduk": RESIDENT, "kominfo.wilayah": REGION}
BODY = WRITERS["disdukcapil.penduduk"].write(RESIDENT)
READER = READERS["disdukcapil.penduduk"]

texts = st.text(max_size=30)
dates = st.dates(date(1840, 1, 1), date(2210, 1, 1))
moments = st.datetimes(datetime(1840, 1, 1), datetime(2210, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
values = st.one_of(
    st.none(), texts, dates, moments, st.integers(), st.floats(), st.binary(max_size=20),
    st.decimals(allow_nan=True), st.booleans(), st.sampled_from(["L", "P", "1", "HIDUP", "001", "3201131708909002"]),
)  # fmt: skip


def code(found: object) -> str | None:
    return found.code if isinstance(found, Rejection) else None


@pytest.mark.parametrize("contract", DOCUMENTS, ids=lambda contract: contract.name)
@given(data=st.data())
def test_what_the_validator_accepts_survives_the_wire(contract: Contract, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from([str(field.name) for field in contract.fields]), max_size=4))
    row = ROWS[contract.name] | {name: data.draw(values) for name in names}
    accepted = VALIDATORS[contract.name].check(row, accepted_on=TODAY)

    if isinstance(accepted, dict):
        body = WRITERS[contract.name].write(accepted)
        decoded = READERS[contract.name].read(body)
        assert isinstance(decoded, dict)
        assert VALIDATORS[contract.name].check(decoded, accepted_on=TODAY) == accepted
        assert VALIDATORS[contract.name].check(accepted, accepted_on=TODAY) == accepted


@pytest.mark.parametrize("area", ["0.01", "9999999999999.99", "1.28", "327.68"])
def test_a_decimal_survives_the_wire(area: str) -> None:
    row = REGION | {"luas_km2": Decimal(area)}
    decoded = READERS["kominfo.wilayah"].read(WRITERS["kominfo.wilayah"].write(row))

    assert isinstance(decoded, dict)
    assert VALIDATORS["kominfo.wilayah"].check(decoded, accepted_on=TODAY) == row


@given(st.binary(max_size=400))
@example(b"")
@example(b"\xff" * 11)
@example(b"\x80" * 40)
@example(b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f")  # a text of 2^62 bytes
@example(b"\x09")  # a text of −5 bytes
def test_no_bytes_make_the_reader_raise(body: bytes) -> None:
    decoded = READER.read(body)

    if isinstance(decoded, dict):
        VALIDATORS["disdukcapil.penduduk"].check(decoded, accepted_on=TODAY)
    else:
        assert decoded.code in {"truncated", "trailing-bytes", "text-encoding", "undecodable"}


@settings(max_examples=300)
@given(st.integers(0, len(BODY) - 1), st.integers(0, 255), st.integers(0, len(BODY)))
def test_a_bent_body_is_decoded_or_refused(place: int, byte: int, end: int) -> None:
    bent = bytearray(BODY)
    bent[place] = byte
    decoded = READER.read(bytes(bent[:end]))

    if isinstance(decoded, dict):
        VALIDATORS["disdukcapil.penduduk"].check(decoded, accepted_on=TODAY)


@pytest.mark.parametrize("end", range(len(BODY)))
def test_a_body_that_stops_early_is_truncated(end: int) -> None:
    assert code(READER.read(BODY[:end])) == "truncated"


@pytest.mark.parametrize("rest", [b"\x00", b"\x00\x00\x00", BODY])
def test_bytes_after_the_record_are_refused(rest: bytes) -> None:
    assert code(READER.read(BODY + rest)) == "trailing-bytes"


def test_a_text_that_is_not_utf8_is_refused() -> None:
    assert code(READER.read(BODY.replace(b"JL.", b"J\xed\xa0"))) == "text-encoding"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", "empty-value"),
        (b"\x00", "truncated"),
        (b"\x00\x00\x00\x00", "truncated"),
        (b"\x01\x00\x00\x00\x01x", "magic"),
        (b'{"nik": 1}', "magic"),
        (b"\x00\x00\x00\x00\x00x", "schema-unknown"),
        (b"\x00\xff\xff\xff\xffx", "schema-unknown"),
    ],
)
def test_a_wrong_frame_is_refused(value: bytes, expected: str) -> None:
    assert code(unframe(value)) == expected


@given(st.integers(1, 2**31 - 1), st.binary())
def test_a_frame_gives_back_what_it_holds(schema_id: int, body: bytes) -> None:
    assert unframe(frame(SchemaId(schema_id), body)) == (schema_id, body)


@given(st.binary())
def test_no_bytes_make_unframing_raise(value: bytes) -> None:
    found = unframe(value)

    assert isinstance(found, Rejection) or found[0] > 0


ABOUT = EventHeaders("a1b2", "/opd/disdukcapil/siak-2", CHANGED, 1_767_596_700_000, 3, "csv-1")
WRITTEN = headers.write(ABOUT, penduduk(), EventKey("3201131708909001"))


def with_header(name: str, value: bytes) -> list[tuple[str, bytes]]:
    return [(known, value if known == name else old) for known, old in WRITTEN]


def test_written_headers_are_those_of_the_design() -> None:
    assert dict(WRITTEN) == {
        "ce_specversion": b"1.0",
        "ce_id": b"a1b2",
        "ce_source": b"/opd/disdukcapil/siak-2",
        "ce_type": f"{penduduk().namespace}.penduduk".encode(),
        "ce_subject": b"3201131708909001",
        "ce_sequence": b"1767596700000",
        "ce_simpulepoch": b"3",
        "ce_time": b"2026-01-05T07:05:00.000Z",
        "ce_simpulload": b"csv-1",
    }


def test_written_headers_can_be_read() -> None:
    assert headers.read(WRITTEN, penduduk()) == ABOUT


def test_epoch_time_and_load_may_be_left_out() -> None:
    kept = [header for header in WRITTEN if header[0] in {"ce_id", "ce_source", "ce_sequence"}]

    assert headers.read(kept, penduduk()) == EventHeaders(
        "a1b2", "/opd/disdukcapil/siak-2", None, ABOUT.sequence, 0, None
    )


def test_headers_of_others_are_left_alone() -> None:
    others = [("traceparent", b"\xff"), ("traceparent", b"2"), ("", b""), ("x", None)]

    assert headers.read([*WRITTEN, *others], penduduk()) == ABOUT  # type: ignore[list-item]


HEADERS: list[Any] = [
    ([], "header-missing"),
    ([header for header in WRITTEN if header[0] != "ce_id"], "header-missing"),
    ([header for header in WRITTEN if header[0] != "ce_source"], "header-missing"),
    ([header for header in WRITTEN if header[0] != "ce_sequence"], "header-missing"),
    ([*WRITTEN, ("ce_id", b"a1b2")], "header-doubled"),
    ([*WRITTEN, ("ce_sequence", b"1")], "header-doubled"),
    (with_header("ce_id", b""), "header-id"),
    (with_header("ce_id", b"x" * 129), "header-id"),
    (with_header("ce_id", "é".encode()), "header-id"),
    (with_header("ce_id", b"a\x00b"), "header-id"),
    (with_header("ce_id", None), "header-id"),  # type: ignore[arg-type]
    (with_header("ce_source", b"/opd/dinsos/siak"), "header-source"),
    (with_header("ce_source", b"/opd/disdukcapil/"), "header-source"),
    (with_header("ce_source", b"/opd/disdukcapil/a\n"), "header-source"),
    (with_header("ce_source", None), "header-source"),  # type: ignore[arg-type]
    (with_header("ce_sequence", b"-1"), "header-sequence"),
    (with_header("ce_sequence", b"+1"), "header-sequence"),
    (with_header("ce_sequence", b"1e9"), "header-sequence"),
    (with_header("ce_sequence", b" 1"), "header-sequence"),
    (with_header("ce_sequence", b"1_0"), "header-sequence"),
    (with_header("ce_sequence", b""), "header-sequence"),
    (with_header("ce_sequence", str(2**63).encode()), "header-sequence"),
    (with_header("ce_sequence", "\u0661".encode()), "header-sequence"),
    (with_header("ce_sequence", b"9" * 5_000), "header-sequence"),
    (with_header("ce_simpulepoch", b"2147483648"), "header-epoch"),
    (with_header("ce_simpulepoch", b"x"), "header-epoch"),
    (with_header("ce_time", b"2026-01-05"), "header-time"),
    (with_header("ce_time", b"2026-01-05T07:05:00"), "header-time"),
    (with_header("ce_time", b"9999-12-31T23:59:59-12:00"), "header-time"),
    (with_header("ce_time", b"now"), "header-time"),
    (with_header("ce_simpulload", b"x" * 129), "header-load"),
    ([*WRITTEN, ("x", b"x" * 16_384)], "header-size"),
    ([*WRITTEN, *((f"x{number}", b"") for number in range(60))], "header-size"),
]


@pytest.mark.parametrize(("raw", "expected"), HEADERS)
def test_wrong_headers_are_refused(raw: Any, expected: str) -> None:
    assert code(headers.read(raw, penduduk())) == expected


def test_the_highest_version_is_that_of_the_database() -> None:
    raw = [(name, str(2**63 - 1).encode() if name == "ce_sequence" else value) for name, value in WRITTEN]

    assert headers.read(raw, penduduk()) == ABOUT._replace(sequence=2**63 - 1)


def test_a_document_without_sequence_needs_none() -> None:
    schema = schema_of(penduduk())
    schema["contract"]["sequence"] = "none"
    bare = [header for header in WRITTEN if header[0] != "ce_sequence"]

    found = headers.read(bare, read_contract(schema, file="x"))

    assert found == ABOUT._replace(sequence=0)


names = st.sampled_from([name for name, _ in WRITTEN] + ["x", "ce_", "CE_ID"])
raw_values = st.one_of(st.binary(max_size=40), st.sampled_from([value for _, value in WRITTEN]))


@given(st.lists(st.tuples(names, raw_values), max_size=20))
def test_no_headers_make_the_reader_raise(raw: list[tuple[str, bytes]]) -> None:
    found = headers.read(raw, penduduk())

    assert isinstance(found, EventHeaders) or found.code.startswith("header-")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (None, "key-empty"),
        (b"", "key-empty"),
        (b"\xff", "key-encoding"),
        (b"1" * 513, "key-size"),
        (b"a\x00", "key-text"),
        ("a\u200b".encode(), "key-text"),
        ("e\u0301".encode(), "key-text"),
    ],
)
def test_a_wrong_key_is_refused(raw: bytes | None, expected: str) -> None:
    assert code(event_key.read(raw)) == expected


@pytest.mark.parametrize("text", ["3201131708909001", "a|b", "\u00e9"])
def test_a_good_key_is_its_text(text: str) -> None:
    assert event_key.read(text.encode()) == text

"""Headers read as columns say what one by one says, or leave the record to it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.contract import Contract
from schemas.names import EventKey
from schemas.wire import header_columns, headers, moments
from schemas.wire.cursor import Spans
from schemas.wire.headers import EventHeaders
from tests.schemas.contracts import penduduk

CONTRACT = penduduk()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 5, 7, 5, 1, 250_000, tzinfo=UTC)
GOOD = headers.write(EventHeaders("id-1", "/opd/disdukcapil/siak", NOW, 7, 0, "muat-1"), CONTRACT, EventKey("k"))
LAYOUT = [name for name, _ in GOOD]
RawHeaders = Sequence[tuple[str, bytes | None]]


def zigzag(number: int) -> bytes:
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def region(found: RawHeaders) -> bytes:
    """The headers as they stand in a record."""
    parts = [zigzag(len(found))]
    for name, value in found:
        raw = name.encode()
        parts += [zigzag(len(raw)), raw, zigzag(-1 if value is None else len(value)), value or b""]
    return b"".join(parts)


def columns(found: Sequence[RawHeaders], layout: list[str] = LAYOUT, contract: Contract = CONTRACT) -> list[object]:
    """For each record what its columns say, None where it is left out."""
    frame = header_columns.read(Spans.of([region(each) for each in found]), layout, contract)
    return [
        (row["ce_id"], row["event_time"], row["sequence"], row["epoch"], row["load"]) if row["usual"] else None
        for row in frame.rows(named=True)
    ]


def one_by_one(found: RawHeaders) -> object:
    read = headers.read(found, CONTRACT)  # type: ignore[arg-type]
    if not isinstance(read, EventHeaders):
        return None
    return read.ce_id, read.time, read.sequence, read.epoch, read.load


VALUES = st.one_of(
    st.none(),
    st.binary(max_size=30),
    st.sampled_from(
        [b"", b"0", b"-1", b"+1", b"1e9", b"9223372036854775807", b"9223372036854775808", b"2147483648", b"\xd9\xa1",
         b"0001", b" 1", b"1_0", b"a" * 128, b"a" * 129, b"/opd/lain/x", b"/opd/disdukcapil/x", b"/opd/disdukcapil/",
         b"2026-01-05T07:05:00Z", b"2026-02-30T07:05:00.000Z", b"2026-01-05T24:00:00.000Z", b"2026-01-05T07:05:60.000Z",
         b"1849-12-31T23:59:59.999Z", b"2201-01-01T00:00:00.000Z", b"2200-12-31T23:59:59.999Z",
         b"2026-01-05T07:05:00.000+07:00", b"2026-01-05 07:05:00.000Z", b"2024-02-29T00:00:00.000Z",
         b"0000-00-00T00:00:00.000Z", b"2100-02-29T00:00:00.000Z",
         b"2026-13-01T00:00:00.000Z", b"2026-01-05t07:05:00.000z"],
    ),
)  # fmt: skip


@given(
    changes=st.lists(st.tuples(st.integers(0, len(GOOD) - 1), VALUES), max_size=3),
    dropped=st.integers(0, 40),
    more=st.lists(st.tuples(st.sampled_from([*LAYOUT, "x", "é"]), VALUES), max_size=2),
)
def test_columns_say_what_one_by_one_says_or_nothing(
    changes: list[tuple[int, bytes | None]], dropped: int, more: list[tuple[str, bytes | None]]
) -> None:
    bent: list[tuple[str, bytes | None]] = list(GOOD)
    for place, value in changes:
        bent[place] = (bent[place][0], value)
    bent = [header for place, header in enumerate(bent) if place != dropped] + more

    before, found, after = columns([GOOD, bent, GOOD])

    assert before == after == one_by_one(GOOD)
    if found is not None:
        assert found == one_by_one(bent)
    own_layout = columns([bent], [name for name, _ in bent])[0]
    if own_layout is not None:
        assert own_layout == one_by_one(bent)


def test_the_headers_of_our_adapters_are_read() -> None:
    assert columns([GOOD] * 3) == [one_by_one(GOOD)] * 3
    without = [header for header in GOOD if header[0] not in {"ce_time", "ce_simpulload", "ce_simpulepoch"}]
    assert columns([without], [name for name, _ in without]) == [("id-1", None, 7, 0, None)]
    long = [*GOOD, ("x", b"y" * 3_000)]
    assert columns([long] * 3, [*LAYOUT, "x"]) == [one_by_one(long)] * 3


@pytest.mark.parametrize(
    "found",
    [
        pytest.param([*GOOD, ("x", b"y" * 17_000)], id="too large"),
        pytest.param([*GOOD, GOOD[1]], id="doubled"),
        pytest.param([header for header in GOOD if header[0] != "ce_sequence"], id="without a sequence"),
    ],
)
def test_a_layout_that_cannot_be_right_leaves_all_records_out(found: RawHeaders) -> None:
    assert columns([found] * 2, [name for name, _ in found]) == [None, None]


@given(raw=st.binary(max_size=40), cut=st.integers(0, 60))
def test_bytes_that_are_no_headers_are_left_out(raw: bytes, cut: int) -> None:
    whole = region(GOOD)
    spans = Spans.of([whole, raw, whole[: max(0, len(whole) - 1 - cut)], whole + raw[:1], whole])

    usual = header_columns.read(spans, LAYOUT, CONTRACT)["usual"].to_list()

    assert usual[0]
    assert usual[4]
    assert not usual[1]
    assert not usual[2]
    assert usual[3] is (raw == b"")


SECONDS = st.integers(-3_786_825_600, 7_289_654_399)  # of the years 1850 to 2200


@given(second=SECONDS, millisecond=st.integers(0, 999))
def test_moments_are_the_calendars(second: int, millisecond: int) -> None:
    moment = EPOCH + timedelta(seconds=second, milliseconds=millisecond)

    found, good = moments.milliseconds(Spans.of([headers.rfc3339(moment)]))

    assert good.tolist() == [True]
    assert np.datetime64(int(found[0]), "ms").item().replace(tzinfo=UTC) == moment


@given(place=st.integers(0, 23), byte=st.integers(0, 255), second=SECONDS)
def test_a_bent_moment_is_what_python_makes_of_it_or_none(place: int, byte: int, second: int) -> None:
    raw = bytearray(headers.rfc3339(EPOCH + timedelta(seconds=second)))
    raw[place] = byte

    found, good = moments.milliseconds(Spans.of([bytes(raw)]))

    if good[0]:
        assert np.datetime64(int(found[0]), "ms").item() == datetime.fromisoformat(raw.decode()).replace(tzinfo=None)

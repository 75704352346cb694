"""Records are read out of a broker's batches as they were written, whatever they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers import records
from tests.consumers.batches import TIME_MS, Event, batch, batches

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
events = st.tuples(
    st.none() | st.binary(max_size=70),
    st.none() | st.binary(max_size=300),
    st.lists(st.tuples(texts, st.none() | st.binary(max_size=70)), max_size=5),
)


@given(log=st.lists(events, min_size=1, max_size=12), at_once=st.integers(1, 5), first=st.integers(0, 2**40))
def test_every_record_comes_out_as_it_was_written(log: list[Event], at_once: int, first: int) -> None:
    found = records.read(batches(log, at_once=at_once, first_offset=first), 0)

    assert [(each.key, each.value, each.headers) for each in found.some(range(len(found)))] == [
        (key, value, list(headers)) for key, value, headers in log
    ]
    assert found.offsets.tolist() == list(range(first, first + len(log)))
    assert found.timestamps.tolist() == [TIME_MS + offset for offset in found.offsets.tolist()]
    assert [found.at(offset).value for offset in found.offsets.tolist()] == [value for _, value, _ in log]


@pytest.mark.parametrize("codec", [NONE, GZIP, SNAPPY, LZ4, ZSTD])
def test_any_codec_is_unpacked(codec: int) -> None:
    log: list[Event] = [(b"k", b"v" * 1_000, [("n", b"x")])] * 3

    found = records.read([batch(log, 0, codec=codec)], 0)

    assert [each.value for each in found.some(range(3))] == [b"v" * 1_000] * 3


@pytest.mark.parametrize("size", [63, 64, 8_191, 8_192, 300_000])
def test_a_record_of_any_size_is_stepped_over(size: int) -> None:
    log: list[Event] = [(None, b"x" * size, []), (b"k", b"next", [])]

    found = records.read([batch(log, 0)], 0)

    assert [each.value for each in found.some(range(2))] == [b"x" * size, b"next"]


def test_what_is_settled_already_is_left_out() -> None:
    log: list[Event] = [(b"%d" % place, None, []) for place in range(10)]

    found = records.read(batches(log, at_once=4), 6)

    assert (found.first_offset, found.last_offset, len(found)) == (6, 9, 4)
    assert [each.key for each in found.some(range(4))] == [b"6", b"7", b"8", b"9"]


def test_a_header_name_that_is_no_utf8_keeps_its_bytes() -> None:
    packed = batch([(b"k", b"v", [("ab", b"x")])], 0, codec=NONE)
    bent = packed.packed.replace(b"ab", b"\xff\xfe")

    found = records.read([type(packed)(0, 1, 1, TIME_MS, None, NONE, bent)], 0)

    assert found.one(0).headers == [("\udcff\udcfe", b"x")]


@pytest.mark.parametrize(
    "bend",
    [
        pytest.param(lambda raw: raw[:-1], id="cut"),
        pytest.param(lambda raw: raw + b"\x00", id="a byte too much"),
        pytest.param(lambda raw: raw[:1] + b"\xff" * 9 + raw[10:], id="a number without an end"),
    ],
)
def test_bytes_that_are_no_records_are_an_error(bend: "object") -> None:
    packed = batch([(b"key", b"v" * 40, [("ab", b"x")])], 0, codec=NONE)

    with pytest.raises((ValueError, IndexError)):
        records.read([type(packed)(0, 1, 1, TIME_MS, None, NONE, bend(packed.packed))], 0)  # type: ignore[operator]

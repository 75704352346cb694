"""Records are read out of a broker's batches as they were written, whatever they hold."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers import records
from consumers.backlog import Backlog
from consumers.partition import Partition
from consumers.record_batches import RecordBatch
from consumers.unpacking import CODECS, Opened, TooLarge, open_some, unpack
from schemas.names import TopicName
from tests.consumers.batches import TIME_MS, Event, batch, batches, opened
from tests.hub import ROOT

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
events = st.tuples(
    st.none() | st.binary(max_size=70),
    st.none() | st.binary(max_size=300),
    st.lists(st.tuples(texts, st.none() | st.binary(max_size=70)), max_size=5),
)


@given(log=st.lists(events, min_size=1, max_size=12), at_once=st.integers(1, 5), first=st.integers(0, 2**40))
def test_every_record_comes_out_as_it_was_written(log: list[Event], at_once: int, first: int) -> None:
    found = records.read(opened(batches(log, at_once=at_once, first_offset=first)), 0)

    assert [(each.key, each.value, each.headers) for each in found.some(range(len(found)))] == [
        (key, value, list(headers)) for key, value, headers in log
    ]
    assert found.offsets.tolist() == list(range(first, first + len(log)))
    assert found.timestamps.tolist() == [TIME_MS + offset for offset in found.offsets.tolist()]
    assert [found.at(offset).value for offset in found.offsets.tolist()] == [value for _, value, _ in log]


@pytest.mark.parametrize("codec", [NONE, GZIP, SNAPPY, LZ4, ZSTD])
def test_any_codec_is_unpacked(codec: int) -> None:
    log: list[Event] = [(b"k", b"v" * 1_000, [("n", b"x")])] * 3

    found = records.read(opened([batch(log, 0, codec=codec)]), 0)

    assert [each.value for each in found.some(range(3))] == [b"v" * 1_000] * 3


@pytest.mark.parametrize("size", [63, 64, 8_191, 8_192, 300_000])
def test_a_record_of_any_size_is_stepped_over(size: int) -> None:
    log: list[Event] = [(None, b"x" * size, []), (b"k", b"next", [])]

    found = records.read(opened([batch(log, 0)]), 0)

    assert [each.value for each in found.some(range(2))] == [b"x" * size, b"next"]


def test_what_is_settled_already_is_left_out() -> None:
    log: list[Event] = [(b"%d" % place, None, []) for place in range(10)]

    found = records.read(opened(batches(log, at_once=4)), 6)

    assert (found.first_offset, found.last_offset, len(found)) == (6, 9, 4)
    assert [each.key for each in found.some(range(4))] == [b"6", b"7", b"8", b"9"]


@pytest.mark.parametrize(("most", "position"), [(1, 20), (4, 22), (7, 26), (50, 20)])
def test_a_stretch_is_cut_between_records(most: int, position: int) -> None:
    log: list[Event] = [(b"k%d" % n, b"v%d" % n, []) for n in range(10)]
    found = records.read(opened(batches(log, at_once=4, first_offset=20)), 20)

    first, rest = found.first(most), found.behind(position)

    assert [each.offset for each in first.some(range(len(first)))] == list(range(20, min(30, 20 + most)))
    assert [(each.offset, each.key) for each in rest.some(range(len(rest)))] == [
        (offset, b"k%d" % (offset - 20)) for offset in range(position, 30)
    ]


def test_a_header_name_that_is_no_utf8_keeps_its_bytes() -> None:
    packed = batch([(b"k", b"v", [("ab", b"x")])], 0, codec=NONE)
    bent = packed.packed.replace(b"ab", b"\xff\xfe")

    found = records.read(opened([type(packed)(0, 1, 1, TIME_MS, None, NONE, bent)]), 0)

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
        records.read(opened([type(packed)(0, 1, 1, TIME_MS, None, NONE, bend(packed.packed))]), 0)  # type: ignore[operator]


def bomb(size: int, *, codec: int, offset: int = 0) -> RecordBatch:
    """A batch of one record with so many zero bytes."""
    return batch([(b"k", bytes(size), [])], offset, codec=codec)


@pytest.mark.parametrize("codec", [codec for codec in CODECS if codec != NONE])
def test_what_holds_more_than_fits_is_refused_unread(codec: int) -> None:
    packed = bomb(1_000_000, codec=codec)

    assert len(unpack(codec, packed.packed)) > 1_000_000
    with pytest.raises(TooLarge):
        unpack(codec, packed.packed, most=999_999)


@pytest.mark.parametrize("codec", [codec for codec in CODECS if codec != NONE])
@pytest.mark.parametrize("bend", [lambda packed: packed[:-9], lambda packed: b"no packing", lambda packed: b""])
def test_what_is_no_packing_is_refused(codec: int, bend: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TooLarge):
        unpack(codec, bend(bomb(1_000, codec=codec).packed))


def test_a_gigabyte_in_a_small_batch_costs_neither_memory_nor_time() -> None:
    """In a process of its own, whose address space is 1 GB: what unpacks it as it came would die."""
    script = (
        "import cramjam, resource, time\n"
        "from consumers.unpacking import TooLarge, unpack\n"
        "maker = cramjam.zstd.Compressor(level=3)\n"
        "for _ in range(64): maker.compress(bytes(2**24))\n"
        "packed = bytes(maker.finish())\n"
        "assert len(packed) < 40_000, len(packed)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "begun = time.monotonic()\n"
        "try: unpack(4, packed)\n"
        "except TooLarge: pass\n"
        "else: raise SystemExit('it was unpacked')\n"
        "grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024\n"
        "assert grown < 200 and time.monotonic() - begun < 5, (grown, time.monotonic() - begun)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, cwd=ROOT).returncode == 0


def test_a_refused_batch_counts_with_all_its_records_between_its_neighbours() -> None:
    log: list[Event] = [(b"k", b"v", [])] * 9
    parts = [batch(log[:3], 0), batch(log[:3], 3), batch(log[:3], 6)]
    found, left = open_some(parts)
    found[1] = Opened(parts[1], None)

    read = records.read(found, 1)
    behind = records.read(found[1:2], 4)

    assert (read.offsets.tolist(), read.total, read.first_offset, read.last_offset) == ([1, 2, 6, 7, 8], 8, 1, 8)
    assert (len(behind), behind.total, behind.first_offset, behind.last_offset) == (0, 2, 4, 5)
    assert behind.last_appended_at() == datetime.fromtimestamp((TIME_MS + 3) / 1000, UTC)
    assert not left


def test_a_stretch_ends_where_its_room_does_and_the_rest_stays_in_its_order() -> None:
    backlog, place = Backlog(limit=10**6, pressure=lambda *_: None), Partition(TopicName("opd.uji.dok"), 0)
    backlog.open([(place, 0)])
    parts = [bomb(1_000, codec=LZ4, offset=offset) for offset in range(5)]
    backlog.append(place, parts)
    (work,) = backlog.take(100) or []

    opened_ones, left = open_some(work.batches, room=1_500)
    backlog.give_back(place, left)
    backlog.done(place, 2)
    (again,) = backlog.take(100) or []

    assert [each.batch for each in opened_ones] == parts[:2]
    assert (again.position, list(again.batches)) == (2, parts[2:])

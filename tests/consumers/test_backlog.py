"""Who is settled next: topics in turn, and a few events beside another agency's million."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from consumers.backlog import SMALL, Backlog, Work
from consumers.partition import Partition
from consumers.record_batches import RecordBatch
from schemas.names import TopicName
from tests.consumers.batches import batches

MANY, FEW = TopicName("opd.uji.banyak"), TopicName("opd.uji.sedikit")
PARTITIONS = [Partition(MANY, 0), Partition(MANY, 1), Partition(MANY, 2), Partition(FEW, 0)]
AT_MOST = 10 * SMALL
SOON_S, A_WHILE_S = 5.0, 0.2


@pytest.fixture
def backlog() -> Iterator[Backlog]:
    made = Backlog(limit=10**6, pressure=lambda *_: None)
    made.open((partition, 0) for partition in PARTITIONS)
    yield made
    made.close()


def some(count: int) -> list[RecordBatch]:
    return batches([(b"k", b"v", [])] * count, at_once=count)


def taken(backlog: Backlog, *, only_small: bool = False) -> Partition:
    work = backlog.take(AT_MOST, only_small=only_small)
    assert work is not None
    return work.partition


def test_topics_take_turns_however_many_partitions_they_have(backlog: Backlog) -> None:
    for partition in PARTITIONS:
        backlog.append(partition, some(1))

    order = [taken(backlog) for _ in PARTITIONS]

    assert order == [PARTITIONS[0], PARTITIONS[3], PARTITIONS[1], PARTITIONS[2]]


def test_what_is_small_is_taken_by_one_more_while_all_others_are_busy(backlog: Backlog) -> None:
    for partition in PARTITIONS[:3]:
        backlog.append(partition, some(SMALL + 1))
    busy = [taken(backlog), taken(backlog)]
    backlog.append(PARTITIONS[3], some(SMALL))

    assert taken(backlog, only_small=True) == PARTITIONS[3]
    assert busy == PARTITIONS[:2]


def test_nothing_large_is_taken_as_small_and_nothing_at_all_while_somebody_is_idle(backlog: Backlog) -> None:
    with ThreadPoolExecutor(2) as pool:
        small: Future[Work | None] = pool.submit(backlog.take, AT_MOST, only_small=True)
        backlog.append(PARTITIONS[0], some(SMALL + 1))
        with pytest.raises(TimeoutError):
            small.result(A_WHILE_S)
        idle: Future[Work | None] = pool.submit(backlog.take, AT_MOST)
        first = idle.result(SOON_S)
        idle = pool.submit(backlog.take, AT_MOST)
        with pytest.raises(TimeoutError):
            idle.result(A_WHILE_S)

        backlog.append(PARTITIONS[3], some(1))

        second = idle.result(SOON_S)
        assert first is not None
        assert second is not None
        assert (first.partition, second.partition, small.done()) == (PARTITIONS[0], PARTITIONS[3], False)
        backlog.close()
        assert small.result(SOON_S) is None


def test_what_is_left_when_the_last_idle_one_goes_to_work_is_not_forgotten(backlog: Backlog) -> None:
    with ThreadPoolExecutor(2) as pool:
        small = pool.submit(taken, backlog, only_small=True)
        backlog.append(PARTITIONS[0], some(SMALL + 1))
        backlog.append(PARTITIONS[1], some(SMALL + 1))
        backlog.append(PARTITIONS[3], some(1))

        one = pool.submit(taken, backlog)

        found = {one.result(SOON_S), small.result(SOON_S)}
        assert found == {PARTITIONS[0], PARTITIONS[3]}

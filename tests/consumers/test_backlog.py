"""Who is settled next: topics in turn, and a few events beside another agency's million."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from consumers.backlog import SMALL, TOGETHER, Backlog, Work
from consumers.partition import Partition
from consumers.record_batches import RecordBatch
from schemas.names import TopicName
from tests.consumers.batches import batches

MANY, FEW = TopicName("opd.uji.banyak"), TopicName("opd.uji.sedikit")
PARTITIONS = [Partition(MANY, 0), Partition(MANY, 1), Partition(MANY, 2), Partition(FEW, 0)]
AT_MOST = TOGETHER + SMALL
SOON_S, A_WHILE_S = 5.0, 0.2


@pytest.fixture
def backlog() -> Iterator[Backlog]:
    made = Backlog(limit=10**6, pressure=lambda *_: None)
    made.open((partition, 0) for partition in PARTITIONS)
    yield made
    made.close()


def some(count: int) -> list[RecordBatch]:
    return batches([(b"k", b"v", [])] * count, at_once=count)


def all_taken(backlog: Backlog, *, only_small: bool = False) -> list[Partition]:
    works = backlog.take(AT_MOST, only_small=only_small)
    assert works is not None
    return [work.partition for work in works]


def taken(backlog: Backlog, *, only_small: bool = False) -> Partition:
    (found,) = all_taken(backlog, only_small=only_small)
    return found


def test_topics_take_turns_however_many_partitions_they_have(backlog: Backlog) -> None:
    for partition in PARTITIONS:
        backlog.append(partition, some(AT_MOST))

    order = [taken(backlog) for _ in PARTITIONS]

    assert order == [PARTITIONS[0], PARTITIONS[3], PARTITIONS[1], PARTITIONS[2]]


def test_what_stands_behind_a_batch_in_hand_waits_too(backlog: Backlog) -> None:
    backlog.append(PARTITIONS[0], some(1))
    before = backlog.waits()
    assert taken(backlog) == PARTITIONS[0]
    in_hand = backlog.waits()

    backlog.append(PARTITIONS[0], some(1))

    assert (before, in_hand, backlog.waits()) == (True, False, True)


def test_a_few_records_of_several_partitions_of_a_topic_are_taken_at_once(backlog: Backlog) -> None:
    for partition in reversed(PARTITIONS):
        backlog.append(partition, some(1))

    assert [all_taken(backlog), all_taken(backlog)] == [[PARTITIONS[3]], PARTITIONS[2::-1]]


def test_what_would_be_too_many_together_has_a_turn_of_its_own(backlog: Backlog) -> None:
    for partition, count in zip(PARTITIONS, (TOGETHER - 10, 11, 10), strict=False):
        backlog.append(partition, some(count))

    assert [all_taken(backlog), all_taken(backlog)] == [[PARTITIONS[0], PARTITIONS[2]], [PARTITIONS[1]]]


def test_what_is_taken_as_small_takes_only_what_is_small_with_it(backlog: Backlog) -> None:
    for partition, count in zip(PARTITIONS, (SMALL, SMALL + 1, SMALL), strict=False):
        backlog.append(partition, some(count))

    assert all_taken(backlog, only_small=True) == [PARTITIONS[0], PARTITIONS[2]]


def test_what_is_small_is_taken_by_one_more_while_all_others_are_busy(backlog: Backlog) -> None:
    for partition in PARTITIONS[:3]:
        backlog.append(partition, some(AT_MOST))
    busy = [taken(backlog), taken(backlog)]
    backlog.append(PARTITIONS[3], some(SMALL))

    assert taken(backlog, only_small=True) == PARTITIONS[3]
    assert busy == PARTITIONS[:2]


def test_nothing_large_is_taken_as_small_and_nothing_at_all_while_somebody_is_idle(backlog: Backlog) -> None:
    with ThreadPoolExecutor(2) as pool:
        small: Future[list[Work] | None] = pool.submit(backlog.take, AT_MOST, only_small=True)
        backlog.append(PARTITIONS[0], some(SMALL + 1))
        with pytest.raises(TimeoutError):
            small.result(A_WHILE_S)
        idle: Future[list[Work] | None] = pool.submit(backlog.take, AT_MOST)
        first = idle.result(SOON_S)
        idle = pool.submit(backlog.take, AT_MOST)
        with pytest.raises(TimeoutError):
            idle.result(A_WHILE_S)

        backlog.append(PARTITIONS[3], some(1))

        second = idle.result(SOON_S)
        assert first is not None
        assert second is not None
        found = [[work.partition for work in works] for works in (first, second)]
        assert (found, small.done()) == ([[PARTITIONS[0]], [PARTITIONS[3]]], False)
        backlog.close()
        assert small.result(SOON_S) is None


def test_what_is_left_when_the_last_idle_one_goes_to_work_is_not_forgotten(backlog: Backlog) -> None:
    with ThreadPoolExecutor(2) as pool:
        small = pool.submit(taken, backlog, only_small=True)
        backlog.append(PARTITIONS[0], some(AT_MOST))
        backlog.append(PARTITIONS[1], some(AT_MOST))
        backlog.append(PARTITIONS[3], some(1))

        one = pool.submit(taken, backlog)

        found = {one.result(SOON_S), small.result(SOON_S)}
        assert found == {PARTITIONS[0], PARTITIONS[3]}


def test_a_topic_of_which_there_is_little_is_in_one_thread_until_that_has_to_wait(backlog: Backlog) -> None:
    backlog.append(PARTITIONS[0], some(1))
    assert taken(backlog) == PARTITIONS[0]
    backlog.append(PARTITIONS[1], some(1))
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(taken, backlog)
        with pytest.raises(TimeoutError):
            other.result(A_WHILE_S)

        backlog.holds_up(PARTITIONS[0])

        assert other.result(SOON_S) == PARTITIONS[1]


def test_what_came_meanwhile_is_taken_together_when_the_thread_is_done(backlog: Backlog) -> None:
    backlog.append(PARTITIONS[0], some(1))
    assert taken(backlog) == PARTITIONS[0]
    for partition in PARTITIONS[:3]:
        backlog.append(partition, batches([(b"k", b"v", [])], first_offset=1))

    backlog.done(PARTITIONS[0], 1)

    assert sorted(all_taken(backlog)) == PARTITIONS[:3]


def test_one_that_was_given_back_has_its_turn_before_those_that_were_settled(backlog: Backlog) -> None:
    for partition in PARTITIONS[:2]:
        backlog.append(partition, some(1))
    first, other = backlog.take(AT_MOST) or []
    backlog.give_back(other.partition, other.batches)
    backlog.done(other.partition, other.position)
    backlog.append(first.partition, batches([(b"k", b"v", [])], first_offset=1))

    backlog.done(first.partition, 1)

    assert all_taken(backlog) == [PARTITIONS[1], PARTITIONS[0]]

"""How a backlog's figures are reckoned from looks at it."""

import pytest

from bench.backlog import Drain, Look, growth


def look(at_s: float, settled: int, worker_s: float, postgres_s: float = 0.0, mib: int = 300) -> Look:
    return Look(at_s, settled, {"worker": worker_s, "postgres": postgres_s}, mib)


def test_the_whole_is_reckoned_from_the_first_look_to_the_last() -> None:
    drain = Drain([look(10.0, 100, 1.0), look(11.0, 600, 1.5, mib=410), look(12.0, 1_100, 2.0, 1.0)])

    found = drain.told(parts=1)

    assert (found["events"], found["seconds"], found["events_per_second"]) == (1_000, 2.0, 500)
    assert found["cpu_us_per_event"] == {"worker": 1_000.0, "postgres": 1_000.0}
    assert found["worker_mib_most"] == 410


def test_stretches_have_as_many_events_each_and_a_batch_over_two_of_them_counts_once() -> None:
    drain = Drain([look(0.0, 0, 0.0), look(1.0, 700, 0.7), look(2.0, 1_000, 1.3)])

    found = drain.told(parts=4)["by_stretch"]

    assert [each["until"] for each in found] == [700, 1_000]
    assert [each["cpu_us_per_event"]["worker"] for each in found] == [1_000.0, 2_000.0]


def test_growth_leaves_the_first_stretch_out() -> None:
    looks = [look(0.0, 0, 0.0), look(1.0, 100, 9.0), look(2.0, 200, 10.0, 1.0), look(3.0, 300, 11.0, 3.0)]

    assert growth(Drain(looks), 3) == pytest.approx(1.5)

"""A pause doubles, and an outage may last as long as it likes."""

from base.pauses import pause_s


def test_it_doubles_up_to_the_longest() -> None:
    assert [pause_s(failures, first_s=0.5, longest_s=3) for failures in (1, 2, 3, 4, 5)] == [0.5, 1, 2, 3, 3]


def test_an_outage_of_a_week_is_waited_for() -> None:
    assert pause_s(60_480, first_s=0.5, longest_s=10) == 10

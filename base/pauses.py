"""How long to wait before something is tried again."""

from math import ldexp

_ENOUGH = 64  # doublings; a float has no room for a thousand, which an outage of one night comes to


def pause_s(failures: int, *, first_s: float, longest_s: float) -> float:
    """Seconds after so many failures in a row: `first_s` after one, twice as long after each further one, at most
    `longest_s`, however long it lasts."""
    return min(ldexp(first_s, min(failures - 1, _ENOUGH)), longest_s)

"""Keys on their way into a statement: one text per key column, a line per key.

Clean keys hold no line break, and no Python object is made for a key.
"""

from collections.abc import Iterable

import polars as pl

from schemas.names import EventKey


def series(keys: Iterable[EventKey]) -> pl.Series:
    """Keys as a column."""
    return pl.Series("key", list(keys), pl.String)


def lines_of_keys(parts: int, keys: pl.Series) -> list[str]:
    """The keys for a statement, as many texts as a key has parts. Made of no keys, they hold none."""
    if parts == 1:
        return [lines(keys)]
    split = keys.str.split_exact("|", parts - 1).struct.unnest()
    return [lines(part) for part in split]


def lines(values: pl.Series) -> str:
    """Values, a line each."""
    return str(values.str.join("\n").item()) if len(values) else ""

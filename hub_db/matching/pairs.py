"""Pairs of rows that are probably one person, out of all residents at once and in bounded memory.

Rows meet in *blocks*: only two that share a block are ever compared. Blocks are worked off in slices, each a join
of its own; letters are compared once for two distinct names, however many rows bear them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from hub_db.matching import points
from hub_db.matching.likeness import likeness
from hub_db.matching.names import MUHAMMAD, skeleton, spelled
from hub_db.matching.points import ENOUGH

# What a frame of residents has: key and name are there, all else may be null.
COLUMNS: Final[dict[str, Any]] = {
    "key": pl.String,
    "name": pl.String,
    "born_on": pl.Date,
    "sex": pl.String,
    "place": pl.String,
    "mother": pl.String,
    "village": pl.String,
    "card": pl.String,
}
FOUND: Final[dict[str, Any]] = {
    "key": pl.String,
    "key_b": pl.String,
    "score": pl.Float64,
    "reasons": pl.List(pl.String),
}
ROWS_PER_SLICE: Final = 50_000  # of (block, row)
LARGEST_BLOCK: Final = 200  # rows; a larger one says nothing of a person
USUAL_SHARE: Final = 5e-5  # of all rows: a word that so many bear is no typing error
USUAL_LEAST: Final = 4  # rows
MOST_LIKENESSES: Final = 1_000_000  # remembered at a time, about 150 MB


@dataclass(slots=True)
class Seen:
    """What a search saw on its way."""

    rows: int = 0
    compared: int = 0  # pairs of rows in a block
    too_large: int = 0  # blocks that were passed over
    distinct: dict[tuple[int, int], float] = field(default_factory=dict)  # likeness of two distinct names


def duplicates(residents: pl.DataFrame, seen: Seen | None = None) -> pl.DataFrame:
    """Pairs that are probably one person: `key`, `key_b` (key < key_b), `score`, `reasons`; the surest first.

    `residents` has `COLUMNS`. Fills `seen`.
    """
    seen = seen or Seen()
    seen.rows = len(residents)
    rows, words = _prepare(residents)
    usual = _usual(rows, words)
    found = [_judge(slice_, words, usual, seen) for slice_ in _slices(rows, words, seen)]
    return _sorted(found) if found else pl.DataFrame(schema=FOUND)


def _sorted(found: list[pl.DataFrame]) -> pl.DataFrame:
    """Each pair once, the surest first."""
    best = pl.concat(found).unique(["key", "key_b"], keep="any")
    return best.sort(["score", "key", "key_b"], descending=[True, False, False])


def duplicates_among(
    residents: pl.DataFrame, pairs: pl.DataFrame, namesakes: Mapping[str, int], usual: frozenset[str]
) -> pl.DataFrame:
    """As `duplicates`, of pairs that have met already: `pairs` has `key` and `key_b`, keys of `residents`.

    `namesakes` says by key how many persons bear that row's very name, `usual` which words many bear, both among all
    residents there are.
    """
    seen = Seen(rows=len(residents))
    rows, words = _prepare(residents)
    borne = pl.DataFrame(list(namesakes.items()), schema={"key": pl.String, "namesakes": pl.UInt32}, orient="row")
    numbered = rows.join(borne, on="key", how="left").with_columns(pl.col("namesakes").fill_null(1))
    sides = pairs.rename({"key_b": "other"}).join(numbered, on="key", how="inner")
    met = sides.join(numbered.rename({"key": "other"}), on="other", suffix="_b", how="inner").rename({"other": "key_b"})
    return _sorted([_judge(_related(met), words, usual, seen)])


def _prepare(residents: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[str, ...]]]:
    """The rows with numbers in place of names, and the words of each number."""
    texts = pl.concat([residents["name"], residents["mother"].drop_nulls()]).unique().sort()
    by_words: dict[tuple[str, ...], int] = {}
    numbers = [by_words.setdefault(spelled(text), len(by_words)) for text in texts]
    known = pl.DataFrame({"text": texts, "no": pl.Series(numbers, dtype=pl.UInt32)})
    rows = (
        residents.join(known.rename({"text": "name", "no": "name_no"}), on="name", how="left")
        .join(known.rename({"text": "mother", "no": "mother_no"}), on="mother", how="left")
        .drop("name", "mother")
        .with_row_index("row")
        .with_columns(place=pl.col("place").str.to_uppercase().str.replace_all("[^A-Z]", ""))
    )
    return rows, list(by_words)


def _usual(rows: pl.DataFrame, words: list[tuple[str, ...]]) -> frozenset[str]:
    """Words that many persons bear."""
    borne: dict[str, int] = {}
    for number, count in rows["name_no"].value_counts().iter_rows():
        for word in words[number]:
            borne[word] = borne.get(word, 0) + count
    least = max(USUAL_LEAST, len(rows) * USUAL_SHARE)
    return frozenset(word for word, count in borne.items() if count >= least)


def _slices(rows: pl.DataFrame, words: list[tuple[str, ...]], seen: Seen) -> Iterator[pl.DataFrame]:
    """Related pairs that can still have enough points, a slice of the blocks at a time."""
    sakes = rows.group_by("name_no").len("namesakes")
    numbered = rows.join(sakes, on="name_no", how="left")
    for blocks in _blocks(numbered, words):
        sizes = blocks.group_by("block").len()
        seen.too_large += sizes.filter(pl.col("len") > LARGEST_BLOCK).height
        shared = sizes.filter(pl.col("len").is_between(2, LARGEST_BLOCK)).select("block")
        kept = blocks.join(shared, on="block", how="semi")
        slices = max(1, len(kept) // ROWS_PER_SLICE)
        for place in range(slices):
            side = kept.filter(pl.col("block") % slices == place).join(numbered, on="row", how="inner")
            yield _meet(side, seen)


def _blocks(rows: pl.DataFrame, words: list[tuple[str, ...]]) -> Iterator[pl.DataFrame]:
    """(`block`, `row`), one kind of block after another: what a pair shares whatever was typed wrong."""
    names = pl.DataFrame(
        {
            "name_no": pl.Series(range(len(words)), dtype=pl.UInt32),
            "whole": [" ".join(sorted(each)) for each in words],
            "sounds": [sorted({skeleton(word) for word in each if word != MUHAMMAD} or set(each)) for each in words],
        },
        schema_overrides={"sounds": pl.List(pl.String)},
    )
    year, month, day = (getattr(pl.col("born_on").dt, part)() for part in ("year", "month", "day"))
    date_either_way = pl.struct(year, low=pl.min_horizontal(month, day), high=pl.max_horizontal(month, day)).hash()
    told = rows.join(names, on="name_no", how="left").filter(pl.col("born_on").is_not_null())
    told = told.with_columns(either=date_either_way, year=year, of_year=pl.struct(a=month, b=day).hash())
    kinds = (
        told.select("row", "either", "sounds").explode("sounds").with_columns(by=pl.struct("either", "sounds").hash(1)),
        told.with_columns(by=pl.struct("whole", "year").hash(2)),
        told.with_columns(by=pl.struct("whole", "of_year").hash(3)),
        told.filter(pl.col("mother_no").is_not_null()).with_columns(by=pl.struct("mother_no", "either").hash(4)),
    )
    for each in kinds:
        yield each.select(block="by", row="row").unique()


def _meet(side: pl.DataFrame, seen: Seen) -> pl.DataFrame:
    """Each pair of a block once that can come far enough."""
    pairs = side.join(side, on="block", suffix="_b").filter(pl.col("key") < pl.col("key_b")).unique(["row", "row_b"])
    seen.compared += len(pairs)
    return _related(pairs)


def _related(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that can come far enough, with what is seen at a glance."""
    sakes = pl.min_horizontal("namesakes", "namesakes_b")
    related = points.relate(pairs.lazy()).with_columns(namesakes=sakes)
    return related.filter(pl.col("others") + points.BEST_NAMES >= ENOUGH).collect()


def _judge(pairs: pl.DataFrame, words: list[tuple[str, ...]], usual: frozenset[str], seen: Seen) -> pl.DataFrame:
    """The pairs with enough points."""

    def like(one: int | None, other: int | None) -> float | None:
        if one is None or other is None:
            return None
        names = (one, other) if one < other else (other, one)
        if len(seen.distinct) > MOST_LIKENESSES:
            seen.distinct.clear()
        known = seen.distinct.get(names)
        if known is None:
            known = seen.distinct[names] = likeness(words[one], words[other], usual)
        return known

    likes = {
        f"{who}_like": pl.Series(
            [like(*each) for each in zip(pairs[f"{who}_no"], pairs[f"{who}_no_b"], strict=True)], dtype=pl.Float64
        )
        for who in ("name", "mother")
    }
    judged = points.add_up(pairs.with_columns(**likes))
    return judged.filter(pl.col("score") >= ENOUGH).select("key", "key_b", "score", "reasons")

"""What speaks for one person behind two rows, and what against: points, each with the reason that a steward reads."""

from enum import StrEnum
from typing import Final

import polars as pl

ENOUGH: Final = 6.5  # points from which on two rows are told to the steward


class Reason(StrEnum):
    """Why two rows may be one person, or may not; the order is that in which they are told."""

    NAME_EQUAL = "nama.sama"  # after titles and spelling
    NAME_ALIKE = "nama.mirip"
    BORN_EQUAL = "lahir.sama"
    BORN_SWAPPED = "lahir.tertukar"  # day and month
    BORN_NEAR = "lahir.satu-bagian"  # day, month or year differs
    MOTHER_EQUAL = "ibu.sama"
    MOTHER_ALIKE = "ibu.mirip"
    PLACE_EQUAL = "tempat.sama"
    VILLAGE_EQUAL = "desa.sama"
    ONE_CARD = "kk.sama"  # a family card has each person once


# Points of what was found; where a value is missing it says nothing.
_NAME: Final = ((1.0, 4.0), (0.88, 3.0), (0.8, 2.0))
_NAME_OTHER: Final = -6.0
_COMMON_LESS: Final = 1.2  # less for each power of ten of persons with that very name
_BORN: Final = {"equal": 4.0, "swapped": 3.0, "near": 2.0, "placeholder": 1.5}
_BORN_OTHER: Final = -3.0
_MOTHER: Final = ((1.0, 3.0), (0.88, 2.0), (0.8, 1.0))
_MOTHER_OTHER: Final = -3.0
_SEX_OTHER: Final = -3.0
_PLACE_EQUAL, _PLACE_OTHER = 1.0, -1.0
_VILLAGE_EQUAL: Final = 1.0
_ONE_CARD: Final = -5.0  # names are alike and not equal: twins, rather
BEST_NAMES: Final = _NAME[0][1] + _MOTHER[0][1]  # points that names can bring at most


def relate(pairs: pl.LazyFrame) -> pl.LazyFrame:
    """Adds what one sees without comparing letters: `born`, `others` (points of all but the two names).

    Of each side: `born_on`, `sex`, `place`, `village`, `card`, the other side's with `_b`.
    """
    parts = [pl.col("born_on").dt.year(), pl.col("born_on").dt.month(), pl.col("born_on").dt.day()]
    year, month, day = parts
    year_b, month_b, day_b = (
        pl.col("born_on_b").dt.year(),
        pl.col("born_on_b").dt.month(),
        pl.col("born_on_b").dt.day(),
    )
    same = (year == year_b).cast(pl.Int8) + (month == month_b).cast(pl.Int8) + (day == day_b).cast(pl.Int8)
    placeholder = ((day == 1) & month.is_in([1, 7])) | ((day == 31) & (month == 12))
    born = (
        pl.when((same == 3) & placeholder)
        .then(pl.lit("placeholder"))
        .when(same == 3)
        .then(pl.lit("equal"))
        .when((year == year_b) & (month == day_b) & (day == month_b))
        .then(pl.lit("swapped"))
        .when(same == 2)
        .then(pl.lit("near"))
        .otherwise(pl.lit("other"))
    )
    return pairs.with_columns(born=born).with_columns(
        others=pl.col("born").replace_strict(_BORN, default=_BORN_OTHER, return_dtype=pl.Float64)
        + _either("sex", 0.0, _SEX_OTHER)
        + _either("place", _PLACE_EQUAL, _PLACE_OTHER)
        + _either("village", _VILLAGE_EQUAL, 0.0)
    )


def add_up(pairs: pl.DataFrame) -> pl.DataFrame:
    """Adds `score` and `reasons` to related pairs with `name_like`, `mother_like` (null: not known) and `namesakes`,
    how many persons bear the rarer of the two names."""
    rarity = pl.col("namesakes").cast(pl.Float64).log(10) * _COMMON_LESS
    name = _steps("name_like", _NAME, _NAME_OTHER)
    mother = pl.when(pl.col("mother_like").is_null()).then(0.0).otherwise(_steps("mother_like", _MOTHER, _MOTHER_OTHER))
    one_card = _equal("card") & (pl.col("name_like") < 1.0)
    told = (
        (Reason.NAME_EQUAL, pl.col("name_like") >= 1.0),
        (Reason.NAME_ALIKE, pl.col("name_like") < 1.0),
        (Reason.BORN_EQUAL, pl.col("born").is_in(["equal", "placeholder"])),
        (Reason.BORN_SWAPPED, pl.col("born") == "swapped"),
        (Reason.BORN_NEAR, pl.col("born") == "near"),
        (Reason.MOTHER_EQUAL, (pl.col("mother_like") >= 1.0).fill_null(value=False)),
        (Reason.MOTHER_ALIKE, pl.col("mother_like").is_between(0.8, 1.0, closed="left").fill_null(value=False)),
        (Reason.PLACE_EQUAL, _equal("place")),
        (Reason.VILLAGE_EQUAL, _equal("village")),
        (Reason.ONE_CARD, _equal("card")),
    )
    reasons = pl.concat_list([pl.when(held).then(pl.lit(reason.value)) for reason, held in told]).list.drop_nulls()
    score = pl.col("others") + name - rarity + mother + pl.when(one_card).then(_ONE_CARD).otherwise(0.0)
    return pairs.with_columns(score=score.round(2), reasons=reasons)


def _equal(column: str) -> pl.Expr:
    return (pl.col(column) == pl.col(f"{column}_b")).fill_null(value=False)


def _either(column: str, equal: float, other: float) -> pl.Expr:
    same = pl.col(column) == pl.col(f"{column}_b")
    return pl.when(same.is_null()).then(0.0).when(same).then(equal).otherwise(other)


def _steps(column: str, steps: tuple[tuple[float, float], ...], below: float) -> pl.Expr:
    """The points of the first step that is reached."""
    found = pl.lit(below)
    for least, points in reversed(steps):
        found = pl.when(pl.col(column) >= least).then(points).otherwise(found)
    return found

"""Probable duplicates among residents: how names are spelled one way, and how many planted pairs are found."""

import ast
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from hub_db.matching.likeness import distance, likeness
from hub_db.matching.names import bare, spelled
from hub_db.matching.pairs import COLUMNS, Seen, duplicates
from tests.hub_db import planted_pairs
from tests.hub_db.matching_figures import SEEDS, measure
from tests.hub_db.planted_pairs import Planter


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("SITI AMINAH, S.PD.", "SITI AMINAH", id="behind a comma"),
        pytest.param("Hj. Siti  Aminah S.Pd.I", "SITI AMINAH", id="both ends"),
        pytest.param("DRS. H. BUDI SANTOSO, M.M.", "BUDI SANTOSO", id="two before"),
        pytest.param("dr. RATNA DEWI", "RATNA DEWI", id="a doctor"),
        pytest.param("BUDI SANTOSO, SE, MM", "BUDI SANTOSO", id="without dots"),
        pytest.param("M. ALI", "M ALI", id="an initial is no title"),
        pytest.param("NUR'AINI", "NURAINI", id="an apostrophe"),
        pytest.param("H. M. YUSUF", "M YUSUF", id="a title and an initial"),
        pytest.param("DR.", "DR", id="never nothing"),
    ],
)
def test_a_bare_name_has_no_titles(name: str, expected: str) -> None:
    assert bare(name) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MOH. CHOIRUL ANAM", "MUHAMMAD KHOIRUL ANAM"),
        ("M. ALI", "MOCHAMMAD ALI"),
        ("SOEPARDI", "SUPARDI"),
        ("DJOKO TJAHJONO", "JOKO CAHJONO"),
        ("AISYAH", "AISAH"),
        ("SYAIFUL", "SAEFUL"),
        ("FITRI", "PITRI"),
        ("ACHMAD", "AHMAD"),
        ("ZULKIFLI", "DZULKIFLI"),
    ],
)
def test_two_spellings_are_one_name(one: str, other: str) -> None:
    assert spelled(one) == spelled(other)


def test_words_that_many_bear_are_two_names_and_no_typing_error() -> None:
    names = spelled("RINA WULANDARI"), spelled("RINI WULANDARI")

    assert likeness(*names, usual=()) > 0.8
    assert likeness(*names, usual={"RINA", "RINI"}) < 0.7


@pytest.mark.parametrize(("one", "other", "errors"), [("SUPRI", "SUPIR", 1), ("ANI", "ANIK", 1), ("HASAN", "HUSEN", 2)])
def test_neighbours_that_were_swapped_are_one_error(one: str, other: str, errors: int) -> None:
    assert distance(one, other) == errors


def test_a_pair_is_told_with_its_reasons() -> None:
    born = date(1990, 8, 7)
    people = pl.DataFrame(
        [
            ("1", "HJ. SITI AMINAH", born, "P", "KEDIRI", "SUPARMI", "35.01.01.2001", "k1"),
            ("2", "SITI AMINAH", date(1990, 7, 8), "P", "KEDIRI", "SUPARMI", "35.01.01.2002", "k2"),
            ("3", "SITI AMINAH", date(1971, 7, 8), "P", "BLITAR", "HARTINI", "35.01.01.2002", "k3"),
        ],
        schema=COLUMNS,
        orient="row",
    )

    found = duplicates(people).rows()

    assert found == [("1", "2", 10.43, ["nama.sama", "lahir.tertukar", "ibu.sama", "tempat.sama"])]


def test_nobody_at_all_and_nobody_twice() -> None:
    assert duplicates(pl.DataFrame(schema=COLUMNS)).is_empty()


def test_the_planter_knows_nothing_of_the_matcher() -> None:
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(ast.parse(Path(planted_pairs.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }

    assert imported == {"collections.abc", "dataclasses", "datetime", "functools", "random"}


def test_planted_pairs_are_found_and_twins_are_left_alone() -> None:
    town = Planter(SEEDS[0]).town(10_000)

    figures = measure(town)

    assert sum(map(len, town.planted.values())) == 1_000
    assert figures.recall >= 0.9, figures
    assert figures.precision >= 0.8, figures


def test_a_block_that_is_too_large_is_told_of() -> None:
    one = ("BUDI", date(1980, 1, 1), "L", None, None, None, None)
    people = pl.DataFrame([(f"{number:04}", *one) for number in range(300)], schema=COLUMNS, orient="row")

    seen = Seen()

    assert duplicates(people, seen).is_empty()
    assert seen.too_large > 0

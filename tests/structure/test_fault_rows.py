"""Every row of the fault matrix has a test, and every test that a row names exists."""

import ast
from collections.abc import Mapping
from pathlib import Path

from tests.structure.repository import ROOT, tree

ROWS = "tests/consumers/fault_rows.txt"
WANTED = {*map(str, (*range(1, 21), *range(23, 30), 32, 33, 34, 36, 38)), "SQLSTATE"}
WANTED |= {f"I{number}" for number in range(1, 12)}


def rows() -> Mapping[str, list[str]]:
    """The tests of each row."""
    lines = (ROOT / ROWS).read_text(encoding="utf-8").splitlines()
    parts = [line.split(" | ") for line in lines if not line.startswith("#")]
    found = {row: tests.split() for row, _, tests in parts}
    assert len(found) == len(parts)
    return found


def exists(test: str) -> bool:
    path, _, name = test.partition("::")
    if not (ROOT / path).is_file():
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in ast.walk(tree(Path(path))))


def test_every_row_of_the_fault_matrix_has_a_test() -> None:
    found = rows()

    assert set(found) == WANTED
    assert [row for row, tests in found.items() if not tests] == []


def test_every_test_that_a_row_names_exists() -> None:
    named = {test for tests in rows().values() for test in tests}

    assert [test for test in sorted(named) if not exists(test)] == []

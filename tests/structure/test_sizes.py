"""Small modules: a code module is split by 300 lines and never over 500, a test file never over 600."""

import ast
from pathlib import Path

from tests.structure.repository import ROOT, code, modules, tree

# Code modules between 300 and 500 lines, each with its reason.
LONGER: dict[str, str] = {
    "identity/permissions.py": "one table: every permission with its roles, read as a whole",
}

FUNCTION_LINES = 40  # a screen, docstring not counted
# Functions longer than a screen, each with its reason.
LONGER_FUNCTIONS: dict[str, str] = {
    "cli/stack/kafka.py::server_properties": "a table: the broker's settings, one a line",
    "hub_db/merge.py::merge": "one fold over two lists; cut in two it would pass seven variables along",
}


def lines(path: Path) -> int:
    return (ROOT / path).read_text(encoding="utf-8").count("\n")


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        total -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return total


def test_no_code_module_is_over_500_lines() -> None:
    over = {str(path): lines(path) for path in code() if lines(path) > 500}

    assert over == {}


def test_a_code_module_over_300_lines_has_a_reason() -> None:
    over = {str(path) for path in code() if lines(path) > 300}

    assert over == set(LONGER)


def test_no_test_file_is_over_600_lines() -> None:
    over = {str(path): lines(path) for path in modules(under="tests") if lines(path) > 600}

    assert over == {}


def test_a_function_fits_a_screen() -> None:
    over = {
        f"{path}::{node.name}"
        for path in code()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > FUNCTION_LINES
    }

    assert over == set(LONGER_FUNCTIONS)


def test_no_module_is_named_after_nothing() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}

    assert [str(path) for path in modules() if path.stem in empty_words] == []

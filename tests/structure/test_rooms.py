"""The rooms and who may import whom: import-linter checks the directions, these tests check import-linter's rows."""

import ast
import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.structure.repository import ROOT, modules, pyproject, rooms, tree

EVERYTHING = frozenset(
    {"base", "schemas", "producers", "registry", "hub_db", "identity", "jobs", "sop", "consumers", "dashboard"}
    | {"cli", "bench"}
)
# The rooms table of the design: what a room may import besides itself.
MAY_IMPORT = {
    "base": frozenset[str](),
    "schemas": frozenset({"base"}),
    "producers": frozenset({"base", "schemas"}),
    "registry": frozenset({"base", "schemas", "hub_db", "identity", "jobs"}),
    "hub_db": frozenset({"base", "schemas"}),
    "identity": frozenset({"base", "schemas", "hub_db"}),
    "jobs": frozenset({"base", "schemas", "hub_db", "identity"}),
    "sop": frozenset({"base", "schemas", "hub_db"}),
    "consumers": frozenset({"base", "schemas", "hub_db", "identity", "sop", "jobs"}),
    "dashboard": EVERYTHING - {"consumers", "producers", "cli", "bench"},
    "bench": EVERYTHING - {"cli"},
}
EMPTY = frozenset({"producers", "consumers", "cli"})  # so that a small install stays small


def test_every_room_is_under_the_import_contracts() -> None:
    assert set(pyproject()["tool"]["importlinter"]["root_packages"]) == rooms()


def test_every_room_is_in_the_wheel() -> None:
    assert set(pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == rooms()


def test_every_room_is_type_checked() -> None:
    assert set(pyproject()["tool"]["mypy"]["files"]) == rooms() | {"tests"}


def test_types_are_checked_without_exceptions_for_our_own_code() -> None:
    relaxed = [name for override in pyproject()["tool"]["mypy"].get("overrides", []) for name in override["module"]]

    assert [name for name in relaxed if name.split(".")[0] in rooms() | {"tests"}] == []
    assert all(set(o) == {"module", "ignore_missing_imports"} for o in pyproject()["tool"]["mypy"]["overrides"])


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_has_its_row_of_the_table(room: str) -> None:
    rows = [row for row in pyproject()["tool"]["importlinter"]["contracts"] if row["source_modules"] == [room]]

    assert len(rows) == 1
    assert rows[0]["type"] == "forbidden"
    assert rows[0]["allow_indirect_imports"] is True
    assert set(rows[0]["forbidden_modules"]) == rooms() - MAY_IMPORT[room] - {room}
    assert "ignore_imports" not in rows[0]


def test_every_room_but_the_command_line_has_a_row() -> None:
    assert rooms() - {"cli"} == set(MAY_IMPORT)


def test_a_forbidden_import_breaks_the_contract(tmp_path: Path) -> None:
    """The rows are alive: the same contract over two small rooms, one of which imports what it may not."""
    for room, text in {"base": "import schemas\n", "schemas": ""}.items():
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text(text)
    rows = pyproject()["tool"]["importlinter"]["contracts"]
    row = next(row for row in rows if row["source_modules"] == ["base"])
    config = configparser.ConfigParser()
    config["importlinter"] = {"root_packages": "\nbase\nschemas"}
    config["importlinter:contract:1"] = {
        "name": row["name"],
        "type": row["type"],
        "allow_indirect_imports": "true",
        "source_modules": "base",
        "forbidden_modules": "schemas",
    }
    with (tmp_path / ".importlinter").open("w") as file:
        config.write(file)

    program = Path(sys.executable).parent / "lint-imports"
    answer = subprocess.run([program, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert answer.returncode == 1
    assert "base is not allowed to import schemas" in answer.stdout


@pytest.mark.parametrize("room", sorted(EMPTY))
def test_a_room_that_must_stay_small_has_an_empty_init(room: str) -> None:
    assert (ROOT / room / "__init__.py").read_text(encoding="utf-8").strip() == ""


@pytest.mark.parametrize("room", sorted(EVERYTHING - EMPTY))
def test_a_room_lists_exactly_what_it_re_exports(room: str) -> None:
    assert listed(Path(room) / "__init__.py") == imported(Path(room) / "__init__.py")


def listed(path: Path) -> list[str]:
    """The names in `__all__`, sorted; empty when there is none."""
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return sorted(ast.literal_eval(node.value))
    return []


def imported(path: Path) -> list[str]:
    """The public names that the module takes from other modules or defines, sorted."""
    names: list[str] = []
    for node in tree(path).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names += [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
    return sorted(name for name in names if not name.startswith("_"))


def test_the_environment_is_read_in_one_place() -> None:
    """`os.environ` and its kin stand in cli/settings.py alone (and in tests, which set it for what they start)."""
    readers = {
        str(path)
        for path in modules()
        if path.parts[0] != "tests"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        and node.attr in {"environ", "environb", "getenv", "putenv"}
    }

    assert readers <= {"cli/settings.py"}

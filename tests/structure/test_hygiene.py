"""What must not stand in any file of the repository."""

import ast
import re

import pytest

from base import faults, instance
from tests.structure.repository import ROOT, modules, texts, tree

# One letter of each word stands in brackets, so that no pattern finds itself.
REGISTRIES = re.compile(
    r"pypi\.org|files\.pythonhosted|registry\.npmjs|repo1?\.maven|maven\.apache\.org/maven2"
    r"|proxy\.golang|static\.crates|deb\.debian\.org"
)
MACHINE_PATHS = re.compile(r"(?<![\w.~}])/(?:[h]ome|[U]sers|[r]oot|[w]ork|[w]orkspace)/[\w.]")
MOCKS = re.compile(r"Magic[M]ock|Async[M]ock|mock\.[p]atch|@[p]atch|unittest\.[m]ock")
UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b|raise Not[I]mplementedError")


def places(pattern: re.Pattern[str]) -> list[str]:
    """file:line of every match in the repository's text files."""
    return [
        f"{path}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert places(REGISTRIES) == []


def test_no_file_holds_a_path_of_somebodys_machine() -> None:
    assert places(MACHINE_PATHS) == []


def test_nothing_is_left_unfinished() -> None:
    found = [place for place in places(UNFINISHED) if place.split(":")[0].endswith(".py")]

    assert found == []


def test_tests_use_no_mocks() -> None:
    found = [str(path) for path in modules(under="tests") if MOCKS.search(source(path))]

    assert found == []


def test_tests_wait_for_a_condition_and_never_for_time() -> None:
    sleepers = {
        f"{path}:{node.lineno}"
        for path in modules(under="tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and calls_sleep(node)
    }

    assert sleepers == set()


def test_every_test_asserts_something() -> None:
    mute = {
        f"{path}::{node.name}"
        for path in modules(under="tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if not any(isinstance(part, ast.Assert) for part in ast.walk(node))
        and not any(
            re.match(r"raises|warns|fail|assert_|expect|check|verify|must", called(part))
            for part in ast.walk(node)
            if isinstance(part, ast.Call)
        )
    }

    assert mute == set()


def test_the_code_does_not_say_which_local_government_it_serves() -> None:
    """instansi.toml says it; what ships as code, page or statement takes it from there."""
    shipped = [path for path, _ in texts() if path.parts[0] not in {"tests", "docs"} and len(path.parts) > 1]
    sources = [path for path in shipped if path.suffix not in {".csv", ".md", ".lock"}]

    assert len(sources) > 100
    assert [str(path) for path in sources if MARKS_OF_THE_PLACE.search(source(path))] == []


def marks_of_the_place() -> re.Pattern[str]:
    """What only instansi.toml may say: names, codes, prefixes, addresses, limits of the one whose file stands here."""
    here = instance.load(ROOT / "instansi.toml")
    texts = [here.ibu_kota, here.kop.alamat, here.kop.telepon, here.kop.surel.split("@")[1], here.nomor.unit]
    texts += [here.namespace, here.nama, here.sop.nomor]
    numbers = map(str, (*here.setempat.lintang, *here.setempat.bujur))
    patterns = [
        *map(re.escape, texts),
        rf"(?<![\d.]){re.escape(here.kode)}(?!\d)",
        rf"(?<!\d){here.kode_bps}(?:\d{{3}}|\d{{12}})?(?!\d)",  # the code, a district's, a resident's number
        rf"(?<![\d_]){here.kode_pos}\d{{{5 - len(here.kode_pos)}}}(?![\d_])",
        rf"\b{here.setempat.plat} \d",
        *(rf"(?<!\d){re.escape(number)}\d?(?!\d)" for number in numbers),
    ]
    return re.compile("|".join(patterns), re.IGNORECASE)


MARKS_OF_THE_PLACE = marks_of_the_place()


@pytest.mark.parametrize(
    "text",
    ["kota Nganjuk", 'if kode == "35.18":', "3518131708909001", '"3518"', "Nganjuk 64411", "AG 9001 VA", "111.65"],
)
def test_a_mark_of_the_place_would_be_found(text: str) -> None:
    assert MARKS_OF_THE_PLACE.search(text)


def test_every_fault_point_is_passed_somewhere() -> None:
    passed = {
        argument.value
        for path in modules()
        if path.parts[0] != "tests"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and called(node) == "point" and node.args
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }

    assert passed == faults.POINTS


def test_a_statement_names_its_columns() -> None:
    """No `SELECT *`, in code as in the statements' own files."""
    statements = [path for path, _ in texts() if path.parts[0] != "tests" and path.suffix in {".py", ".sql"}]

    assert [str(path) for path in statements if re.search(r"\bselect \*", source(path), re.IGNORECASE)] == []


def source(path: object) -> str:
    return (ROOT / str(path)).read_text(encoding="utf-8")


def called(node: ast.Call) -> str:
    return str(getattr(node.func, "attr", getattr(node.func, "id", "")))


def calls_sleep(node: ast.Call) -> bool:
    function = node.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.attr == "sleep" and function.value.id in {"time", "asyncio"}
    return isinstance(function, ast.Name) and function.id == "sleep"

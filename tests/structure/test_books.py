"""The books say what the code says."""

import ast
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from cli.stack.roles import ROLES
from hub_db.models import metadata
from schemas.attributes import ContractAttributes, FieldAttributes
from schemas.formats import FORMATS
from schemas.reasons import REASONS
from tests.structure.books import BOOKS, MADE, MAKERS, made
from tests.structure.repository import ROOT, code, texts, tree

PAGES = sorted((ROOT / BOOKS).glob("*.md"))


def text(name: str) -> str:
    return (ROOT / BOOKS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_made_parts_of_a_book_are_in_step_with_the_code(page: Path) -> None:
    """When this fails: .venv/bin/python -m tests.structure.books"""
    written = page.read_text(encoding="utf-8")

    assert written == made(written)


def test_everything_that_is_made_stands_in_a_book() -> None:
    placed = {match[0] for page in PAGES for match in MADE.findall(page.read_text(encoding="utf-8"))}

    assert placed == set(MAKERS)


@pytest.mark.parametrize(
    ("heading", "attributes"), [("`contract`", ContractAttributes), ("A field", FieldAttributes)], ids=str
)
def test_the_book_of_contracts_has_every_keyword_and_no_other(heading: str, attributes: type[BaseModel]) -> None:
    section = text("contract.md").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    first_cells = re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)
    keywords = {word for cell in first_cells for word in re.findall(r"`(\w+)`", cell)}

    assert keywords == set(attributes.model_fields)


def test_the_book_of_the_database_has_every_table_and_role() -> None:
    page = text("database.md")
    tables = {
        table.name if table.schema == "hub" else f"{table.schema}.{table.name}" for table in metadata.sorted_tables
    }

    assert {name for name in (*tables, *ROLES) if f"`{name}`" not in page} == set()


def test_a_book_that_the_code_names_is_there() -> None:
    named = {
        (match.rstrip("."), str(path))
        for path, written in texts()
        if path.suffix in {".py", ".sql", ".toml", ".yml", ".html"}
        for match in re.findall(r"\bdocs/[\w/.-]+", written)
    }

    assert [(book, path) for book, path in sorted(named) if not any(ROOT.glob(f"{book}*"))] == []


def test_every_code_with_which_the_code_refuses_is_in_the_table() -> None:
    """`reject("…")` and `Rejection(Fault.X, "…")` with a code that is written out."""
    used = {
        (argument.value, f"{path}:{node.lineno}")
        for path in code()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and node.args and called(node) in {"reject", "Rejection"}
        for argument in node.args[: 1 if called(node) == "reject" else 2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    of_formats = {known.form_code for known in FORMATS.values()}
    of_formats |= {check.code for known in FORMATS.values() for check in known.checks}

    assert len(used) > 10
    assert sorted((word, place) for word, place in used if word not in REASONS.keys() | of_formats) == []


def called(node: ast.Call) -> str:
    return str(getattr(node.func, "attr", getattr(node.func, "id", "")))

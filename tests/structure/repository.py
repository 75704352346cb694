"""The repository as files: what the structure tests look at."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NOT_ROOMS = {"tests", "docs", "deploy"}  # top-level folders that are no package of the wheel
NOT_OURS = {".venv", ".git", "__pycache__", "dist", "build", "node_modules"}
BINARY = {".png", ".jpg", ".ico", ".woff2", ".parquet", ".gz", ".zip", ".whl", ".bin"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that is, or would be, in the repository, relative to its root; a copy without git is walked."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.split("\0") if listed.returncode == 0 else [str(path.relative_to(ROOT)) for path in walk()]
    return tuple(sorted(Path(name) for name in names if name and (ROOT / name).is_file()))


def walk() -> Iterator[Path]:
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if path.is_file() and not NOT_OURS & set(parts) and not parts[0].startswith(".simpul"):
            yield path


def modules(*, under: str | None = None) -> list[Path]:
    """Python files, of one top-level folder or of all."""
    return [path for path in files() if path.suffix == ".py" and (under is None or path.parts[0] == under)]


def code() -> list[Path]:
    """Python files that are no tests."""
    return [path for path in modules() if path.parts[0] != "tests"]


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file with its content; data of a megabyte and more are left out."""
    for path in files():
        full = ROOT / path
        if path.suffix not in BINARY and path.suffix != ".csv" and full.stat().st_size < 1_000_000:
            yield path, full.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


@cache
def rooms() -> frozenset[str]:
    """Top-level folders with an `__init__.py`."""
    found = {path.parts[0] for path in files() if len(path.parts) == 2 and path.name == "__init__.py"}
    return frozenset(found - NOT_ROOMS)


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

"""The locked packages: complete, hashed, without addresses."""

import re
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.structure.repository import ROOT, pyproject

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]+\])?==([^\s;\\]+)")


def lock() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def blocks() -> dict[str, list[tuple[Version, str]]]:
    """name -> its pins, one for each environment that needs another, with the lines that belong to it."""
    found: dict[str, list[tuple[Version, str]]] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock()):
        if match := PINNED.match(block):
            found.setdefault(canonicalize_name(match[1]), []).append((Version(match[2]), block))
    return found


def direct() -> Iterator[Requirement]:
    project = pyproject()["project"]
    texts = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        texts += extra
    for requirement in map(Requirement, texts):
        if requirement.name != project["name"]:
            yield requirement


def test_every_locked_package_has_hashes() -> None:
    without = [name for name, pins in blocks().items() for _, text in pins if "--hash=sha256:" not in text]

    assert len(blocks()) > 50
    assert without == []


def test_nothing_but_pins_hashes_and_comments_stands_in_the_lock() -> None:
    allowed = re.compile(r"^(#.*|\s+#.*|\s+--hash=sha256:[0-9a-f]{64}( \\)?|[A-Za-z0-9._\[\]-]+==.*|)$")

    assert [line for line in lock().splitlines() if not allowed.match(line)] == []


def test_the_lock_holds_no_address() -> None:
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links|file:", lock()) == []


def test_every_direct_dependency_is_locked_at_a_version_that_it_allows() -> None:
    locked = blocks()
    wrong = [
        str(requirement)
        for requirement in direct()
        if not any(
            requirement.specifier.contains(pin) for pin, _ in locked.get(canonicalize_name(requirement.name), [])
        )
    ]

    assert wrong == []

"""The image of the hub: what it is made of, and what it leaves out."""

import re
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cli.settings import ROOT
from deploy.hub_requirements import EXTRA, select
from tests.structure.repository import pyproject, rooms

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def selected() -> set[str]:
    text = select(*((ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "requirements.lock")))
    return set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))


def needed() -> set[str]:
    """What the hub needs on this machine, by the metadata of what is installed here."""
    project = pyproject()["project"]
    texts = [*project["dependencies"]]
    for extra in ("adapter", EXTRA):
        texts += project["optional-dependencies"][extra]
    waiting = [Requirement(text) for text in texts if not text.startswith(project["name"])]
    waiting = [each for each in waiting if each.marker is None or each.marker.evaluate()]
    found: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        extras = requirement.extras or {""}
        name = canonicalize_name(requirement.name)
        if name in found and not requirement.extras:
            continue
        found.add(name)
        for text in metadata.requires(name) or []:
            inner = Requirement(text)
            if inner.marker is None or any(inner.marker.evaluate({"extra": each}) for each in extras):
                inner.marker = None
                waiting.append(inner)
    return found


def test_the_selection_of_the_lock_holds_all_that_the_hub_needs() -> None:
    assert needed() - selected() == set()


def test_the_selection_leaves_out_tests_tools_and_the_local_stack() -> None:
    project = pyproject()["project"]["optional-dependencies"]
    names = {canonicalize_name(Requirement(text).name) for text in [*project["dev"], *project["local"]]}

    assert selected() & names - needed() - {"simpul"} == set()


def test_the_image_has_every_room_that_the_hub_runs() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))

    assert copied == rooms() - {"bench"}


def test_the_image_builds_from_hashed_wheels_and_does_not_run_as_root() -> None:
    stages = DOCKERFILE.split("FROM ")[1:]

    assert [stage.split()[0] for stage in stages] == ["python:3.13-slim", "python:3.13-slim"]
    assert "--require-hashes" in stages[0]
    assert "--only-binary :all:" in stages[0]
    assert re.findall(r"^USER (\S+)$", stages[1], re.MULTILINE) == ["10001"]


def test_what_is_copied_into_the_image_may_be_seen_by_the_build() -> None:
    seen = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }

    assert {source for source in copied if f"!{source}" not in seen} == set()
    assert {source for source in copied if not (ROOT / source).exists()} == set()

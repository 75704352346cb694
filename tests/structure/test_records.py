"""The records that the repository keeps of itself."""

import re
from pathlib import Path

import pytest

from base.release import RELEASE
from tests.structure.repository import ROOT, files, pyproject

DECISIONS = sorted(path for path in files() if path.parts[:2] == ("docs", "decisions"))
MARKDOWN = [path for path in files() if path.suffix == ".md"]


def headings(path: Path, level: int) -> list[str]:
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.findall(rf"^{'#' * level} (.+)$", text, re.MULTILINE)


def test_the_changelog_opens_with_what_is_not_released_yet() -> None:
    assert headings(Path("CHANGELOG.md"), 2)[0] == "Unreleased"


def test_the_release_that_the_code_names_is_the_package_s() -> None:
    assert pyproject()["project"]["version"] == RELEASE


def test_no_two_decisions_have_one_number() -> None:
    """A hole is a number that is kept for a decision under way."""
    numbers = [path.name[:5] for path in DECISIONS]

    assert all(re.fullmatch(r"[0-9]{4}-", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem[:4])
def test_a_decision_tells_context_options_choice_and_what_would_change_our_mind(path: Path) -> None:
    assert headings(path, 2) == ["Context", "Options", "Choice", "What would change our mind"]


def test_data_of_others_have_their_licence_beside_them() -> None:
    folders = {path.parent for path in files() if path.suffix == ".csv" and path.parts[0] != "tests"}

    assert {str(folder) for folder in folders if not any((ROOT / folder).glob("LICENSE*"))} == set()
    assert Path("schemas/codes/wilayah") in folders


@pytest.mark.parametrize("path", MARKDOWN, ids=str)
def test_a_link_to_a_file_of_the_repository_leads_there(path: Path) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / path).read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    local = [target.split("#")[0] for target in targets if not target.startswith(("#", "mailto:"))]

    assert [target for target in local if not (ROOT / path.parent / target).exists()] == []


def test_every_book_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    to_read = [Path("README.md")]
    while to_read:
        page = to_read.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", (ROOT / page).read_text(encoding="utf-8")):
            linked = (ROOT / page.parent / target).resolve()
            if "://" not in target and linked.is_file():
                to_read.append(linked.relative_to(ROOT))
    books = {path for path in MARKDOWN if path.parts[0] == "docs"}

    assert books - seen == set()

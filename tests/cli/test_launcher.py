"""`./simpul` itself: finds its folder and its Python, makes the environment once, and then steps aside."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from tests.eventually import eventually

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "dash", "cmp", "readlink", "cat", "sleep")
# Says where it is and what it was asked, as the real environment's Python would run the command line.
ECHO = '#!/bin/sh\nprintf "%s\\n" "$PWD" "$PYTHONPATH" "$@"\n'


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The launcher with a lock of its own and an environment that is up to date but holds only a pretended Python."""
    root = tmp_path / "a folder with spaces"
    (root / "cli").mkdir(parents=True)
    shutil.copy(ROOT / "simpul", root)
    shutil.copy(ROOT / "cli" / "bootstrap.py", root / "cli")
    (root / "requirements.lock").write_text("one==1\n")
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "installed.lock").write_text("one==1\n")
    script(root / ".venv" / "bin" / "python", ECHO)
    return root


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def bare_path(folder: Path) -> Path:
    """A PATH with the tools of any system and no Python."""
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found:
            (folder / tool).symlink_to(found)
    return folder


def launch(
    launcher: Path, *arguments: str, folder: Path = Path("/"), told: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    environment = {"HOME": str(launcher.parent), "PATH": os.environ["PATH"], **(told or {})}
    return subprocess.run(
        [launcher, *arguments], capture_output=True, text=True, check=False, cwd=folder, env=environment, timeout=120
    )


def test_it_runs_through_links_from_any_folder_and_hands_its_arguments_on(copy: Path, tmp_path: Path) -> None:
    first = tmp_path / "links" / "first"
    first.parent.mkdir()
    first.symlink_to(copy / "simpul")
    second = tmp_path / "second"
    second.symlink_to("links/first")

    done = launch(second, "publish", "two words", "", folder=tmp_path)

    assert done.stdout.splitlines() == [str(tmp_path), str(copy), "-m", "cli", "publish", "two words", ""]
    assert (done.stderr, done.returncode) == ("", 0)


def test_the_exit_code_is_that_of_the_command(copy: Path) -> None:
    script(copy / ".venv" / "bin" / "python", "#!/bin/sh\nexit 7\n")

    assert launch(copy / "simpul").returncode == 7


def test_a_signal_reaches_the_command_because_the_launcher_became_it(copy: Path) -> None:
    script(copy / ".venv" / "bin" / "python", "#!/bin/sh\nexec sleep 60\n")

    with subprocess.Popen([copy / "simpul"]) as running:
        eventually(lambda: psutil.Process(running.pid).name(), until=lambda name: name == "sleep")
        running.terminate()

        assert running.wait(timeout=10) == -signal.SIGTERM


def test_a_python_that_is_too_old_is_told_in_one_line(copy: Path, tmp_path: Path) -> None:
    path = bare_path(tmp_path / "bin")
    script(path / "python3", "#!/bin/sh\nexit 1\n")  # as any check of its version ends
    shutil.rmtree(copy / ".venv")

    done = launch(copy / "simpul", "demo", told={"PATH": str(path)})

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Python 3.11" in done.stderr
    assert not (copy / ".venv").exists()


def test_an_old_python3_beside_a_newer_one_does_not_matter(copy: Path, tmp_path: Path) -> None:
    path = bare_path(tmp_path / "bin")
    script(path / "python3", "#!/bin/sh\nexit 1\n")
    script(path / "python3.12", '#!/bin/sh\n[ "$1" = -c ] || printf "%s\\n" "$@"\n')
    (copy / "requirements.lock").write_text("one==2\n")  # so the environment is out of date

    done = launch(copy / "simpul", "up", told={"PATH": str(path)})

    assert done.stdout.splitlines() == [str(copy / "cli" / "bootstrap.py"), str(copy), "up"]


def test_without_a_network_one_line_says_so_and_nothing_half_made_stays(copy: Path) -> None:
    shutil.rmtree(copy / ".venv")
    path = f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin"

    done = launch(copy / "simpul", "demo", told={"PATH": path, **nowhere()})

    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert len(lines) == 2  # what it is about to do, and why it could not
    assert lines[1].startswith("simpul: Paket Python tidak dapat dipasang")
    assert "jaringan" in lines[1]
    assert sorted(entry.name for entry in copy.iterdir()) == ["cli", "requirements.lock", "simpul"]


def nowhere() -> dict[str, str]:
    """Package tools that are sent to a port where nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
    tools = {"PIP_INDEX_URL": address, "UV_DEFAULT_INDEX": address, "PIP_RETRIES": "0", "UV_HTTP_RETRIES": "0"}
    return {**tools, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1"}


def test_a_debian_without_its_venv_package_is_told_what_to_install(copy: Path, tmp_path: Path) -> None:
    path = bare_path(tmp_path / "bin")
    (path / "python3").symlink_to(Path(sys.executable).resolve())
    # What Debian's own `venv` says when the package is missing.
    said = "The virtual environment was not created successfully because ensurepip is not\\navailable."
    script(tmp_path / "debian" / "venv" / "__main__.py", f'import sys\nprint("{said}")\nsys.exit(1)\n')
    (tmp_path / "debian" / "venv" / "__init__.py").touch()
    shutil.rmtree(copy / ".venv")

    done = launch(copy / "simpul", told={"PATH": str(path), "PYTHONPATH": str(tmp_path / "debian")})

    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert not (copy / ".venv").exists()


def test_what_was_interrupted_is_done_again_and_a_second_launcher_waits_for_the_first(copy: Path) -> None:
    """The environment exists but has no mark: its making was cut off. The pretended uv writes down each call."""
    (copy / ".venv" / "installed.lock").unlink()
    version = ".".join(map(str, sys.version_info[:3]))
    real = Path(sys.executable).resolve()
    script(
        copy / ".venv" / "bin" / "python",
        f'#!/bin/sh\n[ "$1" = -c ] && echo {version.replace(".", " ")} || echo "ran $*"\n',
    )
    calls = copy / "calls"
    path = bare_path(copy.parent / "bin")
    (path / "python3").symlink_to(real)
    script(path / "uv", f'#!/bin/sh\nsleep 0.3\necho "$@" >> "{calls}"\n')
    environment = {"PATH": str(path), "HOME": str(copy)}

    both = [
        subprocess.Popen([copy / "simpul", name], stdout=subprocess.PIPE, text=True, env=environment)
        for name in ("first", "second")
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in both)

    assert said == ["ran -m cli first", "ran -m cli second"]
    assert len(calls.read_text().splitlines()) == 1
    assert (copy / ".venv" / "installed.lock").read_text() == "one==1\n"

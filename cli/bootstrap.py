"""Makes `.venv` from `requirements.lock`, then becomes the command line. Run by the launcher with any Python 3.11 or
newer, so standard library only.

One at a time: a second launcher waits for the first and then finds all done. The mark (a copy of the lock) is written
last, so what was interrupted is done again; what the first run cannot finish, it takes away.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

MARK = "installed.lock"
NO_ENSUREPIP = "ensurepip"  # what Python says when Debian has split its venv off
# Ends as the launcher's own exit codes do: 1 refused.
REFUSED, INTERRUPTED = 1, 130


class Failed(Exception):
    """One line for the person who waits."""


def main(root: Path, arguments: list[str]) -> int:
    lock, venv = root / "requirements.lock", root / ".venv"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up then too
    turn = os.open(root, os.O_RDONLY)  # the folder itself is the lock: no file is left
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not is_current(venv, lock):
            make(venv, lock)
    except Failed as error:
        return end(str(error), REFUSED)
    except OSError as error:
        return end(f"{venv} tidak dapat dibuat: {error}.", REFUSED)
    except KeyboardInterrupt:
        return end("Dihentikan. Jalankan lagi untuk melanjutkan.", INTERRUPTED)
    finally:
        os.close(turn)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    python = str(python_of(venv))
    os.execv(python, [python, "-m", "cli", *arguments])  # noqa: S606 - no shell is wanted


def end(line: str, code: int) -> int:
    sys.stderr.write(f"simpul: {line}\n")
    return code


def is_current(venv: Path, lock: Path) -> bool:
    mark = venv / MARK
    return python_of(venv).exists() and mark.exists() and mark.read_bytes() == lock.read_bytes()


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def make(venv: Path, lock: Path) -> None:
    """Make or bring up to date; a first try that fails leaves nothing."""
    sys.stderr.write("Menyiapkan Simpul (sekali saja; perlu jaringan) …\n")
    fresh = not venv.exists()
    content = lock.read_bytes()
    try:
        create(venv)
        install(venv, lock)
    except BaseException:
        if fresh:
            shutil.rmtree(venv, ignore_errors=True)
        raise
    draft = venv / f"{MARK}.part"
    draft.write_bytes(content)
    draft.replace(venv / MARK)


def create(venv: Path) -> None:
    """An environment of this Python; kept when it is one already and still runs."""
    if python_of(venv).exists() and version_of(venv) == sys.version_info[:3]:
        return
    shutil.rmtree(venv, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)])
        return
    try:
        run([sys.executable, "-m", "venv", str(venv)])
    except Failed as error:
        if NO_ENSUREPIP in str(error):
            raise Failed(
                "Modul venv dari Python tidak lengkap. Pasang dengan: apt install python3-venv, lalu jalankan lagi."
            ) from None
        raise


def version_of(venv: Path) -> tuple[int, ...]:
    done = subprocess.run(
        [python_of(venv), "-c", "import sys; print(*sys.version_info[:3])"],
        capture_output=True,
        text=True,
        check=False,
    )
    return tuple(int(part) for part in done.stdout.split())


def install(venv: Path, lock: Path) -> None:
    """Everything of the lock, each file checked by its hash."""
    uv = shutil.which("uv")
    if uv is None:
        uv = str(venv / "bin" / "uv")
        if not Path(uv).exists():
            if not (venv / "bin" / "pip").exists():  # an environment that a uv made, which is gone
                run([str(python_of(venv)), "-m", "ensurepip"])
            run([str(python_of(venv)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"])
    run([uv, "pip", "install", "--python", str(python_of(venv)), "--require-hashes", "-r", str(lock)], shown=True)


def run(command: list[str], *, shown: bool = False) -> None:
    """Run a tool; on a terminal its own progress may be shown. Raises Failed with the last thing that it said."""
    visible = shown and sys.stderr.isatty()
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=None if visible else subprocess.PIPE,
        stderr=None if visible else subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        said = [line.strip() for line in (done.stdout or "").splitlines() if line.strip()]
        reason = next((line for line in said if NO_ENSUREPIP in line), said[-1] if said else "lihat pesan di atas")
        raise Failed(
            f"Paket Python tidak dapat dipasang ({reason}). Periksa sambungan jaringan, lalu jalankan lagi; "
            "yang sudah terunduh tidak diunduh ulang."
        )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))

"""The check of a signed file in a process of its own: a hostile PDF costs that one, not the one that serves pages.

The child gets no environment but where our packages are, opens no socket, and may use so much memory and time. It is
asked by one line of JSON and the file's bytes, and answers with one line of JSON.

    python -m sop.signatures.apart
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sop.signatures.kept import Kept
from sop.signatures.verdict import Fault, Holds, Refused, Signature, Verdict

CPU_S: Final = 20  # of the child; a paper of ours takes a tenth of a second beside the start
WALL_S: Final = 60.0  # for the answer, on a machine that has other things to do
MEMORY: Final = 1024 * 1024 * 1024  # bytes of address space: fifty times the largest file
AT_ONCE: Final = 2
WAIT_S: Final = 20.0  # for a turn
_turns: Final = threading.BoundedSemaphore(AT_ONCE)


def examine_apart(data: bytes, papers: Sequence[Kept], anchors: Path, now: datetime) -> Verdict:
    """As `examine`, in a process of its own."""
    if not _turns.acquire(timeout=WAIT_S):
        return Refused(Fault.BUSY)
    try:
        return _ask(data, papers, anchors, now)
    finally:
        _turns.release()


def _ask(data: bytes, papers: Sequence[Kept], anchors: Path, now: datetime) -> Verdict:
    asked = {"papers": [asdict(each) for each in papers], "anchors": str(anchors), "now": now.isoformat()}
    try:
        ran = subprocess.run(  # noqa: S603 - our own module, without a shell
            [sys.executable, "-m", __name__],
            input=json.dumps(asked).encode() + b"\n" + data,
            capture_output=True,
            timeout=WALL_S,
            check=False,
            env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"},
        )
    except subprocess.TimeoutExpired:
        return Refused(Fault.TOO_MUCH)
    if ran.returncode != 0:
        return Refused(Fault.TOO_MUCH)
    return _read(json.loads(ran.stdout))


def _read(told: Mapping[str, Any]) -> Verdict:
    if "fault" in told:
        return Refused(Fault(told["fault"]), told["about"], _moment(told["at"]))
    found = [Signature(**{**each, "signed_at": _moment(each["signed_at"])}) for each in told["signatures"]]
    return Holds(tuple(found), told["version"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _answer() -> None:
    """The child: limits first, then everything that reads foreign bytes."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    from sop.signatures.examining import examine

    asked = json.loads(sys.stdin.buffer.readline())
    papers = [Kept(**each) for each in asked["papers"]]
    now = datetime.fromisoformat(asked["now"])
    verdict = examine(sys.stdin.buffer.read(), papers, Path(asked["anchors"]), now)
    told = asdict(verdict)
    sys.stdout.write(json.dumps(told, default=str))


if __name__ == "__main__":
    _answer()

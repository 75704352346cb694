"""Fault points: exactly the armed visit, and nothing otherwise."""

import ast
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from base import faults

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("base", "schemas", "producers", "registry", "hub_db", "consumers", "dashboard", "cli")


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    faults.arm("")


def test_nothing_happens_until_a_fault_is_armed() -> None:
    passed = []

    for name in sorted(faults.POINTS):
        faults.point(name)
        passed.append(name)

    assert passed == sorted(faults.POINTS)


def test_the_fault_happens_at_the_nth_visit_and_only_there() -> None:
    faults.arm("copy.row:3:raise")
    seen = []

    for visit in range(1, 6):
        faults.point("batch.begin")
        try:
            faults.point("copy.row")
        except faults.FaultInjected:
            seen.append(visit)

    assert seen == [3]


def test_several_faults_are_armed_together() -> None:
    faults.arm("copy.row:1:raise, tx.precommit:1:raise")

    for name in ("copy.row", "tx.precommit"):
        with pytest.raises(faults.FaultInjected, match=name):
            faults.point(name)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        pytest.param("nowhere:1:kill", "unknown fault point", id="unknown point"),
        pytest.param("copy.row:0:kill", "is not <point>", id="visits count from one"),
        pytest.param("copy.row:1:explode", "unknown action", id="unknown action"),
        pytest.param("copy.row:kill", "is not <point>", id="no number"),
        pytest.param("tx.precommit:1:raise,copy.row", "is not <point>", id="one of two is wrong"),
    ],
)
def test_a_wrong_specification_is_refused_and_arms_nothing(spec: str, reason: str) -> None:
    with pytest.raises(faults.FaultSpecError, match=reason):
        faults.arm(spec)

    faults.point("tx.precommit")


def test_an_undeclared_point_is_found_as_soon_as_anything_is_armed() -> None:
    faults.arm("copy.row:1:raise")

    with pytest.raises(faults.FaultSpecError, match="not declared"):
        faults.point("copy.rows")


def test_kill_ends_the_process_at_the_point() -> None:
    code = (
        "from base import faults\nfaults.arm('copy.row:2:kill')\n"
        "for n in range(3):\n    faults.point('copy.row')\n    print(n, flush=True)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "0\n")


def test_every_point_in_the_code_is_declared() -> None:
    used = {
        node.args[0].value
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "faults.point"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }

    assert used <= faults.POINTS

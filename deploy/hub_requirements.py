"""Prints the part of requirements.lock that the hub needs: no test tools, no local Kafka or PostgreSQL.

    python deploy/hub_requirements.py > hub.lock

The lock says for each package which other package asked for it (`# via`); from the direct dependencies of the extra
`hub` everything below is taken, pins and hashes untouched. Runs on the standard library alone.
"""

import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXTRA = "hub"


def normal(name: str) -> str:
    """A package's name as the lock spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def direct(project: Mapping[str, Any], extra: str) -> set[str]:
    """Direct dependencies of the project with an extra; an extra may name another (`simpul[adapter]`)."""
    found: set[str] = set()
    for requirement in [*project["dependencies"], *project["optional-dependencies"][extra]]:
        name, _, others = re.split(r"[^A-Za-z0-9._\[\],-]", requirement)[0].removesuffix("]").partition("[")
        if name == project["name"]:
            found.update(*(direct(project, other) for other in others.split(",")))
        else:
            found.add(normal(name))
    return found


def blocks(lock: str) -> list[tuple[str, frozenset[str], str]]:
    """Each pin of the lock: its name, who asked for it, its lines."""
    found = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        asked = re.findall(r"^\s+# (?:via )?\s*([A-Za-z0-9._-]+)", block, re.MULTILINE)
        found.append((normal(block.split("==")[0].split("[")[0]), frozenset(map(normal, asked)), block))
    return found


def select(pyproject: str, lock: str, *, extra: str = EXTRA) -> str:
    """The lines of the lock that an extra needs."""
    taken = direct(tomllib.loads(pyproject)["project"], extra)
    pins = blocks(lock)
    while more := {name for name, asked, _ in pins if asked & taken} - taken:
        taken |= more
    return "\n".join(block for name, _, block in pins if name in taken) + "\n"


if __name__ == "__main__":
    files = (ROOT / name for name in ("pyproject.toml", "requirements.lock"))
    sys.stdout.write(select(*(file.read_text(encoding="utf-8") for file in files)))

"""Named SQL statements out of a room's `sql/*.sql` files.

A statement opens with `-- name: <name>`, goes on with at least one comment line (what it returns, which index
serves it), then its SQL up to the next name.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

_NAME = re.compile(r"--\s*name:\s*(\S+)\s*")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


def load(package: str, file: str) -> Mapping[str, str]:
    """The statements of `file` (a path inside `package`) by name, without comments and closing semicolons.

    Comment lines go so that a `%` in them is no parameter. Raises ValueError for a file that breaks the form.
    """
    where = f"{package}/{file}"
    blocks: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in files(package).joinpath(file).read_text(encoding="utf-8").splitlines():
        match = _NAME.fullmatch(line.strip())
        if match is not None:
            if match[1] in blocks or not _IDENTIFIER.fullmatch(match[1]):
                raise ValueError(f"{where}: name {match[1]!r} is doubled or no identifier")
            lines = blocks.setdefault(match[1], [])
        elif lines is not None:
            lines.append(line)
        elif line.strip() and not line.lstrip().startswith("--"):
            raise ValueError(f"{where}: SQL before the first name")
    return MappingProxyType({name: _statement(where, name, block) for name, block in blocks.items()})


def _statement(where: str, name: str, block: list[str]) -> str:
    sql = [line for line in block if not line.lstrip().startswith("--")]
    text = "\n".join(sql).strip().removesuffix(";").rstrip()
    if not text:
        raise ValueError(f"{where}: {name} is empty")
    if not block[0].lstrip().startswith("--"):
        raise ValueError(f"{where}: {name} has no comment that says what it returns")
    return text

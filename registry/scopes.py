"""Configuration and mode: of everything, of a context, of a subject; the nearest that says something wins.

The caller owns the transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from hub_db import statements
from registry.compatibility import Level
from registry.subject_names import context_of, is_context, scope_of_context

SQL = statements.load("registry", "sql/scopes.sql")
GLOBAL: Final = ""
DEFAULT_LEVEL: Final = Level.BACKWARD
LEVEL: Final = "compatibilityLevel"
EPOCH: Final = "simpulEpoch"  # a member of ours beside Confluent's


class Mode(StrEnum):
    """What may be done to a scope's subjects."""

    READWRITE = "READWRITE"
    READONLY = "READONLY"
    READONLY_OVERRIDE = "READONLY_OVERRIDE"  # the global one wins over every other mode
    IMPORT = "IMPORT"  # schemas come with ids of their own


@dataclass(frozen=True, slots=True)
class Scope:
    """What one scope says itself; None where it says nothing."""

    config: Mapping[str, Any] | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds for a subject: the members of all its scopes, the nearest one's first."""

    level: Level = DEFAULT_LEVEL
    mode: Mode = Mode.READWRITE
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def normalises(self) -> bool:
        return self.config.get("normalize") is True


def scopes_of(subject: str) -> list[str]:
    """From far to near: everything, the context, the subject."""
    context = scope_of_context(context_of(subject))
    return [GLOBAL, context] if is_context(subject) else [GLOBAL, context, subject]


def own(conn: Connection[TupleRow], scope: str) -> Scope:
    """What a scope says itself."""
    return _read(conn, [scope]).get(scope, Scope())


def effective(conn: Connection[TupleRow], subject: str) -> Effective:
    """What holds for a subject."""
    names = scopes_of(subject)
    found = _read(conn, names)
    config: dict[str, Any] = {}
    mode = Mode.READWRITE
    for name in names:
        said = found.get(name, Scope())
        config |= said.config or {}
        mode = said.mode or mode
    if (everywhere := found.get(GLOBAL)) is not None and everywhere.mode is Mode.READONLY_OVERRIDE:
        mode = Mode.READONLY_OVERRIDE
    return Effective(Level(config.get(LEVEL, DEFAULT_LEVEL)), mode, config)


def put_config(conn: Connection[TupleRow], scope: str, changes: Mapping[str, Any], *, by: str) -> Mapping[str, Any]:
    """Lay `changes` over a scope's configuration; the whole of it."""
    row = conn.execute(SQL["put_config"], {"scope": scope, "config": Jsonb(changes), "by": by}).fetchone()
    return {} if row is None else row[0]


def put_mode(conn: Connection[TupleRow], scope: str, mode: Mode, *, by: str) -> None:
    """Set a scope's mode."""
    conn.execute(SQL["put_mode"], {"scope": scope, "mode": mode, "by": by})


def delete_config(conn: Connection[TupleRow], scope: str) -> None:
    """From now on the next wider scope's configuration holds."""
    conn.execute(SQL["clear_config"], {"scope": scope})
    conn.execute(SQL["drop_scope"], {"scope": scope, "part": "config"})


def delete_mode(conn: Connection[TupleRow], scope: str) -> None:
    """From now on the next wider scope's mode holds."""
    conn.execute(SQL["clear_mode"], {"scope": scope})
    conn.execute(SQL["drop_scope"], {"scope": scope, "part": "mode"})


def forget(conn: Connection[TupleRow], subject: str) -> None:
    """A subject is gone, and what it said with it."""
    conn.execute(SQL["forget_scope"], {"scope": subject})


def aliases_of(conn: Connection[TupleRow], subject: str) -> list[str]:
    """The other names of a subject."""
    return [row[0] for row in conn.execute(SQL["aliased"], {"subject": subject})]


def epoch_of(conn: Connection[TupleRow], subject: str) -> int:
    """The numbering in which the source of a subject's events is (`hub_db/epochs.py`)."""
    row = conn.execute(SQL["epoch"], {"subject": subject}).fetchone()
    return 0 if row is None else int(row[0])


def _read(conn: Connection[TupleRow], names: list[str]) -> dict[str, Scope]:
    rows = conn.execute(SQL["scopes"], {"scopes": names}).fetchall()
    return {name: Scope(config, None if mode is None else Mode(mode)) for name, config, mode in rows}

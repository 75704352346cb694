"""The seven compatibility levels of a subject, and every reason against a new version. Pure.

A level compares the new schema with the newest version, its transitive twin with all versions. BACKWARD: the new
schema reads what the old one wrote. FORWARD: the old one reads what the new one writes. FULL: both. For a schema with
a contract the contract is compared as well (`contract_changes.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from registry.avro_resolution import Definitions, Mismatch, mismatches
from registry.contract_changes import narrowings


class Level(StrEnum):
    """As the Confluent API writes them."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def is_transitive(self) -> bool:
        return self.endswith("_TRANSITIVE")

    @property
    def new_reads_old(self) -> bool:
        return self.startswith(("BACKWARD", "FULL"))

    @property
    def old_reads_new(self) -> bool:
        return self.startswith(("FORWARD", "FULL"))


@dataclass(frozen=True, slots=True)
class OldVersion:
    """A version that a new schema is held against."""

    version: int
    text: str
    schema: Definitions


@dataclass(frozen=True, slots=True)
class Conflict:
    """One reason why two versions do not go together."""

    mismatch: Mismatch
    reader: Literal["new", "old"]  # whose schema would read what the other one wrote
    version: int  # the older one


# kind of mismatch → what the message says of it; {0} is the path, {1} what was found, {2} and {3} reader and writer
_SENTENCES = {
    "NAME_MISMATCH": "The name of the schema has changed (path '{0}')",
    "FIXED_SIZE_MISMATCH": "The size of FIXED type field at path '{0}' in the {2} schema does not match with the {3} "
    "schema",
    "MISSING_ENUM_SYMBOLS": "The {2} schema is missing enum symbols '{1}' at path '{0}' in the {3} schema",
    "READER_FIELD_MISSING_DEFAULT_VALUE": "The field '{1}' at path '{0}' in the {2} schema has no default value and is "
    "missing in the {3} schema",
    "TYPE_MISMATCH": "The type (path '{0}') of a field in the {2} schema does not match with the {3} schema",
    "MISSING_UNION_BRANCH": "The {2} schema is missing a type inside a union field at path '{0}' in the {3} schema",
    "CONTRACT": "The contract at path '{0}' of the {2} schema does not take everything that the {3} schema takes",
}


def breaches(level: Level, new: Definitions, old: Sequence[OldVersion]) -> list[str]:
    """Every reason against `new` under `level`, as the API words them; empty when it is compatible.

    `old`: the versions that the level compares with (`compared`), in any order.
    """
    found = conflicts(level, new, old)
    if not found:
        return []
    version = next(each for each in old if each.version == found[0].version)
    return [
        *map(_worded, found),
        f"{{oldSchemaVersion: {version.version}}}",
        f"{{oldSchema: '{version.text}'}}",
        f"{{compatibility: '{level}'}}",
    ]


def conflicts(level: Level, new: Definitions, old: Sequence[OldVersion]) -> list[Conflict]:
    """Every conflict of `new` with the newest of the versions that it has any with."""
    for version in sorted(old, key=lambda each: -each.version):
        found: list[Conflict] = []
        if level.new_reads_old:
            found += [Conflict(each, "new", version.version) for each in _all(new, version.schema)]
        if level.old_reads_new:
            found += [Conflict(each, "old", version.version) for each in _all(version.schema, new)]
        if found:
            return found
    return []


def compared(level: Level, versions: Sequence[int]) -> list[int]:
    """Which of a subject's live versions a new schema is held against."""
    if level is Level.NONE or not versions:
        return []
    return list(versions) if level.is_transitive else [max(versions)]


def _all(reader: Definitions, writer: Definitions) -> list[Mismatch]:
    return [*mismatches(reader, writer), *narrowings(reader.root, writer.root)]


def _worded(conflict: Conflict) -> str:
    found, writer = conflict.mismatch, "old" if conflict.reader == "new" else "new"
    sentence = _SENTENCES[found.kind].format(found.path, found.found, conflict.reader, writer)
    return f"{{errorType:'{found.kind}', description:'{sentence}', additionalInfo:'{found.found}'}}"

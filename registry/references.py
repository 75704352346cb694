"""Follows a schema's references to the schemas behind them."""

import json
from collections.abc import Sequence
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow

from registry import versions
from registry.avro_resolution import Definitions
from registry.errors import InvalidSchema
from registry.schema_text import Reference, read_json
from registry.subject_names import context_of, qualified
from schemas.names import SubjectName

MAX_REFERENCED: Final = 100  # schemas behind one schema, directly or not


def resolve(conn: Connection[TupleRow], subject: SubjectName, references: Sequence[Reference]) -> list[Any]:
    """The JSON of every schema behind `references`, each before who needs it. Raises InvalidSchema.

    A reference names a subject of the same context as `subject`, unless it says another.
    """
    found: dict[tuple[str, int], Any] = {}
    _collect(conn, context_of(subject), references, found, ())
    return list(found.values())


def definitions_of(conn: Connection[TupleRow], stored: Sequence[versions.Version]) -> list[Definitions]:
    """Each stored version's schema with what it refers to. Nothing is checked again: it was before it was stored."""
    references = versions.references_of(conn, [each.schema_id for each in stored])
    return [
        Definitions.of(json.loads(each.schema_text), resolve(conn, each.subject, references.get(each.schema_id, ())))
        for each in stored
    ]


def _collect(
    conn: Connection[TupleRow],
    context: str,
    references: Sequence[Reference],
    found: dict[tuple[str, int], Any],
    within: tuple[tuple[str, int], ...],
) -> None:
    for reference in references:
        subject = qualified(context, reference.subject)
        place = (subject, reference.version)
        if place in within:
            raise InvalidSchema(f"The references run in a circle through {subject} version {reference.version}")
        if place in found:
            continue
        version = versions.at(conn, subject, reference.version, deleted=True)
        if version is None:
            raise InvalidSchema(f'No schema reference found for subject "{subject}" and version {reference.version}')
        behind = versions.references_of(conn, [version.schema_id]).get(version.schema_id, [])
        _collect(conn, context_of(subject), behind, found, (*within, place))
        if len(found) >= MAX_REFERENCED:
            raise InvalidSchema(f"More than {MAX_REFERENCED} schemas are referred to")
        found[place] = read_json(version.schema_text)

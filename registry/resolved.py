"""A schema in one piece: what it refers to written in where it is first named (`format=resolved`)."""

import json
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from registry import versions
from registry.avro_resolution import Definitions
from registry.normal_form import normal_form
from registry.references import resolve
from registry.versions import Schema
from schemas.names import SubjectName

RESOLVED = "resolved"


def resolved_text(conn: Connection[TupleRow], schema: Schema, format: str | None) -> str:
    """The schema's text as stored, or in one piece when that is asked for and it refers to others."""
    references = versions.references_of(conn, [schema.id]).get(schema.id, []) if format == RESOLVED else []
    if not references:
        return schema.schema_text
    subject = next(iter(versions.uses(conn, schema.id, deleted=True)), (SubjectName(""), 0))[0]
    root = normal_form(json.loads(schema.schema_text))
    behind = [normal_form(each) for each in resolve(conn, subject, references)]
    return json.dumps(_with_definitions(root, Definitions.of(root, behind).named, set()), ensure_ascii=False)


def _with_definitions(schema: Any, named: dict[str, dict[str, Any]], written: set[str]) -> Any:
    """The schema with each name replaced by its definition where it comes first."""
    match schema:
        case str() if schema in named and schema not in written:
            return _with_definitions(normal_form(named[schema]), named, written)
        case str():
            return schema
        case list():
            return [_with_definitions(branch, named, written) for branch in schema]
        case _:
            members = dict(schema)
            if "name" in members:
                written.add(members["name"])
            if "fields" in members:
                members["fields"] = [
                    each | {"type": _with_definitions(each["type"], named, written)} for each in members["fields"]
                ]
            for inner in ("items", "values"):
                if inner in members:
                    members[inner] = _with_definitions(members[inner], named, written)
            return members

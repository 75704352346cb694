"""Makes versions of subjects, and says beforehand whether a schema could be one. The caller owns the transaction."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from registry import scopes, versions
from registry.compatibility import Level, OldVersion, breaches, compared
from registry.errors import Incompatible, NotPermitted
from registry.references import definitions_of
from registry.schema_text import ParsedSchema
from registry.scopes import Effective, Mode
from registry.versions import SQL, Version
from schemas.names import SchemaId, SubjectName

_DEFAULTS = (("metadata", "defaultMetadata", "overrideMetadata"), ("rule_set", "defaultRuleSet", "overrideRuleSet"))


def register(
    conn: Connection[TupleRow],
    subject: SubjectName,
    schema: ParsedSchema,
    *,
    by: str,
    schema_id: SchemaId | None = None,
    version: int | None = None,
) -> Version:
    """The version of `subject` that has this schema; made now if there is none. Safe under any concurrency.

    One schema has one id in all subjects. `schema_id` and `version` are given by whoever imports, in the mode IMPORT.
    The subject's lock comes before the schema's unique index in every transaction, and each takes one of either, so
    no two can wait for one another. Raises NotPermitted, Incompatible.
    """
    told = scopes.effective(conn, subject)
    schema = completed(schema, told)
    found = versions.registered(conn, subject, schema)
    if found is not None and schema_id is None:
        return found
    _check_mode(subject, told, schema_id)
    versions.lock(conn, subject)
    found = versions.registered(conn, subject, schema)  # a new snapshot: whoever held the lock may have made it
    if found is not None:
        if schema_id not in (None, found.schema_id):
            raise NotPermitted(f"Overwrite new schema with id {schema_id} is not permitted.")
        return found
    if told.mode is not Mode.IMPORT:
        reasons = against(conn, subject, schema, told.level)
        if reasons:
            raise Incompatible(subject, reasons)
    stored = _schema_id(conn, schema) if schema_id is None else _import(conn, schema, schema_id)
    marks = {"subject": subject, "schema_id": stored, "version": version, "registered_by": by}
    row = conn.execute(SQL["add_version"], marks).fetchone()
    made = None if row is None else versions.at(conn, subject, row[0])
    if made is None:
        raise AssertionError("INSERT … RETURNING without a row")
    return made


def against(conn: Connection[TupleRow], subject: SubjectName, schema: ParsedSchema, level: Level) -> list[str]:
    """Every reason against `schema` as the next version of `subject`."""
    return against_versions(conn, subject, schema, level, compared(level, versions.numbers(conn, subject)))


def against_versions(
    conn: Connection[TupleRow], subject: SubjectName, schema: ParsedSchema, level: Level, wanted: list[int]
) -> list[str]:
    """Every reason against `schema` beside the given live versions of `subject`."""
    return breaches(level, schema.definitions, old_versions(conn, subject, wanted))


def old_versions(conn: Connection[TupleRow], subject: SubjectName, wanted: list[int]) -> list[OldVersion]:
    """The given live versions of `subject`, as a new schema is held against them."""
    live = versions.live(conn, subject, wanted)
    return [
        OldVersion(each.version, each.schema_text, definitions)
        for each, definitions in zip(live, definitions_of(conn, live), strict=True)
    ]


def completed(schema: ParsedSchema, told: Effective) -> ParsedSchema:
    """The schema with the metadata and rules that the configuration gives to, or forces on, every version."""
    changes: dict[str, Any] = {}
    for name, default, override in _DEFAULTS:
        merged = _merged(told.config.get(default), getattr(schema, name), told.config.get(override))
        if merged is not None:
            changes[name] = merged
    return replace(schema, **changes) if changes else schema


def _merged(*layers: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Later layers win, member by member of each part (`properties`, `tags`, `domainRules` …)."""
    merged: dict[str, Any] | None = None
    for layer in layers:
        if layer is None:
            continue
        merged = {} if merged is None else merged
        for part, value in layer.items():
            before = merged.get(part)
            both = isinstance(before, dict) and isinstance(value, dict)
            merged[part] = {**before, **value} if both and before is not None else value
    return merged


def _check_mode(subject: SubjectName, told: Effective, schema_id: SchemaId | None) -> None:
    if told.mode in (Mode.READONLY, Mode.READONLY_OVERRIDE):
        raise NotPermitted(f"Subject {subject} is in read-only mode")
    if schema_id is not None and told.mode is not Mode.IMPORT:
        raise NotPermitted(f"Subject {subject} is not in import mode")


def _schema_id(conn: Connection[TupleRow], schema: ParsedSchema) -> SchemaId:
    """Look first: an INSERT that meets a conflict uses up an id (a gap that harms nobody, but need not be)."""
    arguments = _columns(schema)
    for statement in ("schema_id_of", "add_schema", "schema_id_of"):
        row = conn.execute(SQL[statement], arguments).fetchone()
        if row is not None:
            schema_id = SchemaId(row[0])
            if statement == "add_schema":
                _add_references(conn, schema_id, schema)
            return schema_id
    raise AssertionError("a schema that conflicts is neither there nor added")


def _import(conn: Connection[TupleRow], schema: ParsedSchema, schema_id: SchemaId) -> SchemaId:
    arguments = _columns(schema) | {"schema_id": schema_id}
    if conn.execute(SQL["import_schema"], arguments).fetchone() is not None:
        conn.execute(SQL["pass_over_ids"], {"schema_id": schema_id})
        _add_references(conn, schema_id, schema)
        return schema_id
    row = conn.execute(SQL["schema_id_of"], arguments).fetchone()
    if row is None or row[0] != schema_id:
        raise NotPermitted(f"Overwrite new schema with id {schema_id} is not permitted.")
    return schema_id


def _columns(schema: ParsedSchema) -> dict[str, object]:
    return {
        "fingerprint": schema.fingerprint,
        "schema_text": schema.text,
        "metadata": None if schema.metadata is None else Jsonb(schema.metadata, dumps=_dumps),
        "rule_set": None if schema.rule_set is None else Jsonb(schema.rule_set, dumps=_dumps),
    }


def _dumps(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def _add_references(conn: Connection[TupleRow], schema_id: SchemaId, schema: ParsedSchema) -> None:
    if schema.references:
        marks = {
            "schema_id": schema_id,
            "names": [each.name for each in schema.references],
            "subjects": [each.subject for each in schema.references],
            "versions": [each.version for each in schema.references],
        }
        conn.execute(SQL["add_references"], marks)

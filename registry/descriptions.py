"""Schemas and versions as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry.schema_text import Reference
from registry.versions import Schema, Version


def described(version: Version, references: Sequence[Reference], *, text: str | None = None) -> dict[str, Any]:
    """A version of a subject. AVRO is the type that is not named."""
    return {
        "subject": version.subject,
        "version": version.version,
        "id": version.schema_id,
        "guid": str(version.guid),
        **_parts(references, version.metadata, version.rule_set),
        "schema": version.schema_text if text is None else text,
        "ts": round(version.registered_at.timestamp() * 1000),
        **({"deleted": True} if version.deleted else {}),
    }


def described_schema(schema: Schema, references: Sequence[Reference], *, text: str | None = None) -> dict[str, Any]:
    """A schema without a subject."""
    return {
        "guid": str(schema.guid),
        **_parts(references, schema.metadata, schema.rule_set),
        "schema": schema.schema_text if text is None else text,
    }


def _parts(
    references: Sequence[Reference], metadata: Mapping[str, Any] | None, rule_set: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What a schema has besides its text; nothing that is empty."""
    listed = [{"name": each.name, "subject": each.subject, "version": each.version} for each in references]
    parts = {"references": listed, "metadata": metadata, "ruleSet": rule_set}
    return {name: part for name, part in parts.items() if part}

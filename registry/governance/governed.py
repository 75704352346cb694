"""Which schemas are governed, and whose they are. Pure.

Governed is what the hub itself reads or publishes: a schema with a contract, under whatever subject, and every schema
under a subject of ours. Versions of those are made by approval alone.
"""

import re
from typing import Any, Final

from registry.subject_names import is_governed

DRAFTS_WAY: Final = "/kontrak/rancangan"  # of the pages
_SUBJECT: Final = re.compile(r"opd\.([a-z0-9]+(?:-[a-z0-9]+)*)\.(.+)-value")


def has_contract(schema: Any) -> bool:
    """Whether a schema says what it means to the hub."""
    return isinstance(schema, dict) and "contract" in schema


def needs_approval(schema: Any, *subjects: str) -> bool:
    """Whether `schema` under one of these names (an alias and what it stands for) is made a version by approval."""
    return has_contract(schema) or any(is_governed(subject) for subject in subjects)


def opd_of(subject: str, schema: Any) -> str | None:
    """The agency whose document it is: by the subject's name, else by the contract; None for the hub's own."""
    match = _SUBJECT.fullmatch(subject)
    if match:
        return match[1]
    contract = schema.get("contract") if isinstance(schema, dict) else None
    said = contract.get("opd") if isinstance(contract, dict) else None
    return said if isinstance(said, str) and re.fullmatch(r"[a-z0-9-]{1,64}", said) else None


def document_of(subject: str) -> str:
    """The document as commands name it: "disdukcapil.penduduk"; the subject itself where it is none."""
    match = _SUBJECT.fullmatch(subject)
    return f"{match[1]}.{match[2]}" if match else subject

"""A contract out of answers, and how its file is written. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.artefacts.lint_fields import Subject, is_specific, needed_sensitivity
from registry.drafting.types import MOMENT, avro_of, example_of

CHANGED: Final = {
    "name": "sumber_diubah",
    "type": MOMENT,
    "doc": "Waktu perubahan di sumber",
    "sensitivity": "umum",
    "example": "2026-01-05T07:05:00Z",
}
_ORDER: Final = ("umum", "terbatas", "pribadi")
_TEXT_LENGTH: Final = 200  # characters of a text about which nothing else is said


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """One field as it is told: name, word of `types.words()`, what it is, whether every row has it."""

    name: str
    word: str
    doc: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Answers:
    """The record as it is told."""

    opd: str
    document: str
    doc: str
    entity: str
    key: tuple[str, ...]
    owner: str
    deputy: str
    contact: str
    legal_basis: str
    freshness: str
    priority: int = 1


def schema_of(answers: Answers, fields: Sequence[Mapping[str, Any] | FieldAnswer]) -> dict[str, Any]:
    """The contract's JSON. Sensitivities are the most open that the lint allows; `sumber_diubah` is added."""
    told = [_field(each) if isinstance(each, FieldAnswer) else dict(each) for each in fields]
    subject = Subject.of(told)
    for each in told:
        needed = needed_sensitivity(each["name"], each.get("format"), subject)
        each["sensitivity"] = needed
        if is_specific(each["name"]):
            each["specific"] = True
    if all(each["name"] != CHANGED["name"] for each in told):
        told.append(dict(CHANGED))
    contract: dict[str, Any] = {
        "opd": answers.opd,
        "document": answers.document,
        "entity": answers.entity,
        "key": list(answers.key),
        "priority": answers.priority,
        "owner": answers.owner,
        "deputy": answers.deputy,
        "contact": answers.contact,
        "legalBasis": answers.legal_basis,
        "sensitivity": max((each["sensitivity"] for each in told), key=_ORDER.index),
        "freshness": answers.freshness,
        "rules": [],
    }
    return {
        "type": "record",
        "name": answers.document.replace("-", "_"),
        "namespace": f"${{daerah.namespace}}.{answers.opd}",
        "doc": answers.doc if answers.doc.endswith(".") else f"{answers.doc}.",
        "contract": {word: value for word, value in contract.items() if value != ""},
        "fields": [{word: each[word] for word in sorted(each, key=_place)} for each in told],
    }


def optional(avro: Any) -> dict[str, Any]:
    """Type and default of a field that a row may lack."""
    return {"type": ["null", avro], "default": None}


def written(schema: Mapping[str, Any]) -> str:
    """The text of the file: the record indented, a line for each field."""
    head = json.dumps({**schema, "fields": []}, ensure_ascii=False, indent=2).removesuffix("[]\n}")
    lines = ",\n".join(f"    {json.dumps(each, ensure_ascii=False)}" for each in schema["fields"])
    return f"{head}[\n{lines}\n  ]\n}}\n"


def _field(answer: FieldAnswer) -> dict[str, Any]:
    avro, form = avro_of(answer.word)
    found: dict[str, Any] = {"name": answer.name, "doc": answer.doc}
    found |= {"type": avro} if answer.required else optional(avro)
    if form is not None:
        found["format"] = form
    elif avro == "string":
        found |= {"minLength": 1, "maxLength": _TEXT_LENGTH}
    example = example_of(answer.word)
    return found if example is None else {**found, "example": example}


_WORDS: Final = (
    "name", "type", "default", "doc", "format", "enum", "minLength", "maxLength", "sensitivity", "specific",
)  # fmt: skip


def _place(word: str) -> int:
    return _WORDS.index(word) if word in _WORDS else len(_WORDS)

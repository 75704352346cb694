"""A contract with one keyword changed: each way that a keyword of it can be another."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.contract import Contract
from tests.schemas.contracts import schema_of

NULL = "null"


class Mutation(NamedTuple):
    """`judged`: events tell the difference, by a verdict, a warning or the words of a refusal."""

    name: str
    schema: Any
    judged: bool


def mutations(contract: Contract) -> Iterator[Mutation]:
    """Every keyword of the record, of its contract, of each field and each rule: taken away, and altered."""
    whole = schema_of(contract)
    for word in ("doc", "name", "namespace"):
        yield Mutation(f"{word} altered", {**whole, word: f"{whole[word]}_lain"}, judged=False)
    for word, value in whole["contract"].items():
        if word not in ("rules", "checks"):
            for name, other in _values(value):
                yield Mutation(f"contract.{word} {name}", _with(contract, ["contract", word], other), judged=False)
    for place, field in enumerate(whole["fields"]):
        for name, other, judged in _of_field(field):
            yield Mutation(f"{field['name']} {name}", _with(contract, ["fields", place], other), judged)
    for kind in ("rules", "checks"):
        for place, rule in enumerate(whole["contract"].get(kind, ())):
            for name, other in _of_rule(rule):
                path = ["contract", kind, place]
                judged = kind == "rules" and (name != "message" or rule["severity"] == "error")
                yield Mutation(f"{kind} {rule['name']} {name}", _with(contract, path, other), judged)


def _with(contract: Contract, path: list[Any], value: Any) -> Any:
    """The contract's JSON with another value at a path; None takes it away."""
    schema = schema_of(contract)
    place = schema
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return schema


def _values(value: Any) -> Iterator[tuple[str, Any]]:
    yield "taken away", None
    match value:
        case bool():
            yield "altered", not value
        case int() | float():
            yield "altered", value + 1
        case str():
            yield "altered", f"{value}x"
        case list():
            yield "altered", [*value, "lain"]
        case dict():
            for inner, one in value.items():
                for name, other in _values(one):
                    changed = {**value, inner: other}
                    yield f"{inner} {name}", {key: each for key, each in changed.items() if each is not None}


# Those that no event tells: what a page shows, and what the merge, the parking and the masking do with a good row.
_SILENT = {
    "doc",
    "example",
    "sensitivity",
    "specific",
    "references",
    "onMissing",
    "isReplacedBy",
    "survivorship",
    "agree",
    "deprecated",
}


def _of_field(field: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    for word, value in field.items():
        if word in ("name", "type", "default"):
            continue
        without = {key: each for key, each in field.items() if key != word}
        yield f"without {word}", without, word not in _SILENT
        if word in _SILENT:
            yield f"with another {word}", {**field, word: f"{value}x" if isinstance(value, str) else not value}, False
    if "enum" in field:
        for symbol in field["enum"]:
            yield f"without {symbol}", {**field, "enum": [each for each in field["enum"] if each != symbol]}, True
        yield "with a symbol more", {**field, "enum": [*field["enum"], "~"]}, True
    for word, wider in (("minLength", -1), ("minimum", -1), ("maxLength", 1), ("maximum", 1)):
        if isinstance(field.get(word), int):
            yield f"with a wider {word}", {**field, word: field[word] + wider}, True
            yield f"with a narrower {word}", {**field, word: field[word] - wider}, True
    if isinstance(field["type"], list):
        yield (
            "that must be there",
            {key: each for key, each in field.items() if key != "default"} | {"type": field["type"][1]},
            True,
        )
    else:
        yield "that may be absent", {**field, "type": [NULL, field["type"]], "default": None}, True
    yield "under another name", {**field, "name": f"{field['name']}_lain"}, True


def _of_rule(rule: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    yield "taken away", None
    yield "turned round", {**rule, "expression": f"NOT ({rule['expression']})"}
    yield "of the other severity", {**rule, "severity": {"error": "warn", "warn": "error"}[rule["severity"]]}
    yield "under another name", {**rule, "name": f"{rule['name']}_lain"}
    yield "message", {**rule, "message": f"Lain: {rule['message']}"}


def rendered(schema: Any) -> list[str]:
    """A contract in the notation of the catalogue: one line for the document, one for each field, rule and check.

    What is only words (`doc`, `example`, offices, messages) stands as lines of their own after a `#`.
    """
    about = schema["contract"]
    rules = [(kind, rule) for kind in ("rules", "checks") for rule in about.get(kind, ())]
    lines = [f"{about.get('opd')}.{about.get('document')} {schema['namespace']}.{schema['name']} # {schema['doc']}"]
    words = ("owner", "deputy", "contact", "legalBasis")
    for word in sorted(about):
        if word not in ("opd", "document", "rules", "checks"):
            sign = "# " if word in words else ""
            lines.append(f"  {sign}{word}={json.dumps(about[word], ensure_ascii=False, sort_keys=True)}")
    for field in schema["fields"]:
        rest = {key: each for key, each in field.items() if key not in ("name", "type", "doc", "example")}
        optional = isinstance(field["type"], list)
        if optional and rest.get("default", "") is None:
            del rest["default"]
        kind = json.dumps(field["type"][1] if optional else field["type"], sort_keys=True).strip('"')
        shown = " ".join(f"{key}={json.dumps(rest[key], ensure_ascii=False)}" for key in sorted(rest))
        told = f"# {field.get('doc')} ({field.get('example')})"
        lines.append(f"  {field['name']}:{kind}{'?' if optional else ''} {shown} {told}")
    for kind, rule in rules:
        lines.append(f"  {kind[:-1]} {rule['name']} {rule['severity']}: {rule['expression']} # {rule['message']}")
    return lines

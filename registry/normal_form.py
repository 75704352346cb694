"""The normal form of a schema: full names, no needless objects, keys in one order. Pure.

Two texts of one meaning become one text; `doc`, defaults, aliases and attributes stay, as our contracts live in them.
Given only schemas whose form `avro_shape` has checked.
"""

from typing import Any, Final

from registry.avro_defaults import full_name, namespace_of

_PRIMITIVES: Final = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_ORDER: Final = ("name", "type", "doc", "aliases", "default", "order", "fields", "symbols", "items", "values", "size")


def normal_form(schema: Any, namespace: str = "") -> Any:
    """The schema in normal form; `namespace` is the one around it."""
    match schema:
        case str():
            return schema if schema in _PRIMITIVES else full_name(schema, namespace)
        case list():
            return [normal_form(branch, namespace) for branch in schema]
        case _:
            return _object(schema, namespace)


def _object(schema: dict[str, Any], namespace: str) -> Any:
    kind = schema["type"]
    members = {key: value for key, value in schema.items() if key != "namespace"}
    if "name" in schema:
        full = full_name(schema["name"], schema.get("namespace", namespace))
        members["name"], namespace = full, namespace_of(full)
        if "aliases" in members:
            members["aliases"] = [full_name(alias, namespace) for alias in members["aliases"]]
    if "fields" in members:
        members["fields"] = [_field(each, namespace) for each in members["fields"]]
    for inner in ("items", "values"):
        if inner in members:
            members[inner] = normal_form(members[inner], namespace)
    if kind in _PRIMITIVES and len(members) == 1:
        return kind
    return _ordered(members)


def _field(field: dict[str, Any], namespace: str) -> dict[str, Any]:
    return _ordered(field | {"type": normal_form(field["type"], namespace)})


def _ordered(members: dict[str, Any]) -> dict[str, Any]:
    """Avro's own keys in the order of the specification, then all others by name."""
    known = [key for key in _ORDER if key in members]
    return {key: members[key] for key in [*known, *sorted(members.keys() - set(known))]}

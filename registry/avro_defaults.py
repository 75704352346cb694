"""Names as Avro resolves them, and whether a field's default is a value of its type. Pure.

Functions here are given schemas whose form `avro_shape` has checked already.
"""

from typing import Any

Named = dict[str, dict[str, Any]]  # full name → definition

_INT_BITS = {"int": 31, "long": 63}
_UNNAMED = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string", "array", "map"})


def full_name(name: str, namespace: str) -> str:
    """A name with a dot is full already; any other stands in the namespace around it."""
    return name if "." in name or not namespace else f"{namespace}.{name}"


def namespace_of(full: str) -> str:
    return full.rpartition(".")[0]


def branch_name(branch: Any, namespace: str) -> str:
    """What may stand only once in a union: the full name of a named type, the type's own word for others."""
    if isinstance(branch, str):
        return branch if branch in _UNNAMED else full_name(branch, namespace)
    kind: str = branch["type"]
    return kind if kind in _UNNAMED else full_name(branch["name"], branch.get("namespace", namespace))


def fits(value: Any, schema: Any, namespace: str, named: Named) -> bool:
    """Whether the JSON `value` is a default of `schema`. Of a union any branch will do (Avro 1.12)."""
    match schema:
        case list():
            return any(fits(value, branch, namespace, named) for branch in schema)
        case str() if schema in _UNNAMED:
            return _fits_primitive(value, schema)
        case str():
            full = full_name(schema, namespace)
            return fits(value, named[full], namespace_of(full), named)
        case _:
            return _fits_object(value, schema, namespace, named)


def _fits_object(value: Any, schema: dict[str, Any], namespace: str, named: Named) -> bool:
    match schema["type"]:
        case "array":
            return isinstance(value, list) and all(fits(item, schema["items"], namespace, named) for item in value)
        case "map":
            return isinstance(value, dict) and all(
                fits(item, schema["values"], namespace, named) for item in value.values()
            )
        case "enum":
            return value in schema["symbols"]
        case "fixed":
            return _is_byte_text(value) and len(value) == schema["size"]
        case "record" | "error":
            inner = namespace_of(full_name(schema["name"], schema.get("namespace", namespace)))
            return isinstance(value, dict) and all(
                fits(value[field["name"]], field["type"], inner, named)
                if field["name"] in value
                else "default" in field
                for field in schema["fields"]
            )
        case primitive:
            return _fits_primitive(value, primitive)


def _fits_primitive(value: Any, kind: str) -> bool:
    match kind:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "int" | "long":
            limit = 2 ** _INT_BITS[kind]
            return isinstance(value, int) and not isinstance(value, bool) and -limit <= value < limit
        case "float" | "double":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "bytes":
            return _is_byte_text(value)
        case _:
            return isinstance(value, str)


def _is_byte_text(value: Any) -> bool:
    """Avro writes bytes in JSON as a text of characters up to U+00FF."""
    return isinstance(value, str) and all(ord(char) <= 0xFF for char in value)

"""The shape of an Avro schema: the rules of the specification, and the limits that keep decoding bounded. Pure.

The limits stand on `expanded` schemas, where a named type counts wherever it is used: sixteen records that each use
the one before thirty times are a small text, and a value of no bytes would still cost 30^16 steps to decode.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry import avro_defaults
from registry.errors import InvalidSchema

MAX_DEPTH = 16  # types inside one another, named types expanded; fastavro's decoder recurses as deep
MAX_FIELDS = 500  # record fields, named types expanded
MAX_FIXED_BYTES = 1_048_576  # Kafka's own limit of a record
MAX_NAME = 255  # characters of a full name

PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Keys with which a library marks a schema as checked already: it would believe them.
_FOREIGN_MARKS = frozenset({"__fastavro_parsed", "__named_schemas"})


@dataclass(frozen=True, slots=True)
class Shape:
    """What decoding one value can cost."""

    empty: bool  # a value may take no bytes at all
    depth: int = 1
    fields: int = 0


def check(schema: Any, referenced: Sequence[Any] = (), *, governed: bool = True) -> None:
    """Raises InvalidSchema with the place and the reason, unless `schema` (parsed JSON) is Avro within the limits.

    `referenced`: schemas whose types it may name. `governed`: values of it will be decoded here, so recursive types
    and items of no bytes are refused.
    """
    walk = _Walk(governed=governed)
    for each in referenced:
        walk.visit(each, "reference", "", 1)
    walk.visit(schema, "schema", "", 1)


class _Walk:
    """One walk over one schema, in the order in which Avro defines names."""

    def __init__(self, *, governed: bool) -> None:
        self._governed = governed
        self._named: avro_defaults.Named = {}
        self._shapes: dict[str, Shape | None] = {}  # None: the definition is still open

    def visit(self, schema: Any, path: str, namespace: str, depth: int) -> Shape:
        """The shape of `schema`; `depth` is the level on which it stands."""
        if depth > MAX_DEPTH:
            raise InvalidSchema(f"{path}: more than {MAX_DEPTH} levels of types")
        match schema:
            case str():
                return self._reference(schema, path, namespace, depth)
            case list():
                return self._union(schema, path, namespace, depth)
            case {"type": str() as kind}:
                if marks := _FOREIGN_MARKS & schema.keys():
                    raise InvalidSchema(f"{path}: the key {min(marks)} is not allowed")
                return self._object(kind, schema, path, namespace, depth)
            case dict():
                raise InvalidSchema(f"{path}: a schema object needs a 'type' that is a text")
            case _:
                raise InvalidSchema(f"{path}: a schema is a JSON text, array or object")

    def _object(self, kind: str, schema: dict[str, Any], path: str, namespace: str, depth: int) -> Shape:
        match kind:
            case "array":
                items = self.visit(schema.get("items"), f"{path}.items", namespace, depth + 1)
                if items.empty and self._governed:
                    raise InvalidSchema(f"{path}.items: items of no bytes let a few bytes claim millions of them")
                return Shape(empty=False, depth=items.depth + 1, fields=items.fields)
            case "map":
                values = self.visit(schema.get("values"), f"{path}.values", namespace, depth + 1)
                return Shape(empty=False, depth=values.depth + 1, fields=values.fields)
            case "record" | "error":
                return self._record(schema, path, namespace, depth)
            case "enum":
                return self._enum(schema, path, namespace)
            case "fixed":
                return self._fixed(schema, path, namespace)
            case _ if kind in PRIMITIVES:
                return Shape(empty=kind == "null")
            case _:
                raise InvalidSchema(f"{path}: unknown type {kind[:80]!r}")

    def _reference(self, name: str, path: str, namespace: str, depth: int) -> Shape:
        if name in PRIMITIVES:
            return Shape(empty=name == "null")
        full = avro_defaults.full_name(name, namespace)
        if full not in self._shapes:
            raise InvalidSchema(f"{path}: unknown type {name[:80]!r}")
        shape = self._shapes[full]
        if shape is None and not self._governed:
            return Shape(empty=False)  # of a recursive type, which nobody decodes here
        if shape is None:
            raise InvalidSchema(f"{path}: {name[:80]!r} is used inside its own definition; recursive types are refused")
        if depth + shape.depth - 1 > MAX_DEPTH:
            raise InvalidSchema(f"{path}: more than {MAX_DEPTH} levels of types")
        return shape

    def _union(self, branches: list[Any], path: str, namespace: str, depth: int) -> Shape:
        if not branches:
            raise InvalidSchema(f"{path}: a union needs a branch")
        shapes, seen = [], set()
        for number, branch in enumerate(branches):
            place = f"{path}[{number}]"
            if isinstance(branch, list):
                raise InvalidSchema(f"{place}: a union may not stand directly in a union")
            shapes.append(self.visit(branch, place, namespace, depth + 1))
            kind = avro_defaults.branch_name(branch, namespace)
            if kind in seen:
                raise InvalidSchema(f"{place}: the union has {kind[:80]!r} twice")
            seen.add(kind)
        fields = _within_fields(sum(shape.fields for shape in shapes), path)
        return Shape(empty=False, depth=1 + max(shape.depth for shape in shapes), fields=fields)

    def _record(self, schema: dict[str, Any], path: str, namespace: str, depth: int) -> Shape:
        full = self._define(schema, path, namespace)
        fields = schema.get("fields")
        if not isinstance(fields, list):
            raise InvalidSchema(f"{path}: a record needs a list of fields")
        _within_fields(len(fields), path)
        shapes, seen = [], set()
        for number, field in enumerate(fields):
            place = f"{path}.fields[{number}]"
            name = field.get("name") if isinstance(field, dict) else None
            if not isinstance(name, str) or not _is_name(name):
                raise InvalidSchema(f"{place}: a field needs a name of letters, digits and _, no digit first")
            if name in seen:
                raise InvalidSchema(f"{place}: the field {name[:80]!r} stands twice")
            seen.add(name)
            shapes.append(self._field(field, f"{path}.{name}", avro_defaults.namespace_of(full), depth))
        count = _within_fields(len(fields) + sum(shape.fields for shape in shapes), path)
        shape = Shape(
            empty=all(shape.empty for shape in shapes),
            depth=1 + max((shape.depth for shape in shapes), default=0),
            fields=count,
        )
        self._shapes[full] = shape
        return shape

    def _field(self, field: dict[str, Any], path: str, namespace: str, depth: int) -> Shape:
        _check_aliases(field, path)
        if field.get("order", "ascending") not in ("ascending", "descending", "ignore"):
            raise InvalidSchema(f"{path}: order is ascending, descending or ignore")
        shape = self.visit(field.get("type"), path, namespace, depth + 1)
        if "default" in field and not avro_defaults.fits(field["default"], field["type"], namespace, self._named):
            raise InvalidSchema(f"{path}: the default is no value of the field's type")
        return shape

    def _enum(self, schema: dict[str, Any], path: str, namespace: str) -> Shape:
        full = self._define(schema, path, namespace)
        symbols = schema.get("symbols")
        if not isinstance(symbols, list) or not symbols:
            raise InvalidSchema(f"{path}: an enum needs a list of symbols")
        if not all(isinstance(symbol, str) and _is_name(symbol) for symbol in symbols):
            raise InvalidSchema(f"{path}: a symbol is a name of letters, digits and _, no digit first")
        if len(set(symbols)) < len(symbols):
            raise InvalidSchema(f"{path}: a symbol stands twice")
        if "default" in schema and schema["default"] not in symbols:
            raise InvalidSchema(f"{path}: the default is no symbol of the enum")
        self._shapes[full] = shape = Shape(empty=False)
        return shape

    def _fixed(self, schema: dict[str, Any], path: str, namespace: str) -> Shape:
        full = self._define(schema, path, namespace)
        size = schema.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= MAX_FIXED_BYTES:
            raise InvalidSchema(f"{path}: the size of a fixed is a whole number from 0 to {MAX_FIXED_BYTES}")
        self._shapes[full] = shape = Shape(empty=size == 0)
        return shape

    def _define(self, schema: dict[str, Any], path: str, namespace: str) -> str:
        """Open the definition of a named type; its full name."""
        name, space = schema.get("name"), schema.get("namespace", namespace)
        if not isinstance(name, str) or not isinstance(space, str):
            raise InvalidSchema(f"{path}: record, enum and fixed need a name, and a namespace is a text")
        full = avro_defaults.full_name(name, space)
        if len(full) > MAX_NAME or not all(_is_name(part) for part in full.split(".")):
            raise InvalidSchema(f"{path}: a name has parts of letters, digits and _, at most {MAX_NAME} in all")
        if full in PRIMITIVES or full in self._shapes:
            raise InvalidSchema(f"{path}: the type {full!r} is already defined")
        _check_aliases(schema, path)
        self._shapes[full] = None
        self._named[full] = schema
        return full


def _check_aliases(schema: Mapping[str, Any], path: str) -> None:
    aliases = schema.get("aliases", [])
    texts = isinstance(aliases, list) and all(isinstance(alias, str) for alias in aliases)
    if not texts or not all(_is_name(part) for alias in aliases for part in alias.split(".")):
        raise InvalidSchema(f"{path}: aliases are a list of names")


def _is_name(text: str) -> bool:
    return len(text) <= MAX_NAME and _NAME.fullmatch(text) is not None


def _within_fields(count: int, path: str) -> int:
    if count > MAX_FIELDS:
        raise InvalidSchema(f"{path}: more than {MAX_FIELDS} fields")
    return count

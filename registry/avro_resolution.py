"""Whether a reader's schema resolves what a writer's schema wrote: Avro 1.12, "Schema Resolution". Pure.

The words of `kind` are those of Avro's own checker in Java, which the Confluent API shows. Where that checker and the
specification differ, the specification is followed: decimals match when precision and scale
do; an enum's default stands for unknown symbols, never for a field that is not there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.avro_defaults import Named, full_name, namespace_of

_PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
# reader ← writers that it may be promoted from
_PROMOTIONS = {
    "long": frozenset({"int"}),
    "float": frozenset({"int", "long"}),
    "double": frozenset({"int", "long", "float"}),
    "bytes": frozenset({"string"}),
    "string": frozenset({"bytes"}),
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One reason why the reader cannot read: where in the reader's schema, and what."""

    kind: str
    path: str  # JSON pointer into the reader's schema: "/fields/0/type"
    found: str  # the name, size, symbols or types in question


@dataclass(frozen=True, slots=True)
class Definitions:
    """A schema with the named types that it defines or refers to."""

    root: Any
    named: Named

    @classmethod
    def of(cls, root: Any, referenced: Sequence[Any] = ()) -> "Definitions":
        """`referenced`: the schemas that `root` names without defining them."""
        named: Named = {}
        for schema in (*referenced, root):
            for full, definition in _definitions(schema, ""):
                named.setdefault(full, definition)
        return cls(root, named)


def mismatches(reader: Definitions, writer: Definitions) -> list[Mismatch]:
    """Every reason against reading what `writer` wrote with `reader`; empty when it can be done."""
    return list(_Resolution(reader.named, writer.named).resolve(reader.root, writer.root, "", "", "/"))


@dataclass(slots=True)
class _Resolution:
    reader_named: Named
    writer_named: Named
    seen: set[tuple[int, int]] = field(default_factory=set)  # pairs in work: a recursive type is what it is

    def resolve(self, reader: Any, writer: Any, reader_space: str, writer_space: str, path: str) -> Iterator[Mismatch]:
        reader, reader_space = _looked_up(reader, reader_space, self.reader_named)
        writer, writer_space = _looked_up(writer, writer_space, self.writer_named)
        if isinstance(writer, list):
            for branch in writer:
                if isinstance(reader, list):
                    yield from self._branch_of_reader(reader, branch, reader_space, writer_space, path)
                else:
                    yield from self.resolve(reader, branch, reader_space, writer_space, path)
            return
        if isinstance(reader, list):
            yield from self._branch_of_reader(reader, writer, reader_space, writer_space, path)
            return
        pair = (id(reader), id(writer))
        if isinstance(reader, dict) and isinstance(writer, dict):
            if pair in self.seen:
                return
            self.seen.add(pair)
        try:
            yield from self._same_kind(reader, writer, reader_space, writer_space, path)
        finally:
            self.seen.discard(pair)

    def _branch_of_reader(
        self, reader: list[Any], writer: Any, reader_space: str, writer_space: str, path: str
    ) -> Iterator[Mismatch]:
        for number, branch in enumerate(reader):
            if next(self.resolve(branch, writer, reader_space, writer_space, _under(path, number)), None) is None:
                return
        yield Mismatch("MISSING_UNION_BRANCH", path, _word(writer))

    def _same_kind(
        self, reader: Any, writer: Any, reader_space: str, writer_space: str, path: str
    ) -> Iterator[Mismatch]:
        kind, written = _kind(reader), _kind(writer)
        if kind != written:
            if written not in _PROMOTIONS.get(kind, ()):
                yield Mismatch("TYPE_MISMATCH", path, f"{kind} {written}")
            return
        match kind:
            case "array" | "map":
                inner = "items" if kind == "array" else "values"
                yield from self.resolve(reader[inner], writer[inner], reader_space, writer_space, _under(path, inner))
            case "enum":
                yield from _name_mismatch(reader, writer, reader_space, writer_space, path)
                missing = sorted(set(writer["symbols"]) - set(reader["symbols"]))
                if missing and "default" not in reader:
                    yield Mismatch("MISSING_ENUM_SYMBOLS", _under(path, "symbols"), ", ".join(missing))
            case "fixed":
                yield from _name_mismatch(reader, writer, reader_space, writer_space, path)
                if reader["size"] != writer["size"]:
                    yield Mismatch("FIXED_SIZE_MISMATCH", _under(path, "size"), f"{reader['size']} {writer['size']}")
                yield from _decimal_mismatch(reader, writer, path)
            case "record":
                yield from _name_mismatch(reader, writer, reader_space, writer_space, path)
                yield from self._fields(reader, writer, reader_space, writer_space, path)
            case "bytes":
                yield from _decimal_mismatch(reader, writer, path)

    def _fields(
        self, reader: dict[str, Any], writer: dict[str, Any], reader_space: str, writer_space: str, path: str
    ) -> Iterator[Mismatch]:
        reader_space = namespace_of(_full(reader, reader_space))
        writer_space = namespace_of(_full(writer, writer_space))
        written = {each["name"]: each for each in writer["fields"]}
        for number, each in enumerate(reader["fields"]):
            names = [each["name"], *each.get("aliases", ())]
            found = next((written[name] for name in names if name in written), None)
            place = _under(_under(path, "fields"), number)
            if found is not None:
                yield from self.resolve(each["type"], found["type"], reader_space, writer_space, _under(place, "type"))
            elif "default" not in each:
                yield Mismatch("READER_FIELD_MISSING_DEFAULT_VALUE", place, each["name"])


def _name_mismatch(
    reader: dict[str, Any], writer: dict[str, Any], reader_space: str, writer_space: str, path: str
) -> Iterator[Mismatch]:
    """Unqualified names are equal, or an alias of the reader is the writer's full name."""
    mine, theirs = _full(reader, reader_space), _full(writer, writer_space)
    space = namespace_of(mine)
    aliases = {full_name(alias, space) for alias in reader.get("aliases", ())}
    if mine.rpartition(".")[2] != theirs.rpartition(".")[2] and theirs not in aliases:
        yield Mismatch("NAME_MISMATCH", _under(path, "name"), f"{mine} {theirs}")


def _decimal_mismatch(reader: Any, writer: Any, path: str) -> Iterator[Mismatch]:
    mine, theirs = _decimal(reader), _decimal(writer)
    if mine is not None and theirs is not None and mine != theirs:
        yield Mismatch("TYPE_MISMATCH", path, f"decimal{mine} decimal{theirs}".replace(" ", ""))


def _decimal(schema: Any) -> tuple[int, int] | None:
    if not isinstance(schema, dict) or schema.get("logicalType") != "decimal":
        return None
    return schema.get("precision", 0), schema.get("scale", 0)


def _looked_up(schema: Any, space: str, named: Named) -> tuple[Any, str]:
    """The definition behind a name, and the namespace around it."""
    if isinstance(schema, str) and schema not in _PRIMITIVES:
        full = full_name(schema, space)
        return named[full], namespace_of(full)
    if isinstance(schema, dict) and "name" in schema:  # the same object wherever the type is met
        full = _full(schema, space)
        return named[full], namespace_of(full)
    return schema, space


def _kind(schema: Any) -> str:
    kind: str = schema if isinstance(schema, str) else schema["type"]
    return "record" if kind == "error" else kind


def _word(schema: Any) -> str:
    kind = _kind(schema)
    return f"{kind} {schema['name']}" if isinstance(schema, dict) and "name" in schema else kind


def _full(schema: dict[str, Any], space: str) -> str:
    return full_name(schema["name"], schema.get("namespace", space))


def _under(path: str, part: object) -> str:
    return f"{path.rstrip('/')}/{part}"


def _definitions(schema: Any, space: str) -> Iterator[tuple[str, dict[str, Any]]]:
    match schema:
        case list():
            for branch in schema:
                yield from _definitions(branch, space)
        case {"type": "record" | "error" | "enum" | "fixed"}:
            full = _full(schema, space)
            # The namespace is written into the definition, as it is looked at far from where it stands.
            yield full, schema | {"name": full.rpartition(".")[2], "namespace": namespace_of(full)}
            for each in schema.get("fields", ()):
                yield from _definitions(each["type"], namespace_of(full))
        case {"type": "array", "items": inner} | {"type": "map", "values": inner}:
            yield from _definitions(inner, space)
        case {"type": (dict() | list()) as inner}:
            yield from _definitions(inner, space)

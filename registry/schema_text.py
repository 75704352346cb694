"""A schema as it came over the wire: JSON text → checked, bounded, with its fingerprint. Pure."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NoReturn

import fastavro
from fastavro.schema import SchemaParseException, UnknownType

from registry import avro_shape
from registry.avro_resolution import Definitions
from registry.errors import InvalidSchema
from registry.normal_form import normal_form
from schemas.wire.fingerprint import fingerprint

MAX_BYTES = 256 * 1024  # of the text in UTF-8
# Levels of JSON brackets. Avro needs about two a level of type, contract attributes a few more; the point is that no
# later reader of the text (PostgreSQL's jsonb, other languages) meets a stack it cannot hold.
MAX_JSON_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Reference:
    """A schema that another one names: the name it uses, and the version that has it."""

    name: str
    subject: str
    version: int


@dataclass(frozen=True)
class ParsedSchema:
    """A schema that may be stored. `text` is as it was sent, without white space around it, or in normal form."""

    text: str
    schema: Any  # the text's JSON
    references: tuple[Reference, ...] = ()
    referenced: tuple[Any, ...] = ()  # the schemas that it refers to, directly or not, each before who needs it
    metadata: Mapping[str, Any] | None = None
    rule_set: Mapping[str, Any] | None = None

    @cached_property
    def fingerprint(self) -> bytes:
        """Equal for what is one schema: text, references, metadata and rules alike."""
        if not self.references and self.metadata is None and self.rule_set is None:
            return fingerprint(self.schema)
        references = [[each.name, each.subject, each.version] for each in self.references]
        return fingerprint([self.schema, references, self.metadata, self.rule_set])

    @property
    def definitions(self) -> Definitions:
        return Definitions.of(self.schema, self.referenced)


def parse(
    text: str, *, references: Sequence[Reference] = (), referenced: Sequence[Any] = (), governed: bool = True
) -> ParsedSchema:
    """Check a schema's text; raises InvalidSchema with the place and the reason. Time and memory are bounded.

    `referenced` are the schemas behind `references`, parsed, each before who needs it. `governed` schemas must be
    such that decoding their values is bounded too (no recursion, no items of no bytes).
    """
    schema = read_json(text)
    avro_shape.check(schema, referenced, governed=governed)
    _parse_avro(schema, referenced)
    return ParsedSchema(text.strip(), schema, tuple(references), tuple(referenced))


def normalised(parsed: ParsedSchema) -> ParsedSchema:
    """The same schema in normal form."""
    schema = normal_form(parsed.schema)
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return replace(parsed, text=text, schema=schema, references=tuple(sorted(parsed.references, key=_by_name)))


def _by_name(reference: Reference) -> tuple[str, str, int]:
    return reference.name, reference.subject, reference.version


def read_json(text: str) -> Any:
    """The JSON of a schema's text, bounded; raises InvalidSchema."""
    text = text.strip()
    if not text:
        raise InvalidSchema("Empty schema")
    if len(text) > MAX_BYTES or len(_utf8(text)) > MAX_BYTES:
        raise InvalidSchema(f"The schema is larger than {MAX_BYTES} bytes")
    if (depth := _depth(text)) > MAX_JSON_DEPTH:
        raise InvalidSchema(f"The schema's JSON is nested {depth} levels deep, the limit is {MAX_JSON_DEPTH}")
    return _json(text)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InvalidSchema("The schema has half of a surrogate pair in it") from None


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside strings, before any parser may recurse into it."""
    depth = deepest = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _json(text: str) -> Any:
    try:
        schema = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise InvalidSchema(
            f"The schema is no JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except ValueError:  # a whole number of more than 4,300 digits
        raise InvalidSchema("The schema has a number in it that is too long") from None
    check_texts(schema)
    return schema


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise InvalidSchema(f"The key {doubled[:80]!r} stands twice in one JSON object")
    return members


def _no_number(constant: str) -> NoReturn:
    raise InvalidSchema(f"{constant} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise InvalidSchema("The schema has a number in it that is too large")
    return value


def check_texts(value: Any) -> None:
    """No NUL and no half surrogates (`\\ud800`) in any text: PostgreSQL's jsonb holds neither."""
    match value:
        case str():
            if "\x00" in value:
                raise InvalidSchema("The schema has a NUL character in it")
            _utf8(value)
        case dict():
            for name, member in value.items():
                check_texts(name)
                check_texts(member)
        case list():
            for item in value:
                check_texts(item)


def _parse_avro(schema: Any, referenced: Sequence[Any]) -> None:
    """Avro's own rules (names, defaults, duplicates), as fastavro knows them."""
    named: dict[str, dict[str, Any]] = {}
    try:
        for each in (*referenced, schema):
            fastavro.parse_schema(each, named_schemas=named)
    except UnknownType as error:
        raise InvalidSchema(f"Unknown type: {str(error)[:200]}") from None
    except (SchemaParseException, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidSchema(f"Invalid Avro schema: {str(error)[:400]}") from None

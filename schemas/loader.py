"""Reads contracts out of `.avsc` files, or out of schemas that come from the registry, and refuses wrong ones."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from base.instance import Instance, InstanceError, fill
from base.instance_tables import Derived
from schemas import rules
from schemas.attributes import ContractAttributes
from schemas.contract import Contract, Field, Kind, Rule
from schemas.derived import derived
from schemas.entities import check_together, read_checks, read_feeds
from schemas.errors import ContractError
from schemas.expressions import ACCEPTED_ON
from schemas.fields import read_field
from schemas.names import DocumentName, EntityName, FieldName, OpdCode

SOURCE_CHANGED = FieldName("sumber_diubah")  # every document says when the source changed the row
MAX_FIELDS = 500
_Part = TypeVar("_Part")
_RECORD_KEYS = {"type", "name", "namespace", "doc", "contract", "fields"}


def load_all(folder: Path, instance: Instance) -> list[Contract]:
    """All contracts of `<folder>/<opd>/<document>.avsc`, and those that this instance derives from one of them, also
    held against one another, sorted by name."""
    contracts = {contract.name: contract for path in folder.glob("*/*.avsc") for contract in [load(path, instance)]}
    for told in instance.dokumen.turunan:
        if told.nama not in contracts and told.dari in contracts:
            contracts[told.nama] = _derive(contracts[told.dari], told)
    found = [contracts[name] for name in sorted(contracts)]
    check_together(found)
    return found


def load_active(folder: Path, instance: Instance) -> list[Contract]:
    """The contracts of the documents that this instance opens (`[dokumen] aktif`), sorted by name."""
    return [load_document(folder, name, instance) for name in sorted(instance.dokumen.aktif)]


def load_document(folder: Path, name: str, instance: Instance) -> Contract:
    """The contract of `<opd>.<document>`: that of its file, or the one that this instance derives from another's.
    Raises ContractError."""
    told = next((each for each in instance.dokumen.turunan if each.nama == name), None)
    if told is None or file_of(folder, name).is_file():
        return load(file_of(folder, name), instance)
    return _derive(load(file_of(folder, told.dari), instance), told)


def file_of(folder: Path, name: str) -> Path:
    """Where the contract of `<opd>.<document>` stands."""
    opd, _, document = name.partition(".")
    return folder / opd / f"{document}.avsc"


def _derive(contract: Contract, told: Derived) -> Contract:
    return read(derived(contract.schema, told), file=f"dokumen.turunan ({told.nama})")


def load(path: Path, instance: Instance) -> Contract:
    """The contract of one file, with the instance's values in place of the placeholders. Raises ContractError."""
    file = f"{path.parent.name}/{path.name}"
    try:
        text = fill(path.read_text(encoding="utf-8"), instance)
        schema = json.loads(text, object_pairs_hook=_without_doubles)
    except (OSError, UnicodeDecodeError, ValueError, RecursionError, InstanceError) as error:
        raise ContractError(file, "$", f"cannot be read: {error}") from error
    contract = read(schema, file=file)
    if (path.parent.name, path.stem) != (contract.opd, contract.document):
        raise ContractError(file, "contract", f"stands in the file of another document than {contract.name}")
    return contract


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    counts = Counter(name for name, _ in pairs)
    doubled = [name for name, count in counts.items() if count > 1]
    if doubled:
        raise ValueError(f"{doubled[0]!r} stands twice in one object")
    return dict(pairs)


def read(schema: Mapping[str, Any], *, file: str) -> Contract:
    """The contract in an Avro schema. `file` names its origin in errors. Raises ContractError."""
    attributes = _read_record(schema, file)
    fields = _read_fields(schema["fields"], file)
    by_name = {field.name: field for field in fields}
    _check_names(schema, attributes, file)
    _check_key(attributes.key, by_name, file)
    _check_replacement(attributes, fields, file)
    return Contract(
        opd=OpdCode(attributes.opd),
        document=DocumentName(attributes.document),
        entity=EntityName(attributes.entity),
        key=tuple(FieldName(name) for name in attributes.key),
        doc=schema["doc"],
        namespace=schema["namespace"],
        owner=attributes.owner,
        contact=attributes.contact,
        sensitivity=attributes.sensitivity,
        freshness=attributes.freshness,
        fields=fields,
        schema=schema,
        priority=attributes.priority,
        may_create=attributes.mayCreate,
        deputy=attributes.deputy,
        legal_basis=attributes.legalBasis,
        park_for=attributes.parkFor.duration,
        park_then=attributes.parkFor.then,
        retention=attributes.retention.model_dump() if attributes.retention else None,
        sequence_required=attributes.sequence == "required",
        mass_change_deletes=attributes.massChange.deletes,
        mass_change_changes=attributes.massChange.changes,
        rules=_read_rules(attributes, fields, file),
        checks=_read_linked(read_checks, attributes, by_name, file),
        feeds=_read_linked(read_feeds, attributes, by_name, file),
    )


def _read_record(schema: Mapping[str, Any], file: str) -> ContractAttributes:
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise ContractError(file, "$", "is not an Avro record")
    unknown = sorted(schema.keys() - _RECORD_KEYS)
    if unknown:
        raise ContractError(file, unknown[0], "unknown keyword")
    for keyword in ("name", "namespace", "doc"):
        if not isinstance(schema.get(keyword), str) or not schema[keyword].strip():
            raise ContractError(file, keyword, "missing or not a text")
    if "contract" not in schema:
        raise ContractError(file, "contract", "missing")
    try:
        return ContractAttributes.model_validate(schema["contract"])
    except ValidationError as error:
        raise _translated(error, file, "contract") from error


def _translated(error: ValidationError, file: str, path: str) -> ContractError:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join([path, *(str(part) for part in first["loc"])])
    reason = "unknown keyword" if first["type"] == "extra_forbidden" else first["msg"]
    return ContractError(file, where, reason)


def _read_fields(raw: Any, file: str) -> tuple[Field, ...]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_FIELDS:
        raise ContractError(file, "fields", f"is not a list of 1 to {MAX_FIELDS} fields")
    fields = []
    for place, attributes in enumerate(raw):
        name = attributes.get("name", "?") if isinstance(attributes, dict) else "?"
        path = f"fields[{place}] ({name})"
        try:
            fields.append(read_field(attributes))
        except ValidationError as error:
            raise _translated(error, file, path) from error
        except ValueError as error:
            raise ContractError(file, path, str(error)) from error
    if any(field.name == ACCEPTED_ON for field in fields):
        raise ContractError(file, "fields", f"{ACCEPTED_ON} is what rules call the date of acceptance")
    doubled = [name for name, count in Counter(field.name for field in fields).items() if count > 1]
    if doubled:
        raise ContractError(file, "fields", f"{doubled[0]} stands twice")
    return tuple(fields)


def _check_names(schema: Mapping[str, Any], attributes: ContractAttributes, file: str) -> None:
    if schema["name"] != attributes.document.replace("-", "_"):
        raise ContractError(file, "name", f"is not the document's name {attributes.document.replace('-', '_')}")
    if not schema["namespace"].endswith(f".{attributes.opd}"):
        raise ContractError(file, "namespace", f"does not end with .{attributes.opd}")


def _check_key(key: list[str], by_name: Mapping[FieldName, Field], file: str) -> None:
    if len(set(key)) < len(key):
        raise ContractError(file, "contract.key", "names a field twice")
    for name in key:
        field = by_name.get(FieldName(name))
        if field is None:
            raise ContractError(file, "contract.key", f"{name} is not a field")
        if field.nullable or field.kind is not Kind.STRING:
            raise ContractError(file, "contract.key", f"{name} is not a required text")
    changed = by_name.get(SOURCE_CHANGED)
    if changed is None or changed.nullable or changed.kind is not Kind.TIMESTAMP:
        raise ContractError(file, "fields", f"{SOURCE_CHANGED} (required timestamp-millis) is missing")


def _check_replacement(attributes: ContractAttributes, fields: tuple[Field, ...], file: str) -> None:
    """One field at most says which record of the same entity replaced this one, by that record's whole key."""
    marked = [(place, field) for place, field in enumerate(fields) if field.is_replaced_by]
    for place, field in marked:
        path = f"fields[{place}] ({field.name}).isReplacedBy"
        target = (field.reference.entity, [field.reference.field]) if field.reference is not None else None
        if target != (attributes.entity, attributes.key):
            raise ContractError(file, path, f"references another record than one of {attributes.entity} by its key")
        if field is not marked[0][1]:
            raise ContractError(file, path, f"stands on {marked[0][1].name} already")


def _read_linked(
    reader: Callable[[ContractAttributes, Mapping[FieldName, Field]], tuple[_Part, ...]],
    attributes: ContractAttributes,
    by_name: Mapping[FieldName, Field],
    file: str,
) -> tuple[_Part, ...]:
    try:
        return reader(attributes, by_name)
    except ValueError as error:
        where, _, reason = str(error).partition(": ")
        raise ContractError(file, f"contract.{where}", reason) from error


def _read_rules(attributes: ContractAttributes, fields: tuple[Field, ...], file: str) -> tuple[Rule, ...]:
    read: list[Rule] = []
    for place, raw in enumerate(attributes.rules):
        path = f"contract.rules[{place}] ({raw.name})"
        if any(rule.name == raw.name for rule in read):
            raise ContractError(file, path, "stands twice")
        try:
            rules.parse(raw.expression, fields)
        except ValueError as error:
            raise ContractError(file, f"{path}.expression", str(error)) from error
        read.append(Rule(raw.name, raw.expression, raw.severity, raw.message))
    return tuple(read)

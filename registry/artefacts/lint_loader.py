"""What the loader refuses, all of it: the loader itself stops at the first thing, an author wants to see every one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from registry.artefacts.json_lines import Path
from registry.artefacts.lint_fields import Finding, name_of
from schemas.attributes import ContractAttributes
from schemas.contract import Contract, Field, Severity
from schemas.entities import faults_together, read_checks
from schemas.errors import ContractError
from schemas.fields import read_field
from schemas.loader import read
from schemas.names import EntityName
from schemas.rules import parse

CODE: Final = "kontrak"
_MOST: Final = 100  # findings; whoever has more mends these first
_PART: Final = re.compile(r"([A-Za-z_$]\w*)|\[(\d+)\]")
# What pydantic says, for people. The limits of an error fill the places.
_WORDS: Final[Mapping[str, str]] = {
    "missing": "belum ada",
    "extra_forbidden": "kata kunci tidak dikenal",
    "string_type": "bukan teks",
    "string_too_short": "kosong atau terlalu pendek",
    "string_too_long": "lebih panjang daripada {max_length} karakter",
    "string_pattern_mismatch": "bentuknya tidak sesuai dengan {pattern}",
    "bool_type": "bukan true atau false",
    "int_type": "bukan bilangan bulat",
    "int_from_float": "bukan bilangan bulat",
    "float_type": "bukan bilangan",
    "float_parsing": "bukan bilangan",
    "list_type": "bukan daftar",
    "dict_type": "bukan objek",
    "model_type": "bukan objek",
    "model_attributes_type": "bukan objek",
    "enum": "bukan salah satu dari {expected}",
    "literal_error": "bukan salah satu dari {expected}",
    "greater_than": "harus lebih besar daripada {gt}",
    "greater_than_equal": "paling kecil {ge}",
    "less_than_equal": "paling besar {le}",
    "too_short": "kurang dari {min_length}",
    "too_long": "lebih dari {max_length}",
}


def read_all(schema: Any, file: str) -> tuple[Contract | None, list[Finding]]:
    """The contract, where it may be used; else everything that stands in its way, at most 100 findings."""
    try:
        return read(schema, file=file), []
    except ContractError as error:
        first = error
    found: dict[Path, Finding] = {}
    for finding in _parts(schema):
        found.setdefault(finding.path, finding)
        if len(found) == _MOST:
            break
    if not found:  # a fault of the whole: names, key, rules
        path = path_of(first.path)
        found[path] = _finding(path, first.reason)
    return None, list(found.values())


def against_others(contract: Contract, others: Sequence[Contract], held: Sequence[Contract] = ()) -> Iterator[Finding]:
    """References, feeds, checks and priorities that the other documents' contracts do not bear out.

    What another document has against the entity is told, too. While `held` are in force, what they lack already is not
    held against this one: an instance that opens few documents has references to others. Of its own it is told.
    """
    known = [other for other in others if other.name != contract.name]
    old = {_said_by(fault) for fault in faults_together(held)}
    concerned = {each.name for each in known if _speaks_of(each, contract.entity)}
    names = [str(field.name) for field in contract.fields]
    for error in faults_together([*known, contract]):
        own, known_of = error.file == contract.name, _said_by(error) in old
        if not own and (error.file not in concerned or known_of):
            continue
        named = re.search(r"fields \((\w+)\)", error.path)
        path = path_of(error.path) if own else ()
        if path and named and named[1] in names:
            path = ("fields", names.index(named[1]), "references")
        at = f"{error.path} " if own else f"{error.file}: {error.path} "
        severity = Severity.WARN if known_of else Severity.ERROR
        yield Finding(path, severity, "antar-kontrak", f"Tidak cocok dengan kontrak lain: {at}{error.reason}.")


def _said_by(error: ContractError) -> tuple[str, str, str]:
    return error.file, error.path, error.reason


def _speaks_of(contract: Contract, entity: EntityName) -> bool:
    """Whether a document is of an entity, feeds it or refers to it."""
    referred = (field.reference.entity for field in contract.fields if field.reference is not None)
    return entity in {contract.entity, *referred, *(feed.entity for feed in contract.feeds)}


def path_of(place: str) -> Path:
    """The loader's place as a path: "fields[3] (nik).format" → ("fields", 3, "format")."""
    if place == "$":
        return ()
    bare = re.sub(r" \([^)]*\)", "", place)
    return tuple(int(number) if number else name for name, number in _PART.findall(bare))


def _parts(schema: Any) -> Iterator[Finding]:
    """Each part by itself."""
    if not isinstance(schema, dict):
        return
    yield from _of_model(ContractAttributes, schema.get("contract"), ("contract",))
    raw = schema.get("fields")
    if isinstance(raw, list):
        good: list[Field] = []
        for place, each in enumerate(raw):
            field, finding = _field(each, place)
            good += [field] if field else []
            yield from [finding] if finding else []
        yield from _doubled(raw)
        if len(good) == len(raw):
            yield from _of_rules(schema.get("contract"), good)


def _field(raw: Any, place: int) -> tuple[Field | None, Finding | None]:
    try:
        return read_field(raw), None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return None, _finding(("fields", place, *first["loc"]), _said(first), about=name_of(raw))
    except ValueError as error:
        return None, _finding(("fields", place), str(error), about=name_of(raw))


def _doubled(raw: Sequence[Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, each in enumerate(raw):
        name = name_of(each)
        if name and name in seen:
            yield Finding(("fields", place, "name"), Severity.ERROR, CODE, f"Isian {name} disebut dua kali.")
        seen.add(name)


def _of_rules(raw: Any, fields: Sequence[Field]) -> Iterator[Finding]:
    """The rules and checks one by one."""
    try:
        attributes = ContractAttributes.model_validate(raw)
    except ValidationError:
        return  # told already
    for place, rule in enumerate(attributes.rules):
        try:
            parse(rule.expression, fields)
        except ValueError as error:
            yield _finding(("contract", "rules", place, "expression"), str(error), about=rule.name)
    by_name = {field.name: field for field in fields}
    for place, check in enumerate(attributes.checks):
        try:
            read_checks(attributes.model_copy(update={"checks": [check]}), by_name)
        except ValueError as error:
            reason = str(error).partition(": ")[2]
            yield _finding(("contract", "checks", place, "expression"), reason, about=check.name)


def _of_model(model: type[BaseModel], raw: Any, path: Path) -> Iterator[Finding]:
    try:
        model.model_validate(raw)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            yield _finding((*path, *found["loc"]), _said(found))


def _said(found: Any) -> str:
    words = _WORDS.get(found["type"])
    if words is None:
        return str(found["msg"])
    try:
        return words.format(**found.get("ctx", {})).replace(" or ", " atau ")
    except KeyError:
        return words


def _finding(path: Path, reason: str, *, about: str = "") -> Finding:
    place = ".".join(str(part) for part in path if isinstance(part, str))
    where = f"{about} ({path[-1]})" if about and isinstance(path[-1], str) else about or place
    said = f"{where[:80]}: {reason}".removeprefix(": ").rstrip(".")
    return Finding(path, Severity.ERROR, CODE, f"{said}.")

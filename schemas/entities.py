"""What contracts say of one another: entities that several documents supply, references, feeds, checks."""

from collections.abc import Mapping, Sequence

from schemas import expressions
from schemas.attributes import ContractAttributes
from schemas.contract import Contract, Feed, Field, Kind, Rule
from schemas.errors import ContractError
from schemas.expressions import ACCEPTED_ON, JOINT
from schemas.names import EntityName, FieldName
from schemas.rules import dtype, dtypes

Columns = Mapping[FieldName, Field]


def read_feeds(attributes: ContractAttributes, by_name: Columns) -> tuple[Feed, ...]:
    """The contract's feeds. Raises ValueError with the place and the reason."""
    feeds = []
    for place, raw in enumerate(attributes.feeds):
        wrong = next((name for name in (raw.key, *raw.fields.values()) if FieldName(name) not in by_name), None)
        if wrong is not None:
            raise ValueError(f"feeds[{place}]: {wrong} is not a field of this document")
        if raw.entity == attributes.entity:
            raise ValueError(f"feeds[{place}]: {raw.entity} is the document's own entity")
        fields = {FieldName(target): FieldName(source) for target, source in raw.fields.items()}
        feeds.append(Feed(EntityName(raw.entity), FieldName(raw.key), fields, raw.priority))
    if len({feed.entity for feed in feeds}) < len(feeds):
        raise ValueError("feeds: an entity stands twice")
    return tuple(feeds)


def read_checks(attributes: ContractAttributes, by_name: Columns) -> tuple[Rule, ...]:
    """The contract's checks, as far as one contract can tell. Raises ValueError with the place and the reason.

    That the named columns are there, and of a fitting type, is seen when all contracts are at hand.
    """
    checks: list[Rule] = []
    names = {rule.name for rule in attributes.rules}
    for place, raw in enumerate(attributes.checks):
        path = f"checks[{place}] ({raw.name})"
        if raw.name in names:
            raise ValueError(f"{path}: stands twice")
        names.add(raw.name)
        for name in sorted(expressions.names(raw.expression) - {ACCEPTED_ON} - {str(name) for name in by_name}):
            field = by_name.get(FieldName(name.partition(JOINT)[0]))
            if JOINT not in name or field is None or field.reference is None:
                raise ValueError(f"{path}.expression: {name} is neither a field nor <reference>{JOINT}<column>")
        if not any(JOINT in name for name in expressions.names(raw.expression)):
            raise ValueError(f"{path}.expression: names no column of a referenced row; a rule does")
        checks.append(Rule(raw.name, raw.expression, raw.severity, raw.message))
    return tuple(checks)


def columns_by_entity(contracts: Sequence[Contract]) -> dict[EntityName, dict[FieldName, Field]]:
    """The columns of each entity's record: the fields of all documents of that entity, the first source's first.

    Raises ContractError where two documents have one field with two types.
    """
    found: dict[EntityName, dict[FieldName, Field]] = {}
    for contract in sorted(contracts, key=lambda contract: contract.priority):
        columns = found.setdefault(contract.entity, {})
        for field in contract.fields:
            known = columns.setdefault(field.name, field)
            if dtype(known) != dtype(field):
                reason = f"{field.name} is {field.kind}, another document of {contract.entity} has {known.kind}"
                raise ContractError(contract.name, "fields", reason)
    return found


def check_columns(contract: Contract, entities: Mapping[EntityName, Columns]) -> dict[str, Field]:
    """The columns that the contract's checks may name: its own, and those of each row it references."""
    columns = {str(field.name): field for field in contract.fields}
    for field in contract.fields:
        if field.reference is not None:
            for name, column in entities.get(field.reference.entity, {}).items():
                columns[f"{field.name}{JOINT}{name}"] = column
    return columns


def check_together(contracts: Sequence[Contract]) -> None:
    """Refuse contracts that name each other's entities wrongly. Raises ContractError."""
    entities = columns_by_entity(contracts)
    _check_priorities(contracts)
    _check_keys(contracts)
    for contract in contracts:
        _check_references(contract, entities)
        _check_feeds(contract, entities)
        columns = check_columns(contract, entities)
        for place, check in enumerate(contract.checks):
            used = {name: columns[name] for name in expressions.names(check.expression) if name in columns}
            try:
                expressions.parse(check.expression, {name: dtype(column) for name, column in used.items()})
            except ValueError as error:
                path = f"contract.checks[{place}] ({check.name}).expression"
                raise ContractError(contract.name, path, str(error)) from error


def _check_keys(contracts: Sequence[Contract]) -> None:
    keys: dict[EntityName, Contract] = {}
    for contract in contracts:
        other = keys.setdefault(contract.entity, contract)
        if other.key != contract.key:
            raise ContractError(contract.name, "contract.key", f"is not that of {other.name}: {', '.join(other.key)}")
    for contract in contracts:
        for place, feed in enumerate(contract.feeds):
            if feed.entity in keys and len(keys[feed.entity].key) != 1:
                raise ContractError(contract.name, f"contract.feeds[{place}]", f"{feed.entity} has a key of parts")


def _check_priorities(contracts: Sequence[Contract]) -> None:
    ranks: dict[tuple[EntityName, int], str] = {}
    for contract in contracts:
        speaks = [("contract.priority", contract.entity, contract.priority)]
        speaks += [
            (f"contract.feeds[{place}]", each.entity, each.priority) for place, each in enumerate(contract.feeds)
        ]
        for path, entity, priority in speaks:
            other = ranks.setdefault((entity, priority), contract.name)
            if other != contract.name:
                raise ContractError(contract.name, path, f"is that of {other}, too")


def _check_references(contract: Contract, entities: Mapping[EntityName, Columns]) -> None:
    for field in contract.fields:
        if field.reference is None:
            continue
        target = entities.get(field.reference.entity, {}).get(field.reference.field)
        if target is None:
            reason = f"{field.reference.entity}.{field.reference.field} is no column of any document"
            raise ContractError(contract.name, f"fields ({field.name}).references", reason)
        if target.kind is not field.kind:
            reason = f"is {field.kind}, {field.reference.entity}.{target.name} is {target.kind}"
            raise ContractError(contract.name, f"fields ({field.name}).references", reason)


def _check_feeds(contract: Contract, entities: Mapping[EntityName, Columns]) -> None:
    own = dtypes(contract.fields)
    for place, feed in enumerate(contract.feeds):
        path = f"contract.feeds[{place}]"
        columns = entities.get(feed.entity)
        if columns is None:
            raise ContractError(contract.name, path, f"{feed.entity} is no entity of any document")
        if contract.by_name[feed.key].kind is not Kind.STRING:
            raise ContractError(contract.name, f"{path}.key", f"{feed.key} is not a text")
        for target, source in feed.fields.items():
            if target not in columns:
                raise ContractError(contract.name, f"{path}.fields", f"{feed.entity} has no {target}")
            if dtype(columns[target]) != own[source]:
                reason = f"{source} is {own[source]}, {feed.entity}.{target} is {dtype(columns[target])}"
                raise ContractError(contract.name, f"{path}.fields", reason)

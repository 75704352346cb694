"""What contracts say of one another: entities that several documents supply, references, feeds, checks."""

from collections.abc import Iterator, Mapping, Sequence

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
    """Refuse contracts that name each other's entities wrongly. Raises ContractError, the first fault."""
    for fault in faults_together(contracts):
        raise fault


def faults_together(contracts: Sequence[Contract]) -> Iterator[ContractError]:
    """All that is wrong between contracts; where two do not go together, the later one has the fault.

    Two types of one field hide what else there is: nobody knows the entity's columns then.
    """
    try:
        entities = columns_by_entity(contracts)
    except ContractError as error:
        yield error
        return
    keys: dict[EntityName, Contract] = {}
    for contract in contracts:
        keys.setdefault(contract.entity, contract)
    yield from _of_priorities(contracts)
    for contract in contracts:
        yield from _of_key(contract, keys)
    for contract in contracts:
        yield from _of_references(contract, entities, keys)
        yield from _of_feeds(contract, entities)
        yield from _of_checks(contract, check_columns(contract, entities))


def _of_checks(contract: Contract, columns: Mapping[str, Field]) -> Iterator[ContractError]:
    for place, check in enumerate(contract.checks):
        used = {name: columns[name] for name in expressions.names(check.expression) if name in columns}
        try:
            expressions.parse(check.expression, {name: dtype(column) for name, column in used.items()})
        except ValueError as error:
            yield ContractError(contract.name, f"contract.checks[{place}] ({check.name}).expression", str(error))


def _of_key(contract: Contract, keys: Mapping[EntityName, Contract]) -> Iterator[ContractError]:
    other = keys[contract.entity]
    if other.key != contract.key:
        yield ContractError(contract.name, "contract.key", f"is not that of {other.name}: {', '.join(other.key)}")
    for place, feed in enumerate(contract.feeds):
        if feed.entity in keys and len(keys[feed.entity].key) != 1:
            yield ContractError(contract.name, f"contract.feeds[{place}]", f"{feed.entity} has a key of parts")


def _of_priorities(contracts: Sequence[Contract]) -> Iterator[ContractError]:
    ranks: dict[tuple[EntityName, int], str] = {}
    for contract in contracts:
        speaks = [("contract.priority", contract.entity, contract.priority)]
        speaks += [
            (f"contract.feeds[{place}]", each.entity, each.priority) for place, each in enumerate(contract.feeds)
        ]
        for path, entity, priority in speaks:
            other = ranks.setdefault((entity, priority), contract.name)
            if other != contract.name:
                yield ContractError(contract.name, path, f"is that of {other}, too")


def _of_references(
    contract: Contract, entities: Mapping[EntityName, Columns], keys: Mapping[EntityName, Contract]
) -> Iterator[ContractError]:
    for field in contract.fields:
        if field.reference is None:
            continue
        path, entity, name = f"fields ({field.name}).references", field.reference.entity, field.reference.field
        target = entities.get(entity, {}).get(name)
        if target is None:
            yield ContractError(contract.name, path, f"{entity}.{name} is no column of any document")
        elif target.kind is not field.kind:
            yield ContractError(contract.name, path, f"is {field.kind}, {entity}.{name} is {target.kind}")
        elif keys[entity].key != (name,):  # a row is found, and waited for, by its key
            yield ContractError(contract.name, path, f"{entity}.{name} is not the key of {entity}")


def _of_feeds(contract: Contract, entities: Mapping[EntityName, Columns]) -> Iterator[ContractError]:
    own = dtypes(contract.fields)
    for place, feed in enumerate(contract.feeds):
        path = f"contract.feeds[{place}]"
        columns = entities.get(feed.entity)
        if columns is None:
            yield ContractError(contract.name, path, f"{feed.entity} is no entity of any document")
            continue
        if contract.by_name[feed.key].kind is not Kind.STRING:
            yield ContractError(contract.name, f"{path}.key", f"{feed.key} is not a text")
        for target, source in feed.fields.items():
            if target not in columns:
                yield ContractError(contract.name, f"{path}.fields", f"{feed.entity} has no {target}")
            elif dtype(columns[target]) != own[source]:
                reason = f"{source} is {own[source]}, {feed.entity}.{target} is {dtype(columns[target])}"
                yield ContractError(contract.name, f"{path}.fields", reason)

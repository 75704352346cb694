"""What the contracts together say of an entity: its columns, its sources, and the schema of its golden record."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub_db.golden import Entity, Source, survivorship
from hub_db.reference_tables import source_table
from schemas.contract import Contract, Sensitivity
from schemas.entities import columns_by_entity
from schemas.names import EntityName, FieldName, SubjectName, TopicName

SOURCE_CHANGED = FieldName("sumber_diubah")
_RANK = {Sensitivity.UMUM: 0, Sensitivity.TERBATAS: 1, Sensitivity.PRIBADI: 2}


def concerned(contract: Contract, contracts: Iterable[Contract]) -> list[EntityName]:
    """The entities whose records may look otherwise when `contract` comes or changes, sorted."""
    feeds = (feed.entity for each in contracts if each.entity == contract.entity for feed in each.feeds)
    return sorted({contract.entity, *feeds, *(feed.entity for feed in contract.feeds)})


def build(name: EntityName, contracts: Sequence[Contract], resting: Collection[str] = ()) -> Entity | None:
    """The entity as all contracts of the hub have it, in any order; None when no document is of it.

    `resting`: the documents, as `<opd>.<document>`, whose source is not *aktif*; they keep their rows and do not count.
    Raises ContractError where two documents have one field with two types.
    """
    own = sorted((each for each in contracts if each.entity == name), key=lambda each: (each.priority, each.name))
    if not own:
        return None
    key = own[0].key
    feeders = [(each, feed) for each in contracts for feed in each.feeds if feed.entity == name and len(key) == 1]
    merged = _is_merged(name, contracts, resting)
    sources = [_document(each, merged=merged, counts=each.name not in resting) for each in own]
    for contract, feed in feeders:
        sources.append(
            Source(
                topic=contract.topic,
                name=contract.name,
                table=_table(contract, merged=_is_merged(contract.entity, contracts, resting)),
                priority=feed.priority,
                creates=False,
                feeds=True,
                row_key=contract.key,
                key=(feed.key,),
                fields=feed.fields,
                counts=contract.name not in resting,
            )
        )
    columns = tuple(columns_by_entity(own)[name].values())
    return Entity(name, key, columns, tuple(sorted(sources, key=lambda source: source.rank)), tuple(own))


def _document(contract: Contract, *, merged: bool, counts: bool) -> Source:
    fields = {field.name: field.name for field in contract.fields if field.name not in contract.key}
    table = _table(contract, merged=merged)
    return Source(
        topic=contract.topic,
        name=contract.name,
        table=table,
        priority=contract.priority,
        creates=contract.may_create,
        feeds=False,
        row_key=contract.key,
        key=contract.key,
        fields=fields,
        counts=counts,
    )


def _is_merged(name: EntityName, contracts: Sequence[Contract], resting: Collection[str]) -> bool:
    """Whether more than one document speaks about an entity, or the one that does has no say now."""
    own = [each.name for each in contracts if each.entity == name]
    return (
        len(own) > 1
        or any(each in resting for each in own)
        or any(feed.entity == name for each in contracts for feed in each.feeds)
    )


def _table(contract: Contract, *, merged: bool) -> tuple[str, str]:
    if not merged:
        return "reference", contract.entity
    return source_table(contract)


def subject(name: EntityName) -> SubjectName:
    """Under which the registry has the schema of an entity's golden record."""
    return SubjectName(f"{topic(name)}-value")


def topic(name: EntityName) -> TopicName:
    """Where golden records are published."""
    return TopicName(f"reference.{name}")


def golden_schema(entity: Entity) -> dict[str, Any]:
    """The Avro schema of an entity's record where several may speak: every document's fields, all but the key may be
    null."""
    first = entity.contracts[0]
    raw: dict[str, Mapping[str, Any]] = {}
    for contract in entity.contracts:
        for attributes in contract.schema["fields"]:
            raw.setdefault(attributes["name"], attributes)
    fields = []
    for field in entity.columns:
        found = dict(raw[field.name])
        if field.name not in entity.key:
            kind = found["type"]
            found |= {"type": kind if isinstance(kind, list) else ["null", kind], "default": None}
        found["sensitivity"] = _strictest(entity, field.name)
        fields.append(found)
    return {
        "type": "record",
        "name": entity.name,
        "namespace": f"{first.namespace.rpartition('.')[0]}.reference",
        "doc": first.doc,
        "fields": fields,
    }


def reader_schema(entity: Entity, fields: Collection[FieldName]) -> dict[str, Any]:
    """The Avro schema of what a reader of some fields gets: these and the key. The same for one source and for many."""
    whole = golden_schema(entity)
    shown = {*fields, *entity.key}
    return whole | {"fields": [each for each in whole["fields"] if each["name"] in shown]}


def _strictest(entity: Entity, name: FieldName) -> str:
    found = (each.by_name[name].sensitivity for each in entity.contracts if name in each.by_name)
    return max(found, key=_RANK.__getitem__).value


def folds_alike(was: Entity, now: Entity) -> bool:
    """Whether the records that the sources of `was` make are the same by the rules of `now`. Tables do not matter."""
    rules = [
        {source.name: replace(source, table=("", "")) for source in entity.sources if source.counts}
        for entity in (was, now)
    ]
    orders = [{field.name: survivorship(field) for field in entity.columns} for entity in (was, now)]
    return rules[0] == rules[1] and orders[0].items() <= orders[1].items()

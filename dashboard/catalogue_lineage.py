"""Where the fields of a golden record come from, and which entities name one another. Pure.

Who speaks, in which order, and how one of several values is chosen is the fold's to say (`hub_db/golden.py`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hub_db import entities
from hub_db.golden import Entity, Source, survivorship
from identity.masked_views import strictest
from schemas.contract import Contract, Field, OnMissing, Sensitivity
from schemas.names import EntityName, FieldName


@dataclass(frozen=True, slots=True)
class Supply:
    """One document's field that supplies a field of the record."""

    contract: Contract
    field: Field
    priority: int
    by: FieldName | None = None  # through `feeds`: the field that names the record


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the golden record: its supplies, the first to speak first."""

    name: FieldName
    first: Field  # as the entity's own first source has it, which says how values are chosen
    strictest: Field  # as the masked views show it
    supplies: tuple[Supply, ...]

    @property
    def sensitivity(self) -> Sensitivity:
        return self.strictest.sensitivity

    @property
    def specific(self) -> bool:
        return self.strictest.specific

    @property
    def agree(self) -> bool:
        """Whether the sources must agree."""
        return any(each.field.agree for each in self.supplies)

    @property
    def choice(self) -> str:
        """How one of several values is chosen, in words."""
        if len(self.supplies) == 1:
            return "Satu sumber"
        match survivorship(self.first):
            case "latest":
                words = "Yang terakhir diubah di sumbernya"
            case "longest":
                words = "Isi yang terpanjang"
            case _:
                words = "Sumber pertama yang berisi"
        return f"{words}; sumber harus sama, bila tidak menjadi Tidak Padan" if self.agree else words


@dataclass(frozen=True, slots=True)
class Link:
    """A field that names a record of another entity."""

    contract: Contract
    field: Field

    @property
    def target(self) -> EntityName:
        assert self.field.reference is not None  # noqa: S101 (links are made of fields that refer)
        return self.field.reference.entity

    @property
    def missing(self) -> str:
        """What happens while the named record is not there, in words."""
        assert self.field.reference is not None  # noqa: S101
        if self.field.reference.on_missing is OnMissing.WARN:
            return "diterima dengan peringatan"
        return "ditunda sampai rujukannya datang"


@dataclass(frozen=True, slots=True)
class Lineage:
    """One entity among the others."""

    entity: EntityName
    sources: tuple[Contract, ...]  # documents of this entity, the first to speak first
    feeders: tuple[Contract, ...]  # documents of other entities that supply fields
    columns: tuple[Column, ...]
    outgoing: tuple[Link, ...]
    incoming: tuple[Link, ...]


def lineage(contracts: Sequence[Contract], name: EntityName) -> Lineage | None:
    """None where no document is of this entity."""
    entity = entities.build(name, contracts)
    if entity is None:
        return None
    by_name = {contract.name: contract for contract in contracts}
    shown = strictest(entity.contracts)
    columns = (
        Column(field.name, field, shown[field.name], tuple(_supplies(entity, field.name, by_name)))
        for field in entity.columns
    )
    return Lineage(
        name,
        entity.contracts,
        tuple(by_name[source.name] for source in entity.sources if source.feeds),
        tuple(columns),
        tuple(_links(entity.contracts)),
        tuple(link for link in _links(contracts) if link.target == name),
    )


def _supplies(entity: Entity, column: FieldName, by_name: Mapping[str, Contract]) -> Iterator[Supply]:
    for source in entity.sources:
        field = _field_of(source, column)
        if field is not None:
            contract = by_name[source.name]
            yield Supply(contract, contract.by_name[field], source.priority, source.key[0] if source.feeds else None)


def _field_of(source: Source, column: FieldName) -> FieldName | None:
    """The document's field that supplies a column; a document of the entity has its key, too."""
    if column in source.key and not source.feeds:
        return column
    return source.fields.get(column)


def _links(contracts: Iterable[Contract]) -> Iterable[Link]:
    for contract in contracts:
        yield from (Link(contract, field) for field in contract.fields if field.reference is not None)

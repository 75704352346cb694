"""Where the fields of a golden record come from, and which entities name one another. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.contract import Contract, Field, OnMissing, Sensitivity
from schemas.names import EntityName, FieldName

_ORDER = tuple(Sensitivity)


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
    supplies: tuple[Supply, ...]

    @property
    def first(self) -> Field:
        """As the first source has it."""
        return self.supplies[0].field

    @property
    def sensitivity(self) -> Sensitivity:
        """As the strictest source has it."""
        return max((each.field.sensitivity for each in self.supplies), key=_ORDER.index)

    @property
    def specific(self) -> bool:
        return any(each.field.specific for each in self.supplies)

    @property
    def agree(self) -> bool:
        """Whether the sources must agree."""
        return any(each.field.agree for each in self.supplies)

    @property
    def choice(self) -> str:
        """How one of several values is chosen, in words."""
        if len(self.supplies) == 1:
            return "Satu sumber"
        match self.first.survivorship:
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


def lineage(contracts: Sequence[Contract], entity: EntityName) -> Lineage | None:
    """None where no document is of this entity."""
    sources = sorted((each for each in contracts if each.entity == entity), key=lambda each: each.priority)
    if not sources:
        return None
    supplies: dict[FieldName, list[Supply]] = {}
    for contract in sources:
        for field in contract.fields:
            supplies.setdefault(field.name, []).append(Supply(contract, field, contract.priority))
    feeders = []
    for contract in contracts:
        for feed in (feed for feed in contract.feeds if feed.entity == entity):
            feeders.append(contract)
            for target, source in feed.fields.items():
                supply = Supply(contract, contract.by_name[source], feed.priority, feed.key)
                supplies.setdefault(target, []).append(supply)
    columns = (Column(name, tuple(sorted(found, key=lambda each: each.priority))) for name, found in supplies.items())
    return Lineage(
        entity,
        tuple(sources),
        tuple(feeders),
        tuple(columns),
        tuple(_links(sources)),
        tuple(link for link in _links(contracts) if link.target == entity),
    )


def _links(contracts: Iterable[Contract]) -> Iterable[Link]:
    for contract in contracts:
        yield from (Link(contract, field) for field in contract.fields if field.reference is not None)

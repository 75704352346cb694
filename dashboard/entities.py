"""The entities of this instance as the pages read them: each as one contract with the fields of all its documents."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from base.instance import Instance
from identity.masked_views import strictest
from schemas.contract import Contract
from schemas.loader import load_active
from schemas.names import EntityName

Entities = Mapping[EntityName, Contract]


def load_entities(folder: Path, instance: Instance) -> Entities:
    """The entities of the documents that this instance opens, by name."""
    return entities_of(load_active(folder, instance))


def entities_of(contracts: Iterable[Contract]) -> Entities:
    """Of several documents the first source names owner and key; each field is as the strictest of them has it, which
    is what the masked views show."""
    documents: dict[EntityName, list[Contract]] = {}
    for contract in sorted(contracts, key=lambda contract: contract.priority):
        documents.setdefault(contract.entity, []).append(contract)
    return MappingProxyType(
        {
            entity: replace(found[0], fields=tuple(strictest(found).values()))
            for entity, found in sorted(documents.items())
        }
    )

"""What the demo publishes: the scenario of both documents, known to the last event before anything is sent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from base import instance
from cli import preparation, settings
from producers.synthetic.residents import residents
from producers.synthetic.scenario import Planned, Scenario
from producers.wilayah import villages_of
from schemas import event_key
from schemas.contract import Contract, Value
from schemas.errors import RegistryRefused
from schemas.names import SchemaId, TopicName
from schemas.wire.registry_client import RegistryClient

REGIONS, RESIDENTS = "kominfo.wilayah", "disdukcapil.penduduk"
PROBE_LATER = timedelta(days=1)  # newer than every event of the scenario


def contracts(home: Path) -> dict[str, Contract]:
    """The contracts of both documents."""
    return {each.name: each for each in preparation.contracts(home) if each.name in (REGIONS, RESIDENTS)}


def schema_ids(home: Path) -> dict[TopicName, SchemaId]:
    """The ids that the registry of `home` has given to both. Raises RegistryRefused when it does not have them."""
    ids = {}
    with RegistryClient(settings.registry_settings(home)) as registry:
        for contract in contracts(home).values():
            found = registry.look_up(contract.subject, contract.schema)
            if found is None:
                raise RegistryRefused(404, 40403, f"{contract.subject} is not registered in this form")
            ids[contract.topic] = found
    return ids


def scenario(
    home: Path, documents: Mapping[str, Contract], ids: Mapping[TopicName, SchemaId], *, count: int, seed: int
) -> Scenario:
    """The scenario of `count` residents of this instance."""
    return Scenario(documents[REGIONS], documents[RESIDENTS], ids, villages=villages(home), count=count, seed=seed)


def probes(
    home: Path, of: Scenario, contract: Contract, events: Sequence[Planned], wanted: int, count: int, seed: int
) -> list[Planned]:
    """Newer versions of residents whom no event of the scenario deletes."""
    staying = _staying(contract, events, residents(count, seed=seed, villages=villages(home)))
    return [of.newer(row) for row in islice(staying, wanted)]


def villages(home: Path) -> list[str]:
    """The codes of this instance's villages."""
    return villages_of(instance.load(settings.load(home).instance).kode)


def _staying(
    contract: Contract, events: Sequence[Planned], rows: Iterator[dict[str, Value]]
) -> Iterator[dict[str, Value]]:
    """Rows of residents as they are after every event of the scenario."""
    live = {event.key for event in events if event.kind == "good"}
    live -= {event.key for event in events if event.kind == "tombstone"}
    for row in rows:
        changed = row["sumber_diubah"]
        if isinstance(changed, datetime) and event_key.of_values(contract, row).encode() in live:
            yield row | {"sumber_diubah": changed + PROBE_LATER}

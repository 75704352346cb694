"""What the demo publishes: the scenario of both documents, known to the last event before anything is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from base import instance
from cli import preparation, settings
from producers.synthetic.residents import residents
from producers.synthetic.scenario import Planned, Scenario, Summary, summary
from producers.wilayah import villages_of
from schemas import event_key
from schemas.contract import Contract, Value
from schemas.errors import RegistryRefused
from schemas.names import SchemaId, TopicName
from schemas.wire.registry_client import RegistryClient

REGIONS, RESIDENTS = "kominfo.wilayah", "disdukcapil.penduduk"
PROBE_LATER = timedelta(days=1)  # newer than every event of the scenario


@dataclass(frozen=True, slots=True)
class Plan:
    """Both documents with their planned events, and rows for latency probes."""

    regions: Contract
    residents: Contract
    schema_ids: dict[TopicName, SchemaId]
    region_events: list[Planned]
    resident_events: list[Planned]
    probes: list[Planned]  # newer versions of residents that are there and stay

    @property
    def events(self) -> list[Planned]:
        return [*self.region_events, *self.resident_events]

    def summary(self) -> Summary:
        return summary(self.events)


def make(home: Path, *, count: int, seed: int, probes: int) -> Plan:
    """The plan of `count` residents; the registry of `home` must have the contracts."""
    told = settings.load(home)
    by_name = {contract.name: contract for contract in preparation.contracts(home)}
    regions, population = by_name[REGIONS], by_name[RESIDENTS]
    ids = {}
    with RegistryClient(settings.registry_settings(home)) as registry:
        for contract in (regions, population):
            found = registry.look_up(contract.subject, contract.schema)
            if found is None:
                raise RegistryRefused(404, 40403, f"{contract.subject} is not registered in this form")
            ids[contract.topic] = found
    villages = villages_of(instance.load(told.instance).kode)
    scenario = Scenario(regions, population, ids, villages=villages, count=count, seed=seed)
    events = list(scenario.population())
    return Plan(
        regions,
        population,
        ids,
        list(scenario.regions()),
        events,
        [scenario.newer(row) for row in islice(_staying(population, events, count, seed, villages), probes)],
    )


def _staying(
    contract: Contract, events: list[Planned], count: int, seed: int, villages: list[str]
) -> Iterator[dict[str, Value]]:
    """Rows of residents whom no event deletes, as they are after every event of the scenario."""
    live = {event.key for event in events if event.kind == "good"}
    live -= {event.key for event in events if event.kind == "tombstone"}
    for row in residents(count, seed=seed, villages=villages):
        changed = row["sumber_diubah"]
        if isinstance(changed, datetime) and event_key.of_values(contract, row).encode() in live:
            yield row | {"sumber_diubah": changed + PROBE_LATER}

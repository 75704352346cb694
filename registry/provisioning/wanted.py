"""What Kafka should have: out of sources and their states, systems, readers. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hub_db.sources import SourceState
from registry.provisioning.acls import Acl
from registry.provisioning.readers import Reader, wanted_rights_of_readers
from registry.provisioning.rights import (
    HUB_PRINCIPALS,
    PREFIXES,
    Pattern,
    Resource,
    Right,
    retired_rights,
    rights_of_hub,
    rights_of_sources,
)
from registry.provisioning.sources import Opening, Source, System, members, opd_principal
from registry.provisioning.topics import (
    DEFAULT_PARTITIONS,
    Topic,
    all_topics_of,
    own_topics,
    topics_of_readers,
    topics_of_sources,
)
from schemas.contract import Contract
from schemas.names import OpdCode, TopicName

DEFAULT_RATE = 20 * 1_048_576  # bytes a second that one OPD's system may send to a broker


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that should be there, and what is told apart from drift: rights that another state would give."""

    topics: Mapping[TopicName, Topic]
    kept: frozenset[TopicName]  # of ended sources: neither made nor drift
    rights: frozenset[Right]
    withdrawn: frozenset[Right]  # ours to take back without asking anybody
    users: frozenset[str]  # whose passwords the hub itself has
    systems: frozenset[str]  # whose passwords only they have
    agencies: frozenset[OpdCode]
    rates: Mapping[str, int]  # bytes a second

    def is_ours(self, principal: str) -> bool:
        """Whether the name is one that the hub gives."""
        known = principal in self.users | self.systems or principal.startswith(("hub-", "opd-"))
        return known or principal.partition(".")[0] in self.agencies

    def touches(self, acl: Acl) -> bool:
        """Whether the ACL is of somebody or on something of ours; a Kafka may serve others besides."""
        if self.is_ours(acl.user):
            return True
        if acl.resource != Resource.TOPIC:
            return False
        near = acl.name.startswith(PREFIXES)
        if acl.pattern == Pattern.PREFIXED:
            return near or any(prefix.startswith(acl.name) for prefix in PREFIXES)
        return near or acl.name == "*"


def wanted(
    sources: Iterable[Source],
    *,
    seeded: Iterable[OpdCode] = (),
    systems: Iterable[System] = (),
    readers: Iterable[Reader] = (),
    partitions: int | Mapping[TopicName, int] = DEFAULT_PARTITIONS,
    rate: int | None = DEFAULT_RATE,
) -> Wanted:
    """Put it together. `seeded`: the agencies for which the hub itself sends; `rate` None = no quotas."""
    sources, systems, readers, seeded = list(sources), list(systems), list(readers), frozenset(seeded)
    acting = members(seeded, (system for system in systems if system.active))
    everybody = members(seeded, systems)
    open_entities = frozenset(source.contract.entity for source in sources if source.has(Opening.READING))
    topics = [
        *topics_of_sources(sources, partitions),
        *topics_of_readers(readers, open_entities),
        *own_topics(),
    ]
    rights = rights_of_sources(sources, acting) | wanted_rights_of_readers(readers, acting, open_entities)
    rights |= rights_of_hub()
    possible = rights_of_sources((replace(each, state=state) for each in sources for state in SourceState), everybody)
    possible |= retired_rights(everybody) | wanted_rights_of_readers(
        (replace(reader, holds=True) for reader in readers), everybody, frozenset(each.entity for each in readers)
    )
    return Wanted(
        topics={topic.name: topic for topic in topics},
        kept=frozenset(name for source in sources for name in all_topics_of(source.contract)),
        rights=rights,
        withdrawn=possible - rights,
        users=frozenset({*HUB_PRINCIPALS, *map(opd_principal, seeded)}),
        systems=frozenset(system.principal for system in systems),
        agencies=frozenset(everybody),
        rates={} if rate is None else {name: rate for names in everybody.values() for name in names},
    )


def wanted_of_seed(
    contracts: Iterable[Contract],
    *,
    partitions: int | Mapping[TopicName, int] = DEFAULT_PARTITIONS,
    rate: int | None = DEFAULT_RATE,
) -> Wanted:
    """What a hub has that knows these documents, all of them active, and nothing else."""
    contracts = list(contracts)
    return wanted(
        [Source(contract) for contract in contracts],
        seeded={contract.opd for contract in contracts},
        partitions=partitions,
        rate=rate,
    )

"""Who may do what on Kafka (docs/reference/rights.md). Pure: a table, nothing else.

Everything that is not listed is refused by the broker. A prefix ends in its dot, so that `uji.dinas.` does not cover
`uji.dinas2.penduduk`. Kafka ≥ 2.8 asks an idempotent producer for WRITE on a topic only, so nobody gets a right on the
cluster but the keeper, which makes topics, rights and passwords, and reads or writes none of the data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.provisioning.sources import Opening, Source, opd_principal
from schemas.contract import Contract
from schemas.names import OpdCode
from schemas.sandbox import SANDBOX

INTAKE, PUBLISHER, WEB, JOBS, KEEPER = "hub-intake", "hub-publisher", "hub-web", "hub-jobs", "hub-keeper"
REPLAY = "hub-replay"  # puts returned events back where they came from; reads nothing
HUB_PRINCIPALS = (INTAKE, PUBLISHER, WEB, JOBS, KEEPER, REPLAY)
SOP = "sop."  # facts and the events of cases: the publisher alone writes them
PREFIXES = ("opd.", "dlq.", "reference.", SANDBOX, SOP)  # of all topics of the hub
TRANSACTIONS = (PUBLISHER, f"{PUBLISHER}-facts", f"{PUBLISHER}-status")  # of rounds, of facts, of cases
STAGES = "hub-stages"  # group of the reader of facts
THE_CLUSTER = "kafka-cluster"  # as Kafka names it


class Resource(StrEnum):
    """Kinds of resources, as Kafka names them."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"
    TRANSACTIONAL_ID = "TRANSACTIONAL_ID"
    CLUSTER = "CLUSTER"


class Operation(StrEnum):
    """Operations, as Kafka names them. READ and WRITE carry DESCRIBE with them; it is listed all the same."""

    READ = "READ"
    WRITE = "WRITE"
    CREATE = "CREATE"
    ALTER = "ALTER"
    DESCRIBE = "DESCRIBE"
    ALTER_CONFIGS = "ALTER_CONFIGS"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"


class Pattern(StrEnum):
    """Whether the name is the whole name or the beginning of it."""

    LITERAL = "LITERAL"
    PREFIXED = "PREFIXED"


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One principal may do one thing to resources of one name or prefix."""

    principal: str  # without "User:"
    resource: Resource
    pattern: Pattern
    name: str
    operation: Operation


def principals(contracts: Iterable[Contract]) -> tuple[str, ...]:
    """Everybody whose password is among the hub's own when these documents are seeded, sorted."""
    return tuple(sorted({opd_principal(contract.opd) for contract in contracts} | set(HUB_PRINCIPALS)))


def rights_of_sources(sources: Iterable[Source], members: Mapping[OpdCode, Iterable[str]]) -> frozenset[Right]:
    """What each agency's principals may do, by the states of its sources.

    Writing goes by document, so that one source can be suspended and its neighbour goes on.
    """
    rights: set[Right] = set()
    for source in sources:
        for principal in members.get(source.contract.opd, ()):
            rights |= _of_member(source, principal)
    return frozenset(rights)


def rights_of_hub() -> frozenset[Right]:
    """What the hub's own processes may do."""
    own_transactions = {
        Right(PUBLISHER, Resource.TRANSACTIONAL_ID, Pattern.LITERAL, name, operation)
        for name in TRANSACTIONS
        for operation in (Operation.WRITE, Operation.DESCRIBE)
    }
    return frozenset(
        {
            *_topics(INTAKE, "opd.", Operation.READ, Operation.DESCRIBE),
            *_topics(INTAKE, SANDBOX, Operation.READ, Operation.DESCRIBE),
            *_topics(INTAKE, SOP, Operation.READ, Operation.DESCRIBE),
            *(Right(INTAKE, Resource.GROUP, Pattern.LITERAL, group, Operation.READ) for group in (INTAKE, STAGES)),
            *_topics(PUBLISHER, "reference.", Operation.READ, Operation.WRITE, Operation.DESCRIBE),
            *_topics(PUBLISHER, "dlq.", Operation.WRITE, Operation.DESCRIBE),
            *_topics(PUBLISHER, SOP, Operation.WRITE, Operation.DESCRIBE),
            *own_transactions,
            *_topics(JOBS, "opd.", Operation.DESCRIBE),  # where the logs end, for the watch
            *(right for prefix in ("opd.", SANDBOX) for right in _topics(REPLAY, prefix, *_WRITING)),
            *(right for prefix in _SHOWN for right in _topics(WEB, prefix, Operation.DESCRIBE)),
            *_of_keeper(),
        }
    )


def retired_rights(members: Mapping[OpdCode, Iterable[str]]) -> frozenset[Right]:
    """What earlier releases gave for all documents of an agency at once, and is taken back where it still is."""
    return frozenset(
        right
        for opd, names in members.items()
        for name in names
        for right in (
            *_topics(name, f"opd.{opd}.", Operation.WRITE, Operation.DESCRIBE),
            *_topics(name, f"dlq.{opd}.", Operation.READ, Operation.DESCRIBE),
        )
    )


_WRITING = (Operation.WRITE, Operation.DESCRIBE)
_SHOWN = ("opd.", "reference.", "dlq.", SOP)


def _of_member(source: Source, principal: str) -> set[Right]:
    contract, rights = source.contract, set[Right]()
    if source.has(Opening.SANDBOX):
        rights |= _topics(principal, f"{SANDBOX}{contract.opd}.", Operation.WRITE, Operation.DESCRIBE)
        rights.add(Right(principal, Resource.GROUP, Pattern.PREFIXED, f"{contract.opd}.", Operation.READ))
    if source.has(Opening.SENDING):
        rights |= _topic(principal, contract.topic, Operation.WRITE, Operation.DESCRIBE)
    if source.has(Opening.RETURNS):
        rights |= _topic(principal, contract.dead_letter_topic, Operation.READ, Operation.DESCRIBE)
    return rights


def _of_keeper() -> set[Right]:
    """Makes and mends, deletes nothing: no DELETE on a topic, so that what is lost by a mistake can be had again."""
    on_cluster = (Operation.ALTER, Operation.DESCRIBE, Operation.ALTER_CONFIGS, Operation.DESCRIBE_CONFIGS)
    return {
        *(Right(KEEPER, Resource.CLUSTER, Pattern.LITERAL, THE_CLUSTER, operation) for operation in on_cluster),
        *(
            right
            for prefix in PREFIXES
            for right in _topics(
                KEEPER,
                prefix,
                Operation.CREATE,
                Operation.ALTER,
                Operation.DESCRIBE,
                Operation.ALTER_CONFIGS,
                Operation.DESCRIBE_CONFIGS,
            )
        ),
    }


def _topics(principal: str, prefix: str, *operations: Operation) -> set[Right]:
    return {Right(principal, Resource.TOPIC, Pattern.PREFIXED, prefix, operation) for operation in operations}


def _topic(principal: str, name: str, *operations: Operation) -> set[Right]:
    return {Right(principal, Resource.TOPIC, Pattern.LITERAL, name, operation) for operation in operations}

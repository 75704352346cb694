"""Who may do what on Kafka (docs/reference/rights.md). Pure: a table, nothing else.

Everything that is not listed is refused by the broker. A prefix ends in its dot, so that `opd.dinas.` does not cover
`opd.dinas2.penduduk`. Nobody gets a right on the cluster: Kafka ≥ 2.8 asks an idempotent producer for WRITE on a topic
only. Nobody may create topics.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from schemas.contract import Contract
from schemas.names import OpdCode

INTAKE, PUBLISHER, WEB, JOBS = "hub-intake", "hub-publisher", "hub-web", "hub-jobs"
HUB_PRINCIPALS = (INTAKE, PUBLISHER, WEB, JOBS)
SOP = "sop."  # facts and the events of cases: the publisher alone writes them
TRANSACTIONS = (PUBLISHER, f"{PUBLISHER}-facts")  # of rounds, and of facts


class Resource(StrEnum):
    """Kinds of resources, as Kafka names them."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"
    TRANSACTIONAL_ID = "TRANSACTIONAL_ID"


class Operation(StrEnum):
    """Operations, as Kafka names them. READ and WRITE carry DESCRIBE with them; it is listed all the same."""

    READ = "READ"
    WRITE = "WRITE"
    DESCRIBE = "DESCRIBE"


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


def opd_principal(opd: OpdCode) -> str:
    """The name under which an OPD's system signs in."""
    if not opd.isalnum() or not opd.isascii():
        raise ValueError(f"{opd!r} is no OPD code: its rights could reach another OPD's topics")
    return f"opd-{opd}"


def principals(contracts: Iterable[Contract]) -> tuple[str, ...]:
    """Everybody who signs in to Kafka when these documents are exchanged, sorted."""
    return tuple(sorted({opd_principal(contract.opd) for contract in contracts} | set(HUB_PRINCIPALS)))


def wanted_rights(contracts: Iterable[Contract]) -> frozenset[Right]:
    """Every right that these documents need."""
    rights = {right for opd in {contract.opd for contract in contracts} for right in _of_opd(opd)}
    return frozenset(rights | _of_hub())


def _of_opd(opd: OpdCode) -> set[Right]:
    name = opd_principal(opd)
    return {
        *_topics(name, f"opd.{opd}.", Operation.WRITE, Operation.DESCRIBE),
        *_topics(name, f"dlq.{opd}.", Operation.READ, Operation.DESCRIBE),
        Right(name, Resource.GROUP, Pattern.PREFIXED, f"{opd}.", Operation.READ),
    }


def _of_hub() -> set[Right]:
    own_transactions = {
        Right(PUBLISHER, Resource.TRANSACTIONAL_ID, Pattern.LITERAL, name, operation)
        for name in TRANSACTIONS
        for operation in (Operation.WRITE, Operation.DESCRIBE)
    }
    return {
        *_topics(INTAKE, "opd.", Operation.READ, Operation.DESCRIBE),
        *_topics(INTAKE, SOP, Operation.READ, Operation.DESCRIBE),
        Right(INTAKE, Resource.GROUP, Pattern.LITERAL, INTAKE, Operation.READ),
        *_topics(PUBLISHER, "reference.", Operation.WRITE, Operation.DESCRIBE),
        *_topics(PUBLISHER, "dlq.", Operation.WRITE, Operation.DESCRIBE),
        *_topics(PUBLISHER, SOP, Operation.WRITE, Operation.DESCRIBE),
        *own_transactions,
        *_topics(JOBS, "opd.", Operation.DESCRIBE),  # where the logs end, for the watch
        *(
            right
            for prefix in ("opd.", "reference.", "dlq.", SOP)
            for right in _topics(WEB, prefix, Operation.DESCRIBE)
        ),
    }


def _topics(principal: str, prefix: str, *operations: Operation) -> set[Right]:
    return {Right(principal, Resource.TOPIC, Pattern.PREFIXED, prefix, operation) for operation in operations}

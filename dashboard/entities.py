"""The entities as pages read them: each as one contract with the fields of all its documents, as the hub has them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from time import monotonic
from types import MappingProxyType
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from dashboard.database import Pool, read
from hub_db.connection import translated
from hub_db.statements import load
from identity.masked_views import strictest
from schemas.contract import Contract
from schemas.loader import read as read_contract
from schemas.names import EntityName

Entities = Mapping[EntityName, Contract]
SQL = load("dashboard", "sql/entities.sql")
KEPT_S: Final = 1.0  # an approved version shows after this time at the latest
DUE_S: Final = 0.5  # before its time is over: then whoever may, asks again


class ApprovedEntities:
    """The entities of the documents that the hub takes, asked about once in a second.

    The registry is the truth: what somebody approves while the pages run is there without a restart.
    """

    def __init__(self, readers: Pool) -> None:
        self._readers = readers
        self._until = 0.0
        self._marks: list[TupleRow] = []
        self._found: Entities = MappingProxyType({})

    def now(self) -> Entities:
        """By name. Raises SourceAway when PostgreSQL does not answer."""
        return self._found if monotonic() < self._until else self.look()

    def at_hand(self) -> Entities | None:
        """By name, without asking; None when that would be too old."""
        return self._found if monotonic() < self._until else None

    @property
    def is_due(self) -> bool:
        """Whether it is time to look again."""
        return monotonic() >= self._until - DUE_S

    def look(self) -> Entities:
        """By name, as the database says. Raises SourceAway."""
        began = monotonic()
        read(self._readers, self._look)
        self._until = began + KEPT_S
        return self._found

    def _look(self, conn: Connection[TupleRow]) -> None:
        with translated():
            marks = conn.execute(SQL["marks"]).fetchall()
            if marks == self._marks:
                return
            rows = conn.execute(SQL["contracts"]).fetchall()
        self._found = entities_of(read_contract(schema, file=f"hub.document {topic}") for topic, schema in rows)
        self._marks = marks


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

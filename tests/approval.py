"""Contracts as an approval makes them hold: what tests need that are not about approvals."""

from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from registry.governance.seeding import enact
from schemas.contract import Contract
from schemas.names import SchemaId


def approve(owner: Connection[TupleRow], contract: Contract) -> SchemaId:
    """The id of the contract's schema, which is the newest version of its subject from now on."""
    with owner.transaction():
        found = enact(owner, contract.subject, contract.schema, reason="Untuk pengujian.", now=datetime.now(UTC))
    return found.schema_id

"""The files seed an empty registry, by an approval act of the process itself; after that they are only compared.

Whatever the hub registers for itself, without people, goes this way too. In process, as the owner of the database.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow

import hub_db
from hub_db.connection import transaction
from identity.actors import Actor, note
from identity.acts import Act
from identity.masked_views import make_view
from registry import registration, scopes, versions
from registry.governance import drafts
from registry.governance.drafts import SQL, State, Step
from registry.governance.enforcement import contracts_of, enforce, golden_register
from registry.governance.governed import has_contract
from registry.provisioning.hub import seed_sources
from registry.schema_text import parse
from registry.versions import NEWEST, Version
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import SubjectName

SEED: Final = Actor.process("benih")
REASON: Final = "Berkas kontrak menjadi benih registri yang kosong."
LOCK: Final = 0x42_45_4E_49_48  # any number that only we use


@dataclass(frozen=True, slots=True)
class Compared:
    """What the start found: which documents were seeded now, and which files say other than the registry."""

    seeded: list[str]
    absent: list[str]  # in the files, not in the registry
    different: list[str]


def seed(conn: Connection[TupleRow], contracts: Sequence[Contract], *, now: datetime) -> Compared:
    """Fill an empty registry from the files, all of them or none; compare them with one that is not empty."""
    with transaction(conn):
        conn.execute(SQL["lock_seeding"], {"key": LOCK})
        row = conn.execute(SQL["any_governed"]).fetchone()
        if row is not None and row[0]:
            return _compared(conn, contracts, now=now)
        for contract in contracts:
            enact(conn, contract.subject, contract.schema, by=SEED, reason=REASON, now=now)
    return Compared([contract.name for contract in contracts], [], [])


def enact(
    conn: Connection[TupleRow],
    subject: SubjectName,
    schema: Mapping[str, Any],
    *,
    by: Actor = SEED,
    reason: str,
    now: datetime,
) -> Version:
    """The version of a governed subject that is this schema, approved and enforced by a process of the hub if it is
    none yet. The caller owns the transaction. Raises what `enforce` raises."""
    parsed = parse(json.dumps(schema, ensure_ascii=False))
    found = versions.registered(conn, subject, registration.completed(parsed, scopes.effective(conn, subject)))
    if found is not None:
        return found
    if has_contract(parsed.schema):
        seed_sources(conn, [read(schema, file=subject)], now=now)  # else it would begin in the sandbox alone
    draft = drafts.find_or_make(conn, subject, parsed, by=by, now=now)
    marks = {"id": draft.id, "state": State.APPROVED, "submitted_by": by.name, "approved_by": by.name, "now": now}
    conn.execute(SQL["move"], marks)
    drafts.add_step(conn, draft, Step.APPROVED, by=by, now=now, reason=reason)
    note(
        conn, by, Act.CONTRACT_APPROVE, f"draft:{draft.id}", now=now, opd=draft.opd, document=draft.document,
        reason=reason,
    )  # fmt: skip
    approved = drafts.claim(conn, draft.id)
    if approved is None:
        raise AssertionError("a draft of this very transaction is gone")
    return enforce(conn, approved, by=by, now=now)


def _compared(conn: Connection[TupleRow], contracts: Sequence[Contract], *, now: datetime) -> Compared:
    """What the files say otherwise. The hub's documents and views are made anew from what the registry says, as a
    release may make them differently."""
    absent, different = [], []
    entities = set()
    for contract in contracts:
        live = versions.at(conn, contract.subject, NEWEST)
        if live is None:
            absent.append(contract.name)
            continue
        schema = json.loads(live.schema_text)
        if schema != contract.schema:
            different.append(contract.name)
        held = read(schema, file=contract.name)
        hub_db.provision(conn, held, live.schema_id, golden_register(conn, by=SEED.name))
        seed_sources(conn, [contract], now=now)
        entities.add(contract.entity)
    for entity in sorted(entities):
        make_view(conn, contracts_of(conn, entity))
    return Compared([], absent, different)

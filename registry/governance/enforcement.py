"""What makes an approved draft hold: table, version, document, view, audit, fact and notices, all in one transaction.

The columns are there before the schema's id can be asked for, as both are committed at once. It is done as the owner
of the database, by the process of jobs or by a command on the hub's machine; no server that answers requests can.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow

import hub_db
from hub_db import table_changes
from hub_db.connection import transaction
from hub_db.errors import Contended, Halted, HubDbError, Unreachable
from identity.actors import Actor, note
from identity.acts import Act
from identity.masked_views import drop_view, make_view
from registry import registration
from registry.errors import DraftRefused, RegistryError
from registry.governance import announcements, drafts
from registry.governance.drafts import SQL, Draft, DraftId, State, Step
from registry.governance.governed import has_contract
from registry.governance.verdicts import conflict_sentences, misfits
from registry.provisioning.state_changes import begin_in_sandbox
from registry.schema_text import ParsedSchema, parse
from registry.versions import Version
from schemas.contract import Contract
from schemas.errors import ContractError
from schemas.loader import read
from schemas.names import EntityName, SchemaId, SubjectName

log = logging.getLogger("simpul.governance")

LOCK_WAIT: Final = "1s"  # for the table: while we wait, everybody behind us waits too
BUSY: Final = "Tabelnya sedang dipakai pekerjaan yang panjang; penerapan dicoba lagi."


def enforce(conn: Connection[TupleRow], draft: Draft, *, by: Actor, now: datetime) -> Version:
    """Make an approved draft the newest version of its subject. The caller owns the transaction, as the owner.

    Raises Unreachable when the table could not be locked, Halted when it cannot follow, RegistryError, ContractError.
    """
    schema = drafts.schema_of(conn, draft)
    contract = read(schema.schema, file=draft.document) if has_contract(schema.schema) else None
    _must_fit(conn, draft, schema)
    conn.execute("select set_config('lock_timeout', %s, true)", (LOCK_WAIT,))
    if contract is not None:
        if contract.subject != draft.subject:
            raise Halted(f"the contract is of {contract.subject}, not of {draft.subject}")
        drop_view(conn, contract.entity)
        table_changes.fit(conn, contract)
    version = registration.register(conn, draft.subject, schema, by=draft.approved_by or draft.author)
    if contract is not None:
        reason = f"Kontraknya disetujui {draft.approved_by}, rancangan nomor {draft.id}."
        # Unless it has a state: then the new version goes on in it.
        begin_in_sandbox(conn, contract.opd, contract.document, reason=reason, by=by, now=now)
        hub_db.provision(conn, contract, version.schema_id, golden_register(conn, by=draft.approved_by or draft.author))
        make_view(conn, contracts_of(conn, contract.entity))
    marks = {"id": draft.id, "version": version.version, "schema_id": version.schema_id, "now": now}
    conn.execute(SQL["holds"], marks)
    _tell(conn, draft, version, contract, by=by, now=now)
    return version


def enforce_approved(conn: Connection[TupleRow], *, by: Actor, now: datetime) -> list[DraftId]:
    """Make every approved draft hold, each in a transaction of its own; the numbers of those that do now.

    One that cannot yet keeps the reason, for the page, and is tried again the next time. Raises HubDbError when the
    database itself is away.
    """
    done = []
    for (number,) in conn.execute(SQL["to_enforce"]).fetchall():
        try:
            with transaction(conn):
                draft = drafts.claim(conn, number)
                if draft is None or draft.state is not State.APPROVED or draft.version is not None:
                    continue
                _must_fit_others(conn, draft)
                enforce(conn, draft, by=by, now=now)
            done.append(DraftId(number))
            log.info("draft holds", extra={"action": "enforce", "draft": number})
        except (HubDbError, RegistryError, ContractError) as error:
            if conn.closed:
                raise
            _keep_reason(conn, DraftId(number), error)
    return done


def golden_register(conn: Connection[TupleRow], *, by: str) -> hub_db.Register:
    """What numbers the schema of an entity's golden record, where several sources speak: it follows from contracts that
    were approved, so nobody is asked again."""

    def register(subject: SubjectName, schema: Mapping[str, Any]) -> SchemaId:
        parsed = parse(json.dumps(schema, ensure_ascii=False))
        return registration.register(conn, subject, parsed, by=by).schema_id

    return register


def contracts_of(conn: Connection[TupleRow], entity: EntityName) -> list[Contract]:
    """The contracts of an entity's documents, as the hub reads them now."""
    rows = conn.execute(SQL["contracts_of_entity"], {"entity": entity}).fetchall()
    return [read(schema, file=f"hub.document {topic}") for topic, schema in rows]


def _must_fit(conn: Connection[TupleRow], draft: Draft, schema: ParsedSchema) -> None:
    """Compared once more: another may have been approved meanwhile, and no mode of the registry is a way round."""
    reasons = conflict_sentences(conn, draft, schema)
    if reasons:
        raise DraftRefused(f"Tidak cocok dengan versi yang kini berlaku: {' '.join(reasons[:5])}")


def _must_fit_others(conn: Connection[TupleRow], draft: Draft) -> None:
    """Held against the other documents once more: two that were approved together may not go together."""
    schema = drafts.schema_of(conn, draft).schema
    reasons = misfits(conn, read(schema, file=draft.document)) if has_contract(schema) else []
    if reasons:
        raise DraftRefused(" ".join(reasons[:5]))


def _tell(
    conn: Connection[TupleRow], draft: Draft, version: Version, contract: Contract | None, *, by: Actor, now: datetime
) -> None:
    drafts.add_step(conn, draft, Step.ENFORCED, by=by, now=now)
    marks = {"version": version.version, "schema_id": version.schema_id}
    note(
        conn, by, Act.CONTRACT_ENFORCE, f"draft:{draft.id}", now=now, opd=draft.opd, document=draft.document,
        approved_by=draft.approved_by, **marks,
    )  # fmt: skip
    drafts.tell(conn, draft, "contract.approved", by=by, now=now, approved_by=draft.approved_by, **marks)
    if contract is not None:
        announcements.new_version(conn, draft, version.version, contract, now=now)


def _keep_reason(conn: Connection[TupleRow], number: DraftId, error: Exception) -> None:
    reason = BUSY if isinstance(error, Unreachable | Contended) else str(error)[:1000]
    with transaction(conn):
        new = conn.execute(SQL["note_trouble"], {"id": number, "trouble": reason}).fetchone()
    if new is not None:
        log.warning("draft does not hold yet", extra={"action": "enforce", "draft": int(number), "why": reason})

"""What the hub says of a load that is announced: a sample is held against the rows that the source has."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import announced, loads
from hub_db.announced import Announced, Counts, Limits, State
from hub_db.statements import load
from registry.bodies import LoadBody, LoadEndBody
from schemas.contract import Contract
from schemas.loader import read

SQL = load("registry", "sql/loads.sql")
WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True, slots=True)
class Standing:
    """A load that was announced: whether it may be sent, and if not, why."""

    announced: Announced
    state: str  # of `announced`, or WITHDRAWN
    why: Sequence[str]


def contract_of(conn: Connection[TupleRow], document: str) -> Contract | None:
    """The contract by which the hub takes a document; None when it takes none of that name."""
    row = conn.execute(SQL["contract"], {"topic": f"opd.{document}"}).fetchone()
    return None if row is None else read(json.loads(row[0]), file=f"hub.document {document}")


def announce(conn: Connection[TupleRow], contract: Contract, body: LoadBody, *, by: str, now: datetime) -> Standing:
    """Write down what is going to be sent; whether it may be."""
    told = Announced(
        topic=contract.topic,
        load=body.load,
        announced_at=now,
        announced_by=by,
        system=body.system,
        sha256=None if body.sha256 is None else bytes.fromhex(body.sha256),
        counts=_counts(conn, contract, body),
        sampled=None if _is_counted(body) else body.sampled,
        limits=Limits.of(contract),
        state=State.WAITING,  # until it is judged
    )
    return _standing(conn, announced.announce(conn, told))


def standing(conn: Connection[TupleRow], contract: Contract, name: str) -> Standing | None:
    """Whether a load may be sent; None when it was not announced."""
    found = announced.find(conn, contract.topic, name)
    return None if found is None else _standing(conn, found)


def end(conn: Connection[TupleRow], contract: Contract, body: LoadEndBody, *, now: datetime) -> bool:
    """Note what was sent; False when no such load was announced."""
    return announced.finish(conn, contract.topic, body.load, sent=body.sent, refused=body.refused, now=now)


def _standing(conn: Connection[TupleRow], found: Announced) -> Standing:
    if found.load in loads.withdrawn(conn, found.topic):
        return Standing(found, WITHDRAWN, [f"Muatan {found.load} sudah ditarik di hub."])
    if found.state is State.REFUSED:
        said = announced.verdicts(conn, found.topic, found.load)
        return Standing(found, found.state.value, [f"Alasan penolakan: {said[-1].reason}"] if said else [])
    return Standing(found, found.state.value, announced.why(found))


def _is_counted(body: LoadBody) -> bool:
    return None not in (body.created, body.changed, body.unchanged)


def _counts(conn: Connection[TupleRow], contract: Contract, body: LoadBody) -> Counts:
    sample = [] if _is_counted(body) else [(each.key, each.epoch, each.sequence) for each in body.sample]
    source_rows, created, changed, unchanged = announced.standing(conn, contract.topic, sample)
    if body.created is not None and body.changed is not None and body.unchanged is not None:
        return Counts(body.rows, body.created, body.changed, body.unchanged, body.deleted, source_rows)
    sent = body.rows - min(body.deleted, body.rows)

    def of_all(number: int) -> int:
        return round(number * sent / (body.sampled or 1))

    return Counts(body.rows, of_all(created), of_all(changed), of_all(unchanged), body.deleted, source_rows)

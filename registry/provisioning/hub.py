"""What a hub's own database says that Kafka should have, and what is written down of what was done."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import sources as states
from hub_db.sources import SourceState
from hub_db.statements import load
from identity.actors import Actor, note
from identity.acts import Act
from identity.opds import opds, systems
from registry.provisioning.plan import Extra, Plan, StepKind
from registry.provisioning.readers import readers_of_grants
from registry.provisioning.sources import Source, System
from registry.provisioning.topics import DEFAULT_PARTITIONS
from registry.provisioning.wanted import DEFAULT_RATE, Wanted, wanted
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import OpdCode, TopicName

SQL = load("registry", "sql/provisioning.sql")
SEEDED = "Dokumen awal daerah ini, aktif sejak hub dipasang."


def sources(conn: Connection[TupleRow]) -> list[Source]:
    """Every document that has a state, with its contract. One without a state has nothing on Kafka yet."""
    standing = states.current(conn)
    contracts = [read(row[1], file=f"hub.document {row[0]}") for row in conn.execute(SQL["documents"])]
    return [Source(each, standing[each.name].state) for each in contracts if each.name in standing]


def wanted_of_hub(
    conn: Connection[TupleRow],
    *,
    seeded: Iterable[OpdCode],
    now: datetime,
    partitions: int | Mapping[TopicName, int] = DEFAULT_PARTITIONS,
    rate: int | None = DEFAULT_RATE,
) -> Wanted:
    """Everything that should be there now. `seeded`: the agencies for which the hub itself sends."""
    working = {opd.code for opd in opds(conn) if opd.active}
    return wanted(
        sources(conn),
        seeded=seeded,
        systems=[System(OpdCode(s.opd), s.code, s.active and s.opd in working) for s in systems(conn)],
        readers=readers_of_grants(conn, now=now),
        partitions=partitions,
        rate=rate,
    )


def seed_sources(conn: Connection[TupleRow], contracts: Iterable[Contract], *, now: datetime) -> None:
    """The documents of a new hub's instance count from the beginning; a state that is there stays."""
    for each in contracts:
        first = states.Change(each.opd, each.document, 1, SourceState.AKTIF, "prepare", "system", None, SEEDED, now)
        states.begin(conn, first)


def note_applied(conn: Connection[TupleRow], done: Plan, *, by: Actor, now: datetime) -> None:
    """The audit entry of an applied plan; none for one that had nothing to do."""
    if done.steps:
        said = {str(kind): list(done.names(kind)) for kind in StepKind if done.names(kind)}
        note(conn, by, Act.PROVISION_APPLY, "kafka", now=now, steps=said)


def note_destroyed(conn: Connection[TupleRow], extra: Extra, *, by: Actor, now: datetime) -> None:
    """The audit entry of something that was destroyed by its name."""
    note(conn, by, Act.PROVISION_DESTROY, f"{extra.kind}:{extra.name}", now=now)

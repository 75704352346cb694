"""The job that finds conflicts among what rounds have published, and the loop that asks for it."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base import faults, indonesian
from base.instance import Instance
from hub_db import layouts
from hub_db.conflicts import duplicates, finder, store
from hub_db.conflicts.causes import Found, Side
from hub_db.conflicts.causes import Kind as Sort
from hub_db.connection import connect, transaction
from identity.masking import Shown, Viewer, mask, shown
from jobs.conflict_notices import cause, tell_steward
from jobs.job import Job
from jobs.kinds import Kind, Step
from jobs.loops import Loop, Session
from jobs.notices import close_causes
from jobs.queue import enqueue
from schemas.contract import Contract, Value
from schemas.names import EntityName, FieldName

NAME: Final = "conflicts"
EVERY_S: Final = 5.0  # a record's change is looked at within so long; rows that refer to it are found by reading tables
_REACHES: Final = Viewer(everywhere=True)
Settings = Callable[[], SecretStr]


def kind(dsn: Settings, instance: Callable[[], Instance]) -> Kind:
    """The kind of job. `dsn`: of the owner of the database; asked for when a job runs, as is the instance."""

    def step(_: Connection[TupleRow], job: Job) -> Step:
        with connect(dsn(), process="simpul-conflicts") as owner:
            return _step(owner, job, instance())

    return Kind(NAME, "Mencari Tidak Padan", step)


def looking(dsn: SecretStr, instance: Instance) -> Loop:
    """Asks for the job when something has changed, and opens again what an OPD has not mended by its day."""
    session = Session(dsn, "simpul-conflicts")

    def once() -> None:
        look(session(), instance, now=datetime.now(UTC))

    return Loop("conflicts", EVERY_S, once, session.close)


def look(conn: Connection[TupleRow], instance: Instance, *, now: datetime) -> bool:
    """Whether a job was asked for; as the owner, outside of a transaction."""
    with transaction(conn):
        if store.reopen_overdue(conn, today=now.astimezone(instance.zone).date(), now=now):
            tell_steward(conn, instance, now=now)
        if not finder.anything_new(conn, finder.plan(conn)):
            return False
        enqueue(conn, NAME, by="jobs", key=NAME)
    return True


def find_all(conn: Connection[TupleRow], instance: Instance, *, now: datetime) -> finder.Piece:
    """Read all that has changed, a transaction a piece; as the owner. What was found altogether."""
    keys = 0
    opened: list[store.ConflictId] = []
    ended: list[store.ConflictId] = []
    while True:
        with transaction(conn):
            piece = next_piece(conn, instance, now=now)
        keys += piece.keys
        opened += piece.opened
        ended += piece.ended
        if not piece.more:
            return finder.Piece(keys, tuple(opened), tuple(ended))


def find_duplicates(
    conn: Connection[TupleRow], instance: Instance, name: EntityName, *, now: datetime
) -> store.Outcome | None:
    """Look for probable duplicates among all records of an entity of persons, in the caller's transaction and as the
    owner; None when it is none of persons."""
    entity = layouts.entity_now(conn, name)
    if entity is None or not duplicates.is_of_persons(entity):
        return None
    contracts = {contract.name: contract for contract in entity.contracts}
    found = [(each, show(contracts, each)) for each in duplicates.find(conn, entity)]
    outcome = store.apply(conn, name, None, [Sort.DUPLICATE], found, now=now)
    close_causes(conn, [cause(number) for number in outcome.ended], now=now)
    tell_steward(conn, instance, now=now)
    return outcome


def next_piece(conn: Connection[TupleRow], instance: Instance, *, now: datetime) -> finder.Piece:
    """Read the next changes in the caller's transaction, and tell those whom it concerns."""
    piece = finder.step(conn, finder.plan(conn), show, now=now, zone=instance.zone)
    if piece.opened or piece.ended:
        close_causes(conn, [cause(number) for number in piece.ended], now=now)
        tell_steward(conn, instance, now=now)
    return piece


def show(contracts: Mapping[str, Contract], found: Found) -> dict[str, Any]:
    """Both sides as they may be shown to who reaches both: personal values masked, or left out where no mask helps."""
    return {name: _side(contracts.get(side.source), side) for name, side in (("a", found.a), ("b", found.b))} | {
        "differs": _differing(found) if found.kind in (Sort.VERSION, Sort.NEW_PERSON) else [],
        "masked": sorted(
            {
                str(name)
                for side in (found.a, found.b)
                if (contract := contracts.get(side.source)) is not None
                for name, how in shown(contract, _REACHES).items()
                if how is Shown.MASKED and name in side.row
            }
        ),
    }


def _differing(found: Found) -> list[str]:
    """The fields of which two events of one source say different things."""
    names = dict.fromkeys([*found.a.row, *found.b.row])
    return [str(name) for name in names if found.a.row.get(name) != found.b.row.get(name)]


def _side(contract: Contract | None, side: Side) -> dict[str, str | None]:
    if contract is None:
        return {}
    told: dict[FieldName, Value] = mask(contract, side.row, viewer=_REACHES)
    return {str(name): _text(value) for name, value in told.items() if name != "sumber_diubah"}


def _text(value: Value) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def _step(owner: Connection[TupleRow], job: Job, instance: Instance) -> Step:
    """The next changes. They are committed before the job's place is: what is killed between goes on behind them."""
    with transaction(owner):
        piece = next_piece(owner, instance, now=datetime.now(UTC))
        faults.point("conflicts.precommit")
    before = job.cursor if isinstance(job.cursor, int) else 0
    opened = before + len(piece.opened)
    message = f"{indonesian.number(opened)} Tidak Padan ditemukan."
    return Step(opened, job.done + piece.keys, finished=not piece.more, message=message)

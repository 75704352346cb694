"""Pasts of reference rows for people and programs: who says a value, what lost, what was before, what held then.

The bytes of events cannot be masked in the database, so they are told for a committed entry of the audit, one for each
row whose past is asked for, and masked here before anything else sees them (docs/decisions/0017). Rows in which nothing
is personal need no entry.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.errors import InvalidParameterValue, NoDataFound
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from hub_db import rulings
from hub_db.connection import transaction
from hub_db.golden import Entity
from hub_db.pasts import USUAL_DEPTH, HeldEvent, Statement, held_events, statements_of
from hub_db.rulings import Ruling
from hub_db.statements import load
from hub_db.why import Earlier, FieldWhy, Origin, Why, state, why
from identity.actors import Actor
from identity.errors import NotAllowed, Unknown
from identity.masking import Shown, Viewer, is_open, mask, shown
from identity.records import Record
from schemas.contract import Contract, Value
from schemas.names import EventKey, FieldName

SQL = load("identity", "sql/records.sql")


@dataclass(frozen=True, slots=True)
class Told:
    """The past of one row, in the clear: for this module's functions that mask it."""

    address: str
    statements: tuple[Statement, ...]
    rulings: tuple[Ruling, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Depth:
    """How much of a past is asked for: the newest events of each row that speaks, or what held at a moment."""

    most: int = USUAL_DEPTH
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks at a row of which entity, and which fields are open to him besides those that are to everybody.

    `contract` has the entity's fields, each as the strictest of its documents has it.
    """

    contract: Contract
    viewer: Viewer
    opened: frozenset[FieldName] = frozenset()

    @property
    def how(self) -> dict[FieldName, Shown]:
        """How each field is shown."""
        return shown(self.contract, self.viewer.looking(self.opened))

    @property
    def of_others(self) -> bool:
        """Whether it is told what other sources say, and what was before. Whoever reads by a grant alone is told of the
        value that was granted: that some document speaks of a person is a personal fact itself."""
        return is_open(self.contract) or self.viewer.reaches(self.contract)


def ask_past(
    conn: Connection[TupleRow], contract: Contract, address: str, *, by: Actor, purpose: str | None = None
) -> int:
    """The audit's entry for a look at one row's past, committed. `conn` is in no transaction. With a purpose the
    address is a key that somebody typed. Raises Unknown: it is no row's address; NotAllowed."""
    if conn.info.transaction_status is not TransactionStatus.IDLE:
        raise ValueError("a look commits its audit by itself: the connection must not be in a transaction")
    values = {
        "entity": contract.entity,
        "addresses": [address],
        "searched": purpose is not None,
        "purpose": purpose,
        "actor": by.name,
        "actor_kind": by.kind,
        "role": by.role,
        "opd": by.opd,
    }
    with transaction(conn):
        try:
            row = conn.execute(SQL["ask_past"], values).fetchone()
        except NoDataFound:
            raise Unknown("Data yang diminta tidak ada.") from None
        except InvalidParameterValue:
            raise NotAllowed("Permintaan melihat riwayat tidak lengkap.") from None
    return int(row[0][0]) if row else 0


def needs_entry(contract: Contract, entity: Entity) -> bool:
    """Whether a look at a past stands in the audit. A feed's events are of other rows, which may be personal."""
    return not is_open(contract) or entity.fed


def tell_past(
    conn: Connection[TupleRow], contract: Contract, entity: Entity, address: str, depth: Depth, *, entry: int | None
) -> Told | None:
    """What was said of one row; None when nothing ever was. `entry`: the audit's, of `ask_past` or of a look in the
    clear; none where `needs_entry` says so."""
    values = {"address": address, "until": depth.until, "most": depth.most}
    with transaction(conn):
        part, named = ("open", {"entity": contract.entity}) if entry is None else ("tell", {"entry": entry})
        rows = conn.execute(SQL[f"{part}_past"], values | named).fetchall()
        events = held_events(row[1:] for row in rows)
        key = _key(entity, events)
        if key is None:
            return None
        ruled = rulings.read(conn.execute(SQL[f"{part}_rulings"], values | named)) if entity.agreed() else []
        said = statements_of(conn, entity, key, events)
        return Told(str(rows[0][0]), tuple(said), tuple(ruled), depth.until)


def _key(entity: Entity, events: Sequence[HeldEvent]) -> EventKey | None:
    """The row's key, which each document of the entity itself has as its own."""
    own = {source.topic for source in entity.sources if not source.feeds}
    return next((event.row_key for event in events if event.topic in own), None)


def seen_why(sight: Sight, entity: Entity, told: Told) -> Why | None:
    """Why the row is as it is, as far as it may be seen. None when nobody ever made it."""
    found = why(entity, told.statements, told.rulings)
    if found is None:
        return None
    fields = {
        name: _covered_field(sight, each)
        for name, each in found.fields.items()
        if sight.how.get(name, Shown.HIDDEN) is not Shown.HIDDEN
    }
    return replace(found, fields=fields)


def seen_state(sight: Sight, entity: Entity, told: Told, *, only: Collection[FieldName] | None = None) -> Record | None:
    """The row as its statements make it, as far as it may be seen; None when there was none, or nothing may be seen."""
    golden = state(entity, told.statements, told.rulings, told.until)
    how = {name: each for name, each in sight.how.items() if each is not Shown.HIDDEN}
    if golden is None or golden.deleted or not how:
        return None
    names = [name for name in how if only is None or name in only]
    values: dict[FieldName, Value] = {
        name: golden.fields[name].value if name in golden.fields else None for name in names
    }
    return Record(told.address, _covered(sight, values), how)


def _covered_field(sight: Sight, found: FieldWhy) -> FieldWhy:
    if not sight.of_others:
        return replace(found, holds=_covered_origin(sight, found.field, found.holds), losers=(), past=())
    return FieldWhy(
        found.field,
        _covered_origin(sight, found.field, found.holds),
        tuple(each for loser in found.losers if (each := _covered_origin(sight, found.field, loser)) is not None),
        tuple(Earlier(each.since, _covered_origin(sight, found.field, each.origin)) for each in found.past),
    )


def _covered_origin(sight: Sight, name: FieldName, origin: Origin | None) -> Origin | None:
    """The value as it may be seen, and its event without bytes and without the key of the row that it is about, which
    sources also put into the ids of their events."""
    if origin is None:
        return None
    ce_id = origin.event.ce_id
    if not is_open(sight.contract):
        for part in origin.event.row_key.split("|"):
            ce_id = ce_id.replace(part, "*" * len(part)) if part else ce_id
    event = replace(origin.event, value=None, row_key=EventKey(""), ce_id=ce_id)
    ruling = origin.ruling if sight.of_others else None
    return Origin(_covered(sight, {name: origin.value})[name], origin.source, event, ruling)


def _covered(sight: Sight, values: Mapping[FieldName, Any]) -> dict[FieldName, Value]:
    return mask(sight.contract, values, viewer=sight.viewer.looking(sight.opened))

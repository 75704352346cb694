"""Finds the events of a batch that the database refuses, when the batch as a whole was refused."""

from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import layouts
from hub_db.connection import transaction
from hub_db.errors import EventFault
from hub_db.events import Event
from hub_db.merge import Accepted, Merged
from hub_db.refold import Change
from hub_db.row_writing import write
from schemas.contract import Contract
from schemas.rejection import Fault, Rejection


class _Undo(Exception):
    """Rolls a trial back."""


def culprits(conn: Connection[TupleRow], contract: Contract, events: Sequence[Event]) -> dict[int, Rejection]:
    """Offsets of the events that the database refuses by themselves, each with the reason.

    Halving: a batch with one culprit among n events costs about log2(n) + 1 trials, all of them rolled back.
    """
    refused = _trial(conn, contract, events)
    if refused is None:
        return {}
    if len(events) == 1:
        return {events[0].place.offset: _rejection(refused)}
    middle = len(events) // 2
    return culprits(conn, contract, events[:middle]) | culprits(conn, contract, events[middle:])


def _trial(conn: Connection[TupleRow], contract: Contract, events: Sequence[Event]) -> EventFault | None:
    newest = {event.key: event for event in sorted(events, key=lambda event: event.version)}
    merged = Merged(accepted=[Accepted(event, None) for event in events], rows=newest)
    try:
        with transaction(conn):
            layout = layouts.hold(conn, contract)
            change = Change.begin(conn, contract, layout, merged)
            write(conn, contract, layout, merged)
            change.reckon(conn)
            raise _Undo
    except _Undo:
        return None
    except EventFault as fault:
        return fault


def _rejection(fault: EventFault) -> Rejection:
    return Rejection(
        Fault.DATABASE,
        f"database:{fault.sqlstate}",
        None,
        f"data yang tidak dapat disimpan (SQLSTATE {fault.sqlstate}"
        + (f", aturan {fault.constraint})" if fault.constraint else ")"),
        "data yang sesuai dengan tabel referensi",
        "Mohon periksa isi data ini di sistem asal, lalu kirim lagi. Bila sudah benar, mohon hubungi operator.",
    )

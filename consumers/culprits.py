"""A batch without the events that the database refuses, though no rule foresaw it."""

from dataclasses import replace

from psycopg import Connection
from psycopg.rows import TupleRow

from consumers.judge import dead_letter
from consumers.taken import Taken
from hub_db.blame import culprits
from hub_db.errors import EventFault, Halted
from hub_db.event_frames import Judged
from schemas.contract import Contract


def without_culprits(
    conn: Connection[TupleRow], contract: Contract, judged: Judged, taken: Taken, error: EventFault
) -> Judged:
    """The rest of the batch; what is refused becomes dead letters. Raises Halted when it is no single event's fault."""
    refused = culprits(conn, contract, judged.events)
    if not refused:
        raise Halted(f"{taken.partition}: the database refuses the batch, but no single event of it") from error
    replayed = {event.place.offset: event.replayed for event in judged.events}
    dead = [dead_letter(taken.records.at(at), (refused[at],), replayed[at]) for at in sorted(refused)]
    return replace(
        judged,
        events=[event for event in judged.events if event.place.offset not in refused],
        dead_letters=sorted([*judged.dead_letters, *dead], key=lambda letter: letter.offset),
    )

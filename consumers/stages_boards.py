"""The reader of `sop.status`: events are drawn on the boards, whoever must act is told, sources follow a *Ya*."""

from collections.abc import Mapping

from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from consumers import stages_notices
from consumers.stages_reader import Arrived, TopicReader
from hub_db.source_wishes import Wish, wish
from hub_db.sources import SourceState
from sop import drawing, status
from sop.events import Event, Kind
from sop.facts import Place
from sop.procedure import book


class BoardReader(TopicReader):
    """Each event is drawn once, in its turn."""

    name = "boards"

    def stands(self, conn: Connection[TupleRow]) -> Place:
        """Where to read from."""
        return drawing.place(conn, self.topic)

    def decided(self) -> None:
        """Where a test kills the process before COMMIT."""
        faults.point("boards.decided")

    def committed(self) -> None:
        """The same after it."""
        faults.point("boards.committed")

    def take(self, conn: Connection[TupleRow], arrived: Arrived, *, accept_a_hole: bool) -> Mapping[str, int]:
        """Draw an event."""
        drawn = drawing.draw(
            conn,
            self.topic,
            status.event(arrived.record),
            number=arrived.number,
            next_offset=arrived.next_offset,
            accept_a_hole=accept_a_hole,
        )
        if drawn is None:
            return {}
        stages_notices.tell(conn, drawn, self.instance.sop.walidata, book())
        if drawn.event.kind is Kind.LIVE:
            for each in _wishes(drawn.event, arrived.ce_id):
                wish(conn, each)
        return {"version": drawn.event.version}


def _wishes(event: Event, ce_id: str) -> list[Wish]:
    """*Ya* at the deciding stage: the case's documents count from now on, by the word of whoever decided."""
    reason = f"Keputusan Ya pada permohonan integrasi {event.case}."
    return [
        Wish(document, SourceState.AKTIF, f"{ce_id}/{document}", event.actor, event.role, event.unit, reason, event.at)
        for document in event.documents
    ]

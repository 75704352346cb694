"""States of sources that a decision elsewhere asks for are brought about: by that word, audited, each once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import source_wishes, sources
from hub_db.connection import transaction
from hub_db.errors import NoSuchMove
from hub_db.source_wishes import Wish
from hub_db.sources import MOVES, SourceState
from identity.actors import Actor
from identity.permissions import Role
from jobs.notices import Notice, Office, Severity, raise_notice
from registry.provisioning.state_changes import change_state
from schemas.names import DocumentName, OpdCode

DONE, THERE, REFUSED = "done", "there already", "refused"
# A source that a signed paper brought past stage 10 has never been opened for production: it passes through.
_BETWEEN: Final = {(SourceState.UJI, SourceState.AKTIF): (SourceState.PRATINJAU,)}


def follow_wishes(conn: Connection[TupleRow], *, walidata: str, now: datetime) -> Sequence[tuple[str, str]]:
    """Bring about what is asked for, each in a transaction of its own; documents and what came of each.

    What the source's life does not allow is refused, and the technical team is told.
    """
    found: list[tuple[str, str]] = []
    while True:
        with transaction(conn):
            claimed = source_wishes.claim(conn)
            if claimed is None:
                return found
            number, wish = claimed
            outcome = _grant(conn, wish, walidata, now)
            source_wishes.close(conn, number, outcome, now)
        found.append((wish.document, outcome))


def _grant(conn: Connection[TupleRow], wish: Wish, walidata: str, now: datetime) -> str:
    opd, _, name = wish.document.partition(".")
    code, document = OpdCode(opd), DocumentName(name)
    past = sources.history(conn, opd, name)
    state = past[-1].state if past else None
    if state is wish.state:
        return THERE
    by = Actor(wish.by, "person", Role(wish.role) if wish.role else None, wish.unit)
    way = [wish.state] if state is None else [*_BETWEEN.get((state, wish.state), ()), wish.state]
    if state is None or way[0] not in MOVES[state]:
        _tell(conn, wish, state, walidata, now)
        return REFUSED
    try:
        for each in way:
            change_state(conn, code, document, each, reason=wish.reason, by=by, now=now)
    except NoSuchMove:  # somebody was faster, and went elsewhere
        _tell(conn, wish, None, walidata, now)
        return REFUSED
    return DONE


def _tell(conn: Connection[TupleRow], wish: Wish, state: SourceState | None, walidata: str, now: datetime) -> None:
    now_is = f"kini {state}" if state else "belum ada, atau baru saja berubah"
    notice = Notice(
        cause=f"source:wish:{wish.cause}",
        kind="source.wish-refused",
        office=Office(walidata, Role.TIM_TEKNIS),
        severity=Severity.ATTENTION,
        title=f"Sumber {wish.document} tidak dapat menjadi {wish.state}: {now_is}.",
        body=f"{wish.reason} Mohon periksa keadaan sumber, lalu tutup pemberitahuan ini dengan alasannya.",
        link="/sumber",
    )
    raise_notice(conn, notice, now=now)

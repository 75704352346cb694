"""Sends messages that are due, at least once each: a lease in the database, a try outside any transaction, its end.

A process that dies between sending and entering the end leaves an expired lease; the message then goes out again under
the same name (`Message-ID`, `X-Simpul-Delivery`), by which the other side can tell it from a new one.
"""

import logging
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.pauses import pause_s
from hub_db.connection import transaction
from hub_db.statements import load
from jobs.channels.letter import End, Outcome, Way
from jobs.delivery_letters import Due, address_sha256, compose
from jobs.notices_settings import NoticeSettings
from jobs.notices_ways import Channel

SQL = load("jobs", "sql/delivery.sql")
AT_ONCE = 20  # messages under one lease
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 3600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a round of sending came to."""

    sent: int = 0
    put_off: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        return self.sent + self.put_off + self.refused


def deliver_due(
    conn: Connection[TupleRow], ways: Mapping[Channel, Way], settings: NoticeSettings, *, now: datetime
) -> Delivered:
    """Send what is due by these ways. `conn` must not be in a transaction: this makes its own, short ones."""
    with transaction(conn):
        due = _lease(conn, ways, settings, now)
    counts = {"sent": 0, "put_off": 0, "refused": 0}
    try:
        for channel, way in ways.items():
            mine = [each for each in due if each.channel is channel]
            for position, each in enumerate(mine):
                outcome = _try(conn, each, way, settings)
                with transaction(conn):
                    counts[_enter(conn, each, outcome, settings, now)] += 1
                    if outcome.end is End.AWAY:
                        rest = mine[position + 1 :]
                        _put_off_untried(conn, rest, outcome, now)
                        counts["put_off"] += len(rest)
                if outcome.end is End.AWAY:
                    break
    finally:
        for way in ways.values():
            way.close()
    if due:
        log.info("messages delivered", extra={"action": "deliver", **counts})
    return Delivered(**counts)


def wait_s(attempts: int, name: str) -> float:
    """Seconds until the next try: doubling up to an hour, spread by up to a fifth so that not all come at once."""
    spread = zlib.crc32(name.encode()) % 1000 / 1000
    return pause_s(attempts, first_s=FIRST_WAIT_S, longest_s=LONGEST_WAIT_S) * (1 + spread / 5)


def _lease(
    conn: Connection[TupleRow], ways: Mapping[Channel, Way], settings: NoticeSettings, now: datetime
) -> list[Due]:
    named = {
        "until": now + timedelta(seconds=settings.lease_s),
        "channels": [channel.value for channel in ways],
        "now": now,
        "limit": AT_ONCE,
    }
    ids = [number for (number,) in conn.execute(SQL["lease"], named)]
    if not ids:
        return []
    return [Due(*row) for row in conn.execute(SQL["letters"], {"ids": ids})]


def _try(conn: Connection[TupleRow], due: Due, way: Way, settings: NoticeSettings) -> Outcome:
    letter = compose(conn, due, settings)
    return letter if isinstance(letter, Outcome) else way.send(letter)


def _enter(conn: Connection[TupleRow], due: Due, outcome: Outcome, settings: NoticeSettings, now: datetime) -> str:
    if outcome.end is End.SENT:
        _finish(conn, due, "sent", None, now)
        return "sent"
    if outcome.end in (End.REFUSED, End.BAD_ADDRESS):
        _finish(conn, due, "refused", outcome.reason, now)
        if outcome.end is End.BAD_ADDRESS and due.email:
            named = {
                "person": due.person,
                "address_sha256": address_sha256(due.email),
                "reply": outcome.reason,
                "now": now,
            }
            conn.execute(SQL["note_refused_address"], named)
        log.warning("message refused", extra={"message_name": due.dedupe, "reason": outcome.reason})
        return "refused"
    if now - due.made_at >= timedelta(hours=settings.give_up_h):
        _finish(conn, due, "given_up", outcome.reason, now)
        log.warning("message given up", extra={"message_name": due.dedupe, "reason": outcome.reason})
        return "refused"
    due_at = now + timedelta(seconds=wait_s(due.attempts, due.dedupe))
    conn.execute(SQL["put_off"], {"id": due.id, "due_at": due_at, "reason": outcome.reason})
    return "put_off"


def _finish(conn: Connection[TupleRow], due: Due, state: str, reason: str | None, now: datetime) -> None:
    conn.execute(SQL["finish"], {"id": due.id, "state": state, "reason": reason, "now": now})


def _put_off_untried(conn: Connection[TupleRow], rest: Sequence[Due], outcome: Outcome, now: datetime) -> None:
    due_at = now + timedelta(seconds=FIRST_WAIT_S)
    named = {"ids": [each.id for each in rest], "due_at": due_at, "reason": outcome.reason}
    conn.execute(SQL["put_off_untried"], named)

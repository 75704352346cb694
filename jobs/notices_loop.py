"""The notifier: tells people what was raised since the last time. One call does all that is due."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from base.calendar import IsWorkingDay
from hub_db.connection import transaction
from jobs import notices_plan
from jobs.channels.letter import Way
from jobs.channels.mail import Mail
from jobs.channels.webhook import Webhook
from jobs.delivery import Delivered, deliver_due
from jobs.notices_settings import NoticeSettings
from jobs.notices_texts import address
from jobs.notices_ways import Channel

ROUNDS = 50  # at most, before others have their turn

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What one call came to."""

    steps: int
    escalated: int
    digests: int
    delivered: Delivered


def channels(settings: NoticeSettings) -> dict[Channel, Way]:
    """The ways out that are set up."""
    found: dict[Channel, Way] = {}
    if settings.smtp is not None:
        found[Channel.MAIL] = Mail(settings.smtp, account_page=address(settings, "/akun"))
    if settings.webhook is not None:
        found[Channel.WEBHOOK] = Webhook(settings.webhook)
    return found


def notify(
    conn: Connection[TupleRow],
    settings: NoticeSettings,
    ways: Mapping[Channel, Way],
    worked: IsWorkingDay,
    *,
    now: datetime,
) -> Told:
    """Plan, escalate, make digests, send. `conn` must not be in a transaction. Raises the errors of `hub_db`."""
    steps = escalated = 0
    for _ in range(ROUNDS):
        with transaction(conn):
            planned = notices_plan.plan(conn, settings, now=now)
            handed_up = notices_plan.escalate(conn, settings, worked, now=now)
        steps, escalated = steps + planned, escalated + handed_up
        if not planned and not handed_up:
            break
    with transaction(conn):
        digests = notices_plan.make_digests(conn, settings, worked, now=now)
    sent = put_off = refused = 0
    for _ in range(ROUNDS):
        batch = deliver_due(conn, ways, settings, now=now)
        sent, put_off, refused = sent + batch.sent, put_off + batch.put_off, refused + batch.refused
        if not batch.sent and not batch.refused:
            break
    return Told(steps, escalated, digests, Delivered(sent, put_off, refused))

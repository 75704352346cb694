"""Jobs that have failed or do not move; messages that do not get through."""

from datetime import timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.indonesian import duration, moment, number
from hub_db.statements import load
from identity.permissions import Role
from jobs.notices import Severity
from jobs.watch import Finding, Rule, WatchContext

SQL = load("jobs", "sql/watch_house.sql")
_WAYS = {"email": "surel", "webhook": "pesan webhook"}


def failed(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    return [
        Finding(
            subject=str(job),
            title=f"Pekerjaan nomor {job} ({title or kind}) gagal.",
            body=f"Berhenti pada {moment(ended_at, context.zone)} setelah {number(done)}"
            f"{f' dari {number(total)}' if total is not None else ''} bagian.",
            link=f"/pekerjaan/{job}",
        )
        for job, kind, title, done, total, ended_at in conn.execute(SQL["failed_jobs"])
    ]


def stalled(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    before = context.now - timedelta(seconds=context.settings.job_stalled_s)
    return [
        Finding(
            subject=str(job),
            title=f"Pekerjaan nomor {job} ({title or kind}) tidak bergerak "
            f"sejak {duration((context.now - moved_at).total_seconds())}.",
            body="Pekerjaan ini menunggu giliran." if state == "queued" else "Pekerjaan ini sedang berjalan.",
            link=f"/pekerjaan/{job}",
        )
        for job, kind, title, state, moved_at in conn.execute(SQL["stalled_jobs"], {"before": before})
    ]


def overdue_messages(conn: Connection[TupleRow], context: WatchContext) -> list[Finding]:
    before = context.now - timedelta(seconds=context.settings.message_overdue_s)
    return [
        Finding(
            subject=channel,
            title=f"{number(count)} {_WAYS.get(channel, channel)} belum terkirim.",
            body=f"Yang terlama menunggu sejak {moment(oldest, context.zone)}.",
        )
        for channel, count, oldest in conn.execute(SQL["overdue_messages"], {"before": before})
    ]


FAILED = Rule("failed-jobs", "Pekerjaan yang gagal", Role.OPERATOR, Severity.ATTENTION, failed)
STALLED = Rule("stalled-jobs", "Pekerjaan yang tidak bergerak", Role.OPERATOR, Severity.ATTENTION, stalled)
MESSAGES = Rule("messages", "Pengiriman pemberitahuan", Role.OPERATOR, Severity.ATTENTION, overdue_messages)

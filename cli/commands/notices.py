"""`simpul notices …`: what people were told, and taking, silencing and closing it."""

import getpass
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian, instance
from cli import settings
from cli.screen import tell

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from identity.actors import Actor
    from jobs.notices_views import NoticeRow

app = typer.Typer()

Number = Annotated[int, typer.Argument(metavar="NOMOR", help="Nomor pemberitahuan, seperti pada daftar.")]
AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Closed = Annotated[bool, typer.Option("--all", help="Tunjukkan juga yang sudah selesai.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="Paling banyak sekian pemberitahuan.")]
Hours = Annotated[float, typer.Option(min=0.1, max=720, help="Bisukan selama sekian jam.")]
Reason = Annotated[str, typer.Option("--reason", help="Alasan, paling sedikit 10 huruf; masuk jejak audit.")]
Note = Annotated[str, typer.Option("--note", help="Catatan; masuk jejak audit.")]


@app.callback()
def everything() -> None:
    """Menunjukkan dan menangani pemberitahuan."""


@app.command("list", help="Menunjukkan pemberitahuan, yang terberat dulu.")
def list_all(as_json: AsJson = False, closed: Closed = False, limit: Limit = 50) -> None:
    from jobs.notices import State
    from jobs.notices_views import EVERYWHERE, list_notices

    states = None if closed else (State.OPEN, State.ACKNOWLEDGED)
    with connected() as conn:
        found = list_notices(conn, EVERYWHERE, states=states, limit=limit)
    if as_json:
        typer.echo(json.dumps([description(row) for row in found], ensure_ascii=False, indent=2))
    elif found:
        draw(found)
    else:
        tell("Tidak ada pemberitahuan yang menunggu.")


@app.command("ack", help="Menandai satu pemberitahuan sedang ditangani.")
def ack(number: Number, note: Note = "") -> None:
    from jobs.notices import NoticeId, acknowledge

    decide(lambda conn, by, now: acknowledge(conn, NoticeId(number), by=by, now=now, note=note))
    tell(f"Pemberitahuan nomor {number} ditandai sedang ditangani.")


@app.command("silence", help="Membisukan satu pemberitahuan untuk sementara.")
def silence(number: Number, reason: Reason, hours: Hours = 8) -> None:
    from jobs import notices

    until = datetime.now(UTC) + timedelta(hours=hours)
    decide(
        lambda conn, by, now: notices.silence(conn, notices.NoticeId(number), until=until, by=by, now=now, note=reason)
    )
    tell(f"Pemberitahuan nomor {number} dibisukan sampai {indonesian.moment(until, zone())}.")


@app.command("close", help="Menutup satu pemberitahuan; bila sebabnya masih ada, ia terbit lagi.")
def close(number: Number, reason: Reason) -> None:
    from jobs import notices

    decide(lambda conn, by, now: notices.close(conn, notices.NoticeId(number), by=by, now=now, note=reason))
    tell(f"Pemberitahuan nomor {number} ditutup.")


def decide(act: "Callable[[Connection[TupleRow], Actor, datetime], None]") -> None:
    """One decision and its audit entry, in one transaction, by the system's user who runs the command."""
    from hub_db.connection import transaction
    from identity.actors import Actor

    with connected() as conn, transaction(conn):
        act(conn, Actor.command(getpass.getuser()), datetime.now(UTC))


@contextmanager
def connected() -> "Iterator[Connection[TupleRow]]":
    from hub_db.connection import connect

    conn = connect(settings.dsn(None, "simpul_jobs"), process="simpul-notices-command")
    try:
        yield conn
    finally:
        conn.close()


def draw(found: "Sequence[NoticeRow]") -> None:
    """Two lines each for a person: a title is a sentence, too long for a column."""
    from jobs.notices_texts import SEVERITY_TITLES, STATE_TITLES, office_title

    here = zone()
    for row in found:
        severity, state = SEVERITY_TITLES[row.severity], STATE_TITLES[row.state]
        since = indonesian.short_moment(row.raised_at, here)
        typer.echo(f"{row.id:>6}  {severity:<9}  {state:<16}  {since:<13}  {office_title(row.now_at)}")
        typer.echo(f"        {row.title}")


def zone() -> tzinfo:
    return instance.load(settings.load().instance).zone


def description(row: "NoticeRow") -> dict[str, Any]:
    return {
        "id": row.id,
        "cause": row.cause,
        "kind": row.kind,
        "severity": row.severity,
        "state": row.state,
        "opd": row.now_at.opd,
        "role": row.now_at.role,
        "title": row.title,
        "body": row.body,
        "count": row.count,
        "raised_at": row.raised_at.isoformat(),
        "last_seen_at": row.last_seen_at.isoformat(),
        "silent_until": row.silent_until.isoformat() if row.silent_until else None,
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
    }

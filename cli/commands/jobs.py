"""`simpul jobs …`: what runs in the background, since when, how far, for whom; and pausing, resuming, cancelling."""

import getpass
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian, instance
from cli import settings
from cli.screen import tell

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from jobs import Job

app = typer.Typer()

Number = Annotated[int, typer.Argument(metavar="NOMOR", help="Nomor pekerjaan, seperti pada daftar.")]
AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="Paling banyak sekian pekerjaan.")]


@app.callback(invoke_without_command=True)
def everything(context: typer.Context, as_json: AsJson = False, limit: Limit = 20) -> None:
    """Menunjukkan dan mengatur pekerjaan latar."""
    if context.invoked_subcommand is None:
        list_jobs(as_json=as_json, limit=limit)


@app.command("list", help="Menunjukkan pekerjaan: yang masih terbuka, lalu yang terakhir selesai.")
def list_jobs(as_json: AsJson = False, limit: Limit = 20) -> None:
    import jobs

    with connected() as conn:
        found = jobs.list_jobs(conn, limit=limit)
    if as_json:
        show([description(job) for job in found])
    elif found:
        draw(found)
    else:
        tell("Belum ada pekerjaan.")


@app.command("show", help="Menunjukkan satu pekerjaan selengkapnya.")
def show_job(number: Number, as_json: AsJson = False) -> None:
    import jobs

    with connected() as conn:
        job = jobs.find(conn, jobs.JobId(number))
    if as_json:
        show(description(job))
        return
    for name, text in lines(job, zone()):
        typer.echo(f"{name:<12} {text}")


@app.command("pause", help="Menjeda satu pekerjaan.")
def pause(number: Number) -> None:
    import jobs

    decide(jobs.pause, number, "dijeda")


@app.command("resume", help="Melanjutkan pekerjaan yang dijeda atau gagal.")
def resume(number: Number) -> None:
    import jobs

    decide(jobs.resume, number, "dilanjutkan")


@app.command("cancel", help="Membatalkan satu pekerjaan; yang sudah dikerjakan tetap.")
def cancel(number: Number) -> None:
    import jobs

    decide(jobs.cancel, number, "dibatalkan")


def decide(act: Callable[..., "Job"], number: int, done: str) -> None:
    """One decision and its audit entry, in one transaction, by the system's user who runs the command."""
    import jobs
    from hub_db.connection import transaction
    from identity.actors import Actor

    with connected() as conn, transaction(conn):
        job = act(conn, jobs.JobId(number), by=Actor.command(getpass.getuser()))
    tell(f"Pekerjaan nomor {number} ({job.title}) {done}.")


@contextmanager
def connected() -> Iterator["Connection[TupleRow]"]:
    from hub_db.connection import connect

    conn = connect(settings.dsn(None, "simpul_web"), process="simpul-jobs-command")
    try:
        yield conn
    finally:
        conn.close()


def draw(found: Sequence["Job"]) -> None:
    """A table for a person."""
    from rich.console import Console
    from rich.table import Table

    from jobs.job import WORDS

    here, now = zone(), datetime.now(UTC)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("No.", "Pekerjaan", "Keadaan", "Sejauh", "Sejak", "Oleh"):
        table.add_column(column, justify="right" if column == "No." else "left")
    for job in found:
        table.add_row(str(job.id), job.title, WORDS[job.state], how_far(job), since(job, here, now), job.asked_by)
    Console(soft_wrap=True).print(table)


def how_far(job: "Job") -> str:
    """ "1.200 dari 5.000 (24%)"."""
    if job.share is None:
        return indonesian.number(job.done)
    return f"{indonesian.number(job.done)} dari {indonesian.number(job.total or 0)} ({int(job.share * 100)}%)"


def since(job: "Job", here: tzinfo, now: datetime) -> str:
    """When it began, and for how long it runs or how long it took."""
    began = job.started_at or job.created_at
    lasted = max(((job.finished_at or now) - began).total_seconds(), 0)
    return f"{indonesian.short_moment(began, here)} ({indonesian.duration(lasted)})"


def lines(job: "Job", here: tzinfo) -> Iterator[tuple[str, str]]:
    """Everything about one job, line by line."""
    from jobs.job import WORDS

    yield "Pekerjaan", f"{job.title} ({job.kind})"
    yield "Keadaan", WORDS[job.state]
    yield "Sejauh", how_far(job)
    yield "Diminta", f"{indonesian.moment(job.created_at, here)} oleh {job.asked_by}"
    for name, at in (("Mulai", job.started_at), ("Langkah", job.moved_at), ("Berakhir", job.finished_at)):
        if at is not None:
            yield name, indonesian.moment(at, here)
    if job.not_before is not None:
        yield "Dicoba lagi", indonesian.moment(job.not_before, here)
    if job.worker is not None:
        yield "Proses", job.worker
    if job.message is not None:
        yield "Keterangan", job.message


def zone() -> tzinfo:
    return instance.load(settings.load().instance).zone


def description(job: "Job") -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "title": job.title,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "asked_by": job.asked_by,
        "message": job.message,
        "worker": job.worker,
        "tries": job.tries,
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "moved_at": moment(job.moved_at),
        "finished_at": moment(job.finished_at),
        "not_before": moment(job.not_before),
    }


def moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def show(content: Any) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))

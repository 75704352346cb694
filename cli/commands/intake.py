"""`simpul intake rebuild`: a document's rows made again out of its history, held against the live ones, and swapped."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from base import indonesian
from cli.commands.load import topic_of
from cli.hub_access import acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from hub_db.rebuild_swap import Report
    from jobs.job import Job, JobId
    from jobs.rebuild_job import Outcome

app = typer.Typer(no_args_is_help=True)

KINDS = {
    "lost": "hanya pada hasil bangun ulang (hilang dari tabel)",
    "extra": "hanya pada tabel (tidak ada kejadiannya)",
    "different": "berbeda",
}
LOOK_EVERY_S = 0.3
STILL_FOR_S = 120.0  # a job that does not move for so long is nobody's


@app.callback()
def intake() -> None:
    """Membangun ulang tabel dokumen dari riwayatnya."""


@app.command(help="Membangun ulang tabel satu dokumen dari riwayatnya, membandingkan, lalu menukar baris yang berbeda.")
def rebuild(
    document: Annotated[
        str, typer.Argument(metavar="DOKUMEN", help="OPD dan dokumennya, misalnya disdukcapil.penduduk.")
    ],
    preview: Annotated[bool, typer.Option("--preview", help="Hanya membandingkan; tidak mengubah apa pun.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Tukar tanpa bertanya.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")] = False,
) -> None:
    from jobs import rebuild_job

    topic = topic_of(document)
    with acting() as hub:
        asked = rebuild_job.ask(hub.conn, topic, preview=preview, by=hub.by.name)
    report = outcome_of(asked, give_up=True).report
    if report is None:
        raise LookupError(f"job {asked} has no report")
    if not as_json:
        show(document, report)
    written: Mapping[str, int] | None = None
    if report.differs and preview:
        tell("Belum ada yang diubah. Jalankan lagi tanpa --preview untuk menukar baris yang berbeda.")
    elif report.differs:
        written = end(asked, apply=yes or agreed())
    if as_json:
        typer.echo(json.dumps({"document": document, **asdict(report), "written": written}, ensure_ascii=False))
    elif written is not None:
        tell(f"{indonesian.number(sum(written.values()))} baris ditulis ulang; terbit pada putaran berikutnya.")


def agreed() -> bool:
    """Whether the person wants the swap; where nobody answers, nobody does."""
    sys.stderr.write("Tukar baris yang berbeda sekarang? [ya/tidak] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "ya"}


def end(copy: "JobId", *, apply: bool) -> Mapping[str, int] | None:
    """Swap, or throw the copy away; how many keys were written, None for none."""
    from jobs import rebuild_job

    with acting() as hub:
        asked = rebuild_job.decide(hub.conn, copy, apply=apply, by=hub.by, now=hub.now)
    if not apply:
        tell("Tidak ada yang diubah; salinannya dibuang.")
        return None
    return outcome_of(asked, give_up=False).written


def outcome_of(number: "JobId", *, give_up: bool) -> "Outcome":
    """What a job ends with. `give_up`: who stops waiting stops the job, too. Raises NotPossible."""
    from jobs.errors import NotPossible
    from jobs.rebuild_job import Outcome

    try:
        job = ended(number)
    except KeyboardInterrupt:
        if give_up:
            cancel(number)
        else:
            tell(f"Pekerjaan nomor {number} berjalan terus: './simpul jobs show {number}'.")
        raise
    found = Outcome.of(job)
    if found is None:
        raise NotPossible(
            f"Pekerjaan nomor {number} tidak maju selama {STILL_FOR_S:.0f} detik: './simpul jobs show {number}'. "
            "Mohon periksa apakah proses pekerjaan latar berjalan."
        )
    if found.why is not None:
        raise NotPossible(found.why)
    return found


def ended(number: "JobId") -> "Job":
    """A job once it has ended, or when it does not move any more. Tells how far it is, on a terminal."""
    from jobs import queue

    moved, seen, told = time.monotonic(), (None, -1), ""
    while True:
        with acting() as hub:
            job = queue.find(hub.conn, number)
        if (now := (job.moved_at, job.done)) != seen:
            moved, seen = time.monotonic(), now  # type: ignore[assignment]
        if not job.is_open or time.monotonic() > moved + STILL_FOR_S:
            return job
        if sys.stderr.isatty() and job.message and job.message != told:
            told = job.message
            tell(told)
        time.sleep(LOOK_EVERY_S)


def cancel(number: "JobId") -> None:
    from jobs import queue
    from jobs.errors import JobsError

    try:
        with acting() as hub:
            queue.cancel(hub.conn, number, by=hub.by)
    except JobsError:
        return  # it has ended meanwhile
    tell("Pembangunan ulang dibatalkan; tabel tidak diubah.")


def show(document: str, report: "Report") -> None:
    """The report for a person."""
    number = indonesian.number
    typer.echo(f"{document}: {number(report.rows)} baris dari riwayat, {number(report.alive)} di antaranya berlaku.")
    if not report.differs:
        typer.echo("Tabel sama dengan riwayatnya.")
    for kind, words in KINDS.items():
        if count := report.kinds.get(kind):
            some = f", misalnya {', '.join(report.keys[kind])}" if report.keys.get(kind) else ""
            typer.echo(f"  {number(count)} kunci {words}{some}")
    if report.fields:
        table(("Isian yang berbeda", "Kunci"), [(name, number(count)) for name, count in report.fields.items()])
    if report.apart:
        told = [(why(code), number(count)) for code, count in report.apart.items()]
        table(("Dibiarkan seperti adanya", "Kunci"), told)


def why(code: str) -> str:
    """Why keys are left as they are."""
    from hub_db.rebuild_differences import PRUNED

    return "riwayatnya sudah dihapus" if code == PRUNED else f"tidak lagi sesuai kontrak: {code}"

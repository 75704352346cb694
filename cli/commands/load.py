"""`simpul load …`: the loads of a document, letting one be sent, withdrawing one, and restoring it."""

import json
import time
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli.hub_access import acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hub_db.announced import Announced
    from hub_db.loads import Load as FoundLoad
    from jobs.job import Job
    from schemas.names import TopicName

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Document = Annotated[str, typer.Argument(metavar="DOKUMEN", help="OPD dan dokumennya, misalnya disdukcapil.penduduk.")]
Load = Annotated[str, typer.Argument(metavar="MUATAN", help="Nama muatan, seperti pada daftar.")]
Reason = Annotated[str, typer.Option(help="Alasan, paling sedikit 10 huruf.")]
OptionalReason = Annotated[str, typer.Option("--reason", help="Alasan, paling sedikit 10 huruf.")]
Preview = Annotated[bool, typer.Option("--preview", help="Hanya menghitung akibatnya; tidak mengubah apa pun.")]
PREVIEW_WITHIN_S = 120.0
LOOK_EVERY_S = 0.5


@app.command("list", help="Menunjukkan muatan satu dokumen, yang terbaru lebih dulu.")
def list_loads(
    document: Document,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Paling banyak sekian.")] = 20,
    as_json: AsJson = False,
) -> None:
    from hub_db import loads

    topic = topic_of(document)
    with acting() as hub:
        found, zone = loads.loads(hub.conn, topic, limit=limit), hub.zone
    if as_json:
        typer.echo(json.dumps([described(each) for each in found], ensure_ascii=False))
    elif found:
        head = ("Muatan", "Waktu", "Baris", "Baru", "Ubah", "Hapus", "Tiba", "Keadaan")
        table(head, [row(each, zone) for each in found])
    else:
        tell("Belum ada muatan.")


@app.command("show", help="Menunjukkan satu muatan: yang diumumkan, yang tiba, dan keputusan tentangnya.")
def show_load(document: Document, load: Load, as_json: AsJson = False) -> None:
    from hub_db import announced, loads
    from hub_db.errors import NoSuchMove
    from jobs.load_preview import OUTCOMES

    topic = topic_of(document)
    with acting() as hub:
        found, zone = loads.one(hub.conn, topic, load), hub.zone
        if found is None:
            raise NoSuchMove(f"Tidak ada muatan {load} untuk {document}.")
        said = announced.verdicts(hub.conn, topic, load)
        steps, outcomes = loads.steps(hub.conn, topic, load), loads.outcomes(hub.conn, topic, load)
    if as_json:
        keys = [asdict(each) | {"keys": {w: n for no, w, n in outcomes if no == each.number}} for each in steps]
        told = described(found) | {"verdicts": [plain(asdict(each)) for each in said], "steps": plain(keys)}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for line in lines(found, zone):
        typer.echo(line)
    for verdict in said:
        what = "Disetujui" if verdict.approved else "Ditolak"
        typer.echo(f"{what} {indonesian.moment(verdict.at, zone)} oleh {verdict.by}: {verdict.reason}")
    for step in steps:
        what = "Ditarik" if step.withdrawn else "Dipulihkan"
        typer.echo(f"{step.number}. {what} {indonesian.moment(step.at, zone)} oleh {step.by}: {step.reason}")
        for _, outcome, keys_of in (each for each in outcomes if each[0] == step.number):
            typer.echo(f"   {indonesian.number(keys_of)} kunci {OUTCOMES[outcome]}")


@app.command("approve", help="Menyetujui muatan yang menunggu: pengirimnya boleh mengirim.")
def approve(document: Document, load: Load, reason: Reason) -> None:
    say(document, load, reason, approved=True)


@app.command("refuse", help="Menolak muatan yang menunggu: muatan itu tidak dikirim.")
def refuse(document: Document, load: Load, reason: Reason) -> None:
    say(document, load, reason, approved=False)


@app.command("undo", help="Menarik satu muatan: Data Induk dihitung ulang tanpa kejadiannya.")
def undo(document: Document, load: Load, reason: OptionalReason = "", preview: Preview = False) -> None:
    decide(document, load, reason, withdrawn=True, only_look=preview)


@app.command("redo", help="Memulihkan muatan yang ditarik: kejadiannya dihitung lagi.")
def redo(document: Document, load: Load, reason: OptionalReason = "", preview: Preview = False) -> None:
    decide(document, load, reason, withdrawn=False, only_look=preview)


def say(document: str, load: str, reason: str, *, approved: bool) -> None:
    from jobs import load_verdicts

    with acting() as hub:
        load_verdicts.decide(
            hub.conn, topic_of(document), load, approved=approved, reason=reason, by=hub.by, now=hub.now
        )
    if approved:
        tell(f"Muatan {load} disetujui. Pengirimnya menjalankan lagi perintah yang sama, atau sedang menunggunya.")
    else:
        tell(f"Muatan {load} ditolak. Belum ada yang dikirim.")


def decide(document: str, load: str, reason: str, *, withdrawn: bool, only_look: bool) -> None:
    from jobs import load_job

    if only_look:
        foresee(topic_of(document), load, withdrawn=withdrawn)
        return
    with acting() as hub:
        asked = load_job.decide(
            hub.conn, topic_of(document), load, withdrawn=withdrawn, reason=reason, by=hub.by, now=hub.now
        )
    after = (
        "Kejadian muatan ini yang masih datang dikembalikan dengan kode load-withdrawn."
        if withdrawn
        else f"Kejadian yang dikembalikan: './simpul dlq replay --document {document} --code load-withdrawn'."
    )
    tell(
        f"Dihitung ulang sebagai pekerjaan nomor {asked.job}: './simpul jobs show {asked.job}'. "
        f"Akibatnya: './simpul load show {document} {load}'. {after}"
    )


def foresee(topic: "TopicName", load: str, *, withdrawn: bool) -> None:
    """Tell what a decision would do: counts, and some keys as anybody may see them."""
    from jobs import load_preview
    from jobs.load_preview import OUTCOMES

    with acting() as hub:
        asked = load_preview.ask(hub.conn, topic, load, withdrawn=withdrawn, by=hub.by.name)
    job = reckoned(asked)
    found = load_preview.Preview.of(job)
    if found is None:
        tell(f"Akibatnya masih dihitung sebagai pekerjaan nomor {asked}: './simpul jobs show {asked}'.")
        raise typer.Exit(1)
    typer.echo(f"Bila muatan {load} {'ditarik' if withdrawn else 'dipulihkan'}:")
    for what, words in OUTCOMES.items():
        if found.counts.get(what):
            typer.echo(
                f"  {indonesian.number(found.counts[what])} kunci {words}, misalnya {', '.join(found.keys[what])}"
            )
    if not found.counts:
        typer.echo("  tidak ada kunci yang berubah")
    tell("Belum ada yang diubah. Jalankan lagi tanpa --preview, dengan --reason, untuk melakukannya.")


def reckoned(number: Any) -> "Job":
    """A job once it has ended, or as it is when we stop waiting."""
    from jobs import queue

    deadline = time.monotonic() + PREVIEW_WITHIN_S
    while True:
        with acting() as hub:
            job = queue.find(hub.conn, number)
        if not job.is_open or time.monotonic() > deadline:
            return job
        time.sleep(LOOK_EVERY_S)


def topic_of(document: str) -> "TopicName":
    from cli.commands.source import parts
    from schemas.names import TopicName
    from schemas.sandbox import PRODUCTION

    parts(document)
    return TopicName(f"{PRODUCTION}{document}")


def row(found: "FoundLoad", zone: "ZoneInfo") -> tuple[str, ...]:
    """One line of the list."""
    counts = None if found.announced is None else found.announced.counts
    about = "" if found.announced is None or found.announced.sampled is None else "±"
    planned: tuple[str, ...] = ("–",) * 4
    if counts is not None:
        estimated = (f"{about}{indonesian.number(each)}" for each in (counts.created, counts.changed))
        planned = (indonesian.number(counts.rows), *estimated, indonesian.number(counts.deleted))
    came = "–" if found.arrived is None else indonesian.number(found.arrived.came)
    return (found.name, indonesian.short_moment(found.at, zone), *planned, came, state(found))


def state(found: "FoundLoad") -> str:
    """How a load stands, in a word or two."""
    from hub_db.announced import WORDS

    if found.withdrawn:
        return "ditarik"
    if found.announced is None:
        return "tidak diumumkan"
    return WORDS[found.announced.state]


def lines(found: "FoundLoad", zone: "ZoneInfo") -> list[str]:
    """A load for a person."""
    number, told = indonesian.number, [f"Muatan {found.name}: {state(found)}"]
    if found.announced is not None:
        told += announced_lines(found.announced, zone)
    if found.arrived is None:
        return [*told, "Tiba: belum ada kejadiannya."]
    came = found.arrived
    return [
        *told,
        f"Tiba: {number(came.came)} kejadian sejak {indonesian.moment(came.first_at, zone)}; kunci: "
        f"{number(came.created)} baru, {number(came.changed)} diubah, {number(came.deleted)} dihapus.",
    ]


def announced_lines(announced: "Announced", zone: "ZoneInfo") -> list[str]:
    from hub_db.announced import why

    number, counts = indonesian.number, announced.counts
    about = "" if announced.sampled is None else f" (dari contoh {number(announced.sampled)} baris)"
    told = [
        f"Diumumkan {indonesian.moment(announced.announced_at, zone)} oleh {announced.announced_by} dari sistem "
        f"{announced.system}, {'tanpa berkas' if announced.sha256 is None else f'SHA-256 {announced.sha256.hex()}'}",
        f"  {number(counts.rows)} baris: {number(counts.created)} baru, {number(counts.changed)} ubah, "
        f"{number(counts.unchanged)} tetap{about}, {number(counts.deleted)} hapus; saat itu sumbernya punya "
        f"{number(counts.source_rows)} baris",
        *(f"  {each}" for each in why(announced)),
    ]
    if announced.sent is not None:
        told.append(f"  Selesai: {number(announced.sent)} terkirim, {number(announced.refused or 0)} tidak dikirim")
    return told


def described(found: "FoundLoad") -> dict[str, Any]:
    """A load for programs."""
    announced = None if found.announced is None else plain(asdict(found.announced))
    arrived = None if found.arrived is None else plain(asdict(found.arrived))
    return {"load": found.name, "withdrawn": found.withdrawn, "announced": announced, "arrived": arrived}


def plain(value: Any) -> Any:
    """What JSON can say."""
    match value:
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case datetime():
            return value.isoformat()
        case bytes():
            return value.hex()
        case Enum():
            return value.value
        case _:
            return value

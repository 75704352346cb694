"""`simpul load …`: the loads of a document, withdrawing one, and restoring it."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli.hub_access import acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from schemas.names import TopicName

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Document = Annotated[str, typer.Argument(metavar="DOKUMEN", help="OPD dan dokumennya, misalnya disdukcapil.penduduk.")]
Load = Annotated[str, typer.Argument(metavar="MUATAN", help="Nama muatan, seperti pada daftar.")]
Reason = Annotated[str, typer.Option(help="Alasan, paling sedikit 10 huruf.")]
OUTCOMES = {
    "back": "kembali ke kejadian sebelumnya",
    "gone": "tidak ada lagi",
    "returned": "berlaku lagi",
    "changed": "tidak diubah: sudah ada kejadian lain sejak itu",
}


@app.command("list", help="Menunjukkan muatan satu dokumen, yang terbaru lebih dulu.")
def list_loads(
    document: Document,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Paling banyak sekian.")] = 20,
    as_json: AsJson = False,
) -> None:
    from hub_db import loads

    topic = topic_of(document)
    with acting() as hub:
        found, zone = loads.told(hub.conn, topic, limit=limit), hub.zone
        decided = {each.load: loads.steps(hub.conn, topic, each.load) for each in found}
    if as_json:
        show([asdict(each) | {"withdrawn": is_withdrawn(decided[each.load])} for each in found])
    elif found:
        rows = [
            (
                each.load,
                indonesian.number(each.events),
                "" if each.last_at is None else indonesian.short_moment(each.last_at, zone),
                "ditarik" if is_withdrawn(decided[each.load]) else "berlaku",
            )
            for each in found
        ]
        table(("Muatan", "Kejadian", "Waktu kejadian terakhir", "Keadaan"), rows)
    else:
        tell("Belum ada muatan.")


@app.command("show", help="Menunjukkan keputusan tentang satu muatan dan akibatnya pada tiap kunci, dalam jumlah.")
def show_load(document: Document, load: Load, as_json: AsJson = False) -> None:
    from hub_db import loads

    topic = topic_of(document)
    with acting() as hub:
        steps, zone = loads.steps(hub.conn, topic, load), hub.zone
        outcomes = loads.outcomes(hub.conn, topic, load)
    if as_json:
        show([asdict(each) | {"keys": {what: n for no, what, n in outcomes if no == each.number}} for each in steps])
        return
    for step in steps:
        what = "Ditarik" if step.withdrawn else "Dipulihkan"
        typer.echo(f"{step.number}. {what} {indonesian.moment(step.at, zone)} oleh {step.by}: {step.reason}")
        for _, outcome, keys in (each for each in outcomes if each[0] == step.number):
            typer.echo(f"   {indonesian.number(keys)} kunci {OUTCOMES[outcome]}")
    if not steps:
        tell("Muatan itu berlaku; belum pernah ditarik.")


@app.command("undo", help="Menarik satu muatan: Data Induk dihitung ulang tanpa kejadiannya.")
def undo(document: Document, load: Load, reason: Reason) -> None:
    decide(document, load, reason, withdrawn=True)


@app.command("redo", help="Memulihkan muatan yang ditarik: kejadiannya dihitung lagi.")
def redo(document: Document, load: Load, reason: Reason) -> None:
    decide(document, load, reason, withdrawn=False)


def decide(document: str, load: str, reason: str, *, withdrawn: bool) -> None:
    from jobs import load_job

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


def topic_of(document: str) -> "TopicName":
    from cli.commands.source import parts
    from schemas.names import TopicName
    from schemas.sandbox import PRODUCTION

    parts(document)
    return TopicName(f"{PRODUCTION}{document}")


def is_withdrawn(steps: list[Any]) -> bool:
    return bool(steps) and steps[-1].withdrawn


def show(found: list[dict[str, Any]]) -> None:
    def told(value: object) -> str:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    typer.echo(json.dumps(found, ensure_ascii=False, default=told))

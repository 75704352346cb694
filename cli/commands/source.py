"""`simpul source …`: the states of the sources of data."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from base import indonesian
from cli import settings
from cli.commands.source_epoch import epoch
from cli.hub_access import acting
from cli.screen import table, tell
from cli.stack.roles import OWNER

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Source = Annotated[str, typer.Argument(metavar="SUMBER", help="OPD dan dokumennya, misalnya disdukcapil.penduduk.")]


@app.command("list", help="Menunjukkan keadaan tiap sumber data.")
def list_sources(as_json: AsJson = False) -> None:
    from hub_db.sources import current

    with acting() as hub:
        found, zone = list(current(hub.conn).values()), hub.zone
    if as_json:
        typer.echo(json.dumps([asdict(each) | {"at": each.at.isoformat()} for each in found], ensure_ascii=False))
    elif found:
        rows = [(each.name, each.state, indonesian.moment(each.at, zone), each.by, each.reason) for each in found]
        table(("Sumber", "Keadaan", "Sejak", "Oleh", "Alasan"), rows)
    else:
        tell("Belum ada sumber data.")


@app.command("history", help="Menunjukkan semua keadaan satu sumber, dari yang pertama.")
def history(source: Source, as_json: AsJson = False) -> None:
    from hub_db import sources

    opd, document = parts(source)
    with acting() as hub:
        found, zone = sources.history(hub.conn, opd, document), hub.zone
    if as_json:
        typer.echo(json.dumps([asdict(each) | {"at": each.at.isoformat()} for each in found], ensure_ascii=False))
    else:
        rows = [(each.state, indonesian.moment(each.at, zone), each.by, each.reason) for each in found]
        table(("Keadaan", "Sejak", "Oleh", "Alasan"), rows)


@app.command(
    "effect", help="Menghitung berapa baris Data Induk akan berubah bila satu sumber dihitung, atau tidak lagi."
)
def effect(
    source: Source,
    state: Annotated[str, typer.Argument(metavar="KEADAAN", help="Keadaan berikutnya, misalnya ditangguhkan.")],
    as_json: AsJson = False,
) -> None:
    from hub_db import restating
    from hub_db.connection import connect, transaction
    from hub_db.sources import SourceState
    from registry.provisioning.recount_job import effect_text
    from schemas.names import TopicName

    opd, document = parts(source)
    if state not in list(SourceState):
        raise typer.BadParameter(f"keadaan {state!r} tidak dikenal: {', '.join(SourceState)}")
    told = settings.load()
    with connect(settings.dsn(told.home, OWNER), process="simpul-command") as conn, transaction(conn):
        found = restating.effect(conn, TopicName(f"opd.{opd}.{document}"), counts=state == SourceState.AKTIF)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False))
    else:
        tell("\n".join(map(effect_text, found)) or f"Sumber {source} belum menyediakan Data Induk.")


@app.command("state", help="Mengubah keadaan satu sumber; haknya di Kafka dan Data Induk mengikuti.")
def change(
    source: Source,
    state: Annotated[str, typer.Argument(metavar="KEADAAN", help="uji, pratinjau, aktif, ditangguhkan, atau ditarik.")],
    reason: Annotated[str, typer.Option(help="Alasan, paling sedikit 10 huruf.")],
) -> None:
    from hub_db.sources import SourceState
    from registry.provisioning.state_changes import change_state
    from schemas.names import DocumentName, OpdCode

    opd, document = parts(source)
    if state not in list(SourceState):
        raise typer.BadParameter(f"keadaan {state!r} tidak dikenal: {', '.join(SourceState)}")
    with acting() as hub:
        before = change_state(
            hub.conn,
            OpdCode(opd),
            DocumentName(document),
            SourceState(state),
            reason=reason,
            by=hub.by,
            now=hub.now,
        )
    tell(
        f"Sumber {source}: {before.state} → {state}. Hak di Kafka menyesuaikan dalam beberapa detik bila hub berjalan; "
        "bila tidak berjalan, jalankan './simpul provision apply'. Data Induk dihitung ulang sebagai pekerjaan latar: "
        "lihat './simpul jobs list'."
    )


app.command(
    "epoch",
    help="Membandingkan yang dikirim sumber yang tertinggal dengan isi hub, lalu memulai epoch baru bila diminta.",
)(epoch)


def parts(source: str) -> tuple[str, str]:
    """OPD and document; a usage error for anything else."""
    opd, dot, document = source.partition(".")
    if not (opd and dot and document) or "." in document:
        raise typer.BadParameter(f"{source!r} tidak berbentuk OPD.dokumen, misalnya disdukcapil.penduduk")
    return opd, document

"""`simpul pauses …`: partitions at rest, whether after a flood or after a loss, and letting them go on."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from base import indonesian
from cli.hub_access import acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hub_db.pauses import Pause

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]


@app.command("list", help="Menunjukkan partisi yang dijeda, dan sebabnya.")
def list_pauses(
    ended: Annotated[bool, typer.Option("--all", help="Juga yang sudah dilanjutkan.")] = False, as_json: AsJson = False
) -> None:
    from hub_db import pauses

    with acting() as hub:
        found, zone = pauses.pauses(hub.conn, ended=ended), hub.zone
    if as_json:
        told = [
            {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(each).items()}
            for each in found
        ]
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif found:
        table(("Nomor", "Dokumen", "Partisi", "Sejak", "Sebab", "Keadaan"), [row(each, zone) for each in found])
    else:
        tell("Tidak ada partisi yang dijeda.")


@app.command("resume", help="Melanjutkan satu partisi: isinya kini diolah semua, yang datang sesudahnya diawasi lagi.")
def resume(
    number: Annotated[int, typer.Argument(metavar="NOMOR", help="Nomor pada daftar.")],
    reason: Annotated[str, typer.Option(help="Alasan, paling sedikit 10 huruf.")],
) -> None:
    from jobs import pause_ends

    with acting() as hub:
        found = pause_ends.end(hub.conn, number, reason=reason, by=hub.by, now=hub.now)
    tell(f"Partisi {found.partition} dari {found.document} dilanjutkan dalam beberapa detik.")


@app.command("stopped", help="Menunjukkan partisi yang dihentikan karena log Kafka kehilangan ujungnya.")
def stopped(as_json: AsJson = False) -> None:
    from hub_db import stops

    with acting() as hub:
        found, zone = stops.stops(hub.conn), hub.zone
    if as_json:
        told = [
            {"document": each.document, "partition": each.partition, "next_offset": each.next_offset,
             "log_end": each.log_end, "at": each.at.isoformat()}
            for each in found
        ]  # fmt: skip
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif found:
        rows = [
            (each.document, str(each.partition), indonesian.short_moment(each.at, zone), indonesian.number(each.lost))
            for each in found
        ]
        table(("Dokumen", "Partisi", "Sejak", "Pesan yang hilang"), rows)
    else:
        tell("Tidak ada partisi yang dihentikan.")


@app.command("reopen", help="Memeriksa lagi satu partisi yang dihentikan: pesannya sudah dipulihkan pada Kafka.")
def reopen(
    document: Annotated[str, typer.Argument(metavar="DOKUMEN", help="opd.dokumen")],
    partition: Annotated[int, typer.Argument(metavar="PARTISI", min=0, help="Nomor partisi pada daftar.")],
    reason: Annotated[str, typer.Option(help="Alasan, paling sedikit 10 huruf.")],
) -> None:
    from jobs import stop_ends
    from schemas.names import TopicName

    with acting() as hub:
        stop_ends.end(hub.conn, TopicName(f"opd.{document}"), partition, reason=reason, by=hub.by, now=hub.now)
    tell(
        f"Partisi {partition} dari {document} diperiksa lagi dalam beberapa detik. Bila pesannya belum dipulihkan,"
        " partisi itu dihentikan lagi."
    )


def row(pause: "Pause", zone: "ZoneInfo") -> tuple[str, ...]:
    from hub_db.pauses import why

    state = "dijeda" if pause.ended_at is None else f"dilanjutkan oleh {pause.by}: {pause.reason}"
    since = indonesian.short_moment(pause.at, zone)
    return (str(pause.number), pause.document, str(pause.partition), since, why(pause), state)

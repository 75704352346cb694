"""`simpul pauses …`: partitions that a flood has stopped, and letting them go on."""

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


def row(pause: "Pause", zone: "ZoneInfo") -> tuple[str, ...]:
    from hub_db.pauses import why

    state = "dijeda" if pause.ended_at is None else f"dilanjutkan oleh {pause.by}: {pause.reason}"
    since = indonesian.short_moment(pause.at, zone)
    return (str(pause.number), pause.document, str(pause.partition), since, why(pause), state)

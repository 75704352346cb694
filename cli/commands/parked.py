"""`simpul parked …`: what waits for a record, and what refers to records that have ended."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli.hub_access import acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from cli.hub_access import HubAccess
    from schemas.names import TopicName

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Opd = Annotated[str | None, typer.Option(help="Hanya dokumen OPD ini.")]


@app.command("list", help="Menunjukkan data yang ditunda, menurut rujukan yang ditunggunya.")
def list_waiting(opd: Opd = None, as_json: AsJson = False) -> None:
    from hub_db import waiting

    with acting() as hub:
        found, zone = waiting.waits(hub.conn, topics(hub, opd)), hub.zone
    if as_json:
        show([asdict(each) for each in found])
    elif found:
        head = ("Dokumen", "Kolom", "Menunggu", "Kunci", "Kejadian", "Rujukan", "Sejak")
        rows = [
            (
                each.topic.removeprefix("opd."),
                each.field,
                each.entity,
                each.key or "(disamarkan)",
                indonesian.number(each.events),
                indonesian.number(each.records),
                indonesian.short_moment(each.since, zone),
            )
            for each in found
        ]
        table(head, rows)
    else:
        tell("Tidak ada data yang ditunda.")


@app.command("ended", help="Menunjukkan baris yang merujuk data yang sudah dihapus, diganti, atau berakhir.")
def list_ended(opd: Opd = None, as_json: AsJson = False) -> None:
    from hub_db import waiting

    with acting() as hub:
        found, zone = waiting.ended(hub.conn, topics(hub, opd)), hub.zone
    if as_json:
        show([asdict(each) for each in found])
    elif found:
        head = ("Dokumen", "Kolom", "Merujuk", "Sebab", "Baris", "Rujukan", "Contoh", "Diperiksa")
        rows = [
            (
                each.topic.removeprefix("opd."),
                each.field,
                each.entity,
                each.cause,
                indonesian.number(each.rows),
                indonesian.number(each.records),
                ", ".join(each.keys[:3]) or "(disamarkan)",
                indonesian.short_moment(each.seen_at, zone),
            )
            for each in found
        ]
        table(head, rows)
    else:
        tell("Tidak ada baris yang merujuk data yang sudah berakhir.")


def topics(hub: "HubAccess", opd: str | None) -> "list[TopicName]":
    from hub_db import waiting

    return waiting.topics(hub.conn, None if opd is None else [opd])


def show(found: list[dict[str, Any]]) -> None:
    def told(value: object) -> str:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    typer.echo(json.dumps(found, ensure_ascii=False, default=told))

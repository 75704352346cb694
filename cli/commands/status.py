"""`simpul status`: what runs, where it answers, how far the hub is behind."""

import json
from typing import Annotated

import typer

from cli import settings
from cli.screen import tell
from cli.stack.errors import StackUnreachable
from cli.stack.layout import Layout
from cli.stack.processes import Record, is_alive, read_records
from cli.stack.report import supervisor


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Keluarkan satu objek JSON, dengan kata sandi.")] = False,
) -> None:
    """Menunjukkan apa yang berjalan dan di mana alamatnya."""
    told = settings.load()
    layout = Layout(told.home)
    running = supervisor(layout)
    if running is None or not is_alive(running):
        raise StackUnreachable(f"Simpul tidak berjalan pada folder {told.home}. Nyalakan dengan './simpul up'.")
    if not layout.ready.exists():
        raise StackUnreachable(f"Simpul sedang dinyalakan (proses {running.pid}). Tunggu sebentar, lalu coba lagi.")
    records = read_records(layout.processes)
    if as_json:
        typer.echo(json.dumps(description(told, records), indent=2))
    else:
        show(told, records)


def description(told: settings.Settings, records: list[Record]) -> dict[str, object]:
    """What another program needs in order to reach the stack. Holds passwords: it is what the option is for."""
    from cli.stack.lag import lag

    kafka = settings.kafka_settings(told.home, principal(told))
    registry = settings.registry_settings(told.home)
    return {
        "kafka": {
            "bootstrap": kafka.bootstrap,
            "security_protocol": kafka.security_protocol,
            "sasl_mechanism": kafka.sasl_mechanism,
            "username": kafka.username,
            "password": kafka.password.get_secret_value(),
        },
        "postgres": {"dsn": settings.dsn(told.home, "simpul_owner").get_secret_value()},
        "registry": {
            "url": registry.url,
            "user": registry.user,
            "password": registry.password.get_secret_value(),
        },
        "web": {"url": settings.web_url(told)},
        "worker": {
            "running": runs(records, "worker"),
            "lag": lag(kafka, settings.dsn(told.home, "simpul_web")),
            "resting": len(resting(told)),
        },
    }


def resting(told: settings.Settings) -> list[str]:
    """The partitions that a flood has stopped, for a person."""
    from hub_db import pauses
    from hub_db.connection import connect

    with connect(settings.dsn(told.home, "simpul_web"), process="simpul-status") as conn:
        found = pauses.pauses(conn)
    return [
        f"{each.document} partisi {each.partition}: {pauses.why(each)}; lihat './simpul pauses list'" for each in found
    ]


def principal(told: settings.Settings) -> str:
    """Who looks: the local stack's admin; on others' servers, whose admin is not ours, a process that may read."""
    return settings.KAFKA_ADMIN if told.kafka_bootstrap is None else "hub-web"


def runs(records: list[Record], name: str) -> bool:
    return any(record.name == name and is_alive(record) for record in records)


def show(told: settings.Settings, records: list[Record]) -> None:
    """For a person: no passwords."""
    from cli.stack.lag import lag

    kafka = settings.kafka_settings(told.home, principal(told))
    behind = lag(kafka, settings.dsn(told.home, "simpul_web"))
    for record in records:
        tell(f"{record.name:<12} {'berjalan' if is_alive(record) else 'BERHENTI'} (proses {record.pid})")
    typer.echo(f"Halaman web  {settings.web_url(told)}")
    typer.echo(f"Kafka        {kafka.bootstrap}")
    typer.echo(f"Registri     {settings.registry_settings(told.home).url}")
    typer.echo(f"Antrean      {behind} pesan")
    for pause in resting(told):
        typer.echo(f"DIJEDA       {pause}")

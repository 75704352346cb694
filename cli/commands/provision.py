"""`simpul provision …`: what Kafka should have, compared with what it has, and mended."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from base import indonesian
from cli import provisioning, settings
from cli.hub_access import acting
from cli.screen import table, tell
from cli.settings import KAFKA_ADMIN
from cli.stack.errors import StackError

if TYPE_CHECKING:
    from registry.provisioning import Plan
    from registry.provisioning.plan import Extra
    from schemas.names import TopicName

app = typer.Typer(no_args_is_help=True)

DIFFERS = 1  # exit code of a plan that has something to say
WORDS = {
    "take-right": "cabut hak",
    "make-topic": "buat topik",
    "grow-topic": "tambah partisi",
    "set-topic": "ubah pengaturan",
    "set-password": "pasang kata sandi",
    "set-quota": "pasang kuota",
    "give-right": "beri hak",
    "topic": "topik",
    "right": "hak",
    "user": "pengguna",
    "quota": "kuota",
}
AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Partitions = Annotated[
    list[str] | None, typer.Option(metavar="TOPIK=JUMLAH", help="Jumlah partisi suatu topik; boleh berulang.")
]


@app.command("plan", help="Menunjukkan beda Kafka dari yang seharusnya; keluar 0 bila tidak ada, 1 bila ada.")
def show_plan(partitions: Partitions = None, as_json: AsJson = False) -> None:
    from registry.provisioning import connected, plan
    from registry.provisioning.look import look

    sizes = sizes_of(partitions)
    with acting() as hub:
        wanted, told = provisioning.wanted_now(hub, sizes), hub.told
    held, way = provisioning.held_passwords(told, wanted), settings.kafka_settings(told.home, KAFKA_ADMIN)
    with connected(way) as client:
        made = plan(wanted, look(client, way, wanted, credentials=held))
    show(made, as_json=as_json)
    raise typer.Exit(0 if made.is_clean else DIFFERS)


@app.command("apply", help="Menyamakan Kafka dengan yang seharusnya. Tidak menghapus apa pun tanpa --destroy.")
def apply_plan(
    partitions: Partitions = None,
    destroy: Annotated[
        list[str] | None, typer.Option(metavar="NAMA", help="Hapus ini dari daftar kelebihan; boleh berulang.")
    ] = None,
    yes: Annotated[
        list[str] | None, typer.Option(metavar="NAMA", help="Nama yang sama, sebagai ganti mengetiknya.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    from registry.provisioning import bring_to
    from registry.provisioning.hub import note_applied

    sizes = sizes_of(partitions)
    with acting() as hub:
        wanted, told = provisioning.wanted_now(hub, sizes), hub.told
    way = settings.kafka_settings(told.home, KAFKA_ADMIN)
    done = bring_to(wanted, admin=way, credentials=provisioning.made_passwords(told, wanted))
    with acting() as hub:
        note_applied(hub.conn, done, by=hub.by, now=hub.now)
    for extra in chosen(done, destroy or (), yes or ()):
        destroy_one(extra)
    show(done, as_json=as_json, applied=True)


@app.command("code", help="Menerbitkan kode 24 jam untuk mengambil kata sandi Kafka satu sistem, sekali pakai.")
def issue_code(
    opd: Annotated[str, typer.Argument(metavar="OPD", help="Kode OPD, misalnya disdukcapil.")],
    system: Annotated[str, typer.Argument(metavar="SISTEM", help="Kode sistem, misalnya siak.")],
    as_json: AsJson = False,
) -> None:
    from registry.provisioning import credentials

    with acting() as hub:
        code, end = credentials.issue_code(hub.conn, opd, system, by=hub.by, now=hub.now)
        until = indonesian.moment(end, hub.zone)
    if as_json:
        typer.echo(json.dumps({"code": code, "expires_at": end.isoformat()}))
    else:
        typer.echo(code)
        tell(
            f"Sekali pakai, sampai {until}, pada halaman /kredensial/kode. Mohon sampaikan hanya kepada programmernya."
        )


def chosen(done: "Plan", names: Sequence[str], typed: Sequence[str]) -> "list[Extra]":
    """What is to be destroyed: each listed, each named twice. Raises StackError before anything is."""
    found = []
    for name in names:
        fitting = [extra for extra in done.extras if extra.name == name]
        if not fitting:
            raise StackError(f"{name!r} tidak ada dalam daftar kelebihan. Lihat './simpul provision plan'.")
        if name not in typed and not typed_again(name):
            raise StackError(f"{name!r} tidak dihapus: namanya tidak diketik sama.")
        found += fitting
    return found


def typed_again(name: str) -> bool:
    """Whether somebody at a terminal types the name."""
    if not sys.stdin.isatty():
        raise StackError(f"Untuk menghapus {name!r} tanpa terminal, ulangi namanya dengan --yes.")
    return str(typer.prompt(f"Ketik {name} untuk menghapusnya beserta isinya")) == name


def destroy_one(extra: "Extra") -> None:
    """Its audit entry stands when it is gone."""
    from registry.provisioning import connected
    from registry.provisioning.apply import destroy
    from registry.provisioning.hub import note_destroyed

    with acting() as hub, connected(settings.kafka_settings(hub.told.home, KAFKA_ADMIN)) as client:
        note_destroyed(hub.conn, extra, by=hub.by, now=hub.now)
        destroy(client, extra)
    tell(f"{WORDS[extra.kind].capitalize()} {extra.name} dihapus.")


def sizes_of(partitions: Sequence[str] | None) -> "dict[TopicName, int]":
    """`TOPIC=NUMBER` as numbers by topic."""
    from schemas.names import TopicName

    found = {}
    for each in partitions or ():
        topic, equals, count = each.partition("=")
        if not (topic and equals and count.isdigit() and 1 <= int(count) <= 1_000):
            raise typer.BadParameter(f"{each!r} tidak berbentuk TOPIK=JUMLAH, misalnya opd.kominfo.wilayah=8")
        found[TopicName(topic)] = int(count)
    return found


def show(made: "Plan", *, as_json: bool, applied: bool = False) -> None:
    if as_json:
        steps = [{"step": step.kind, "name": step.name, "detail": step.detail} for step in made.steps]
        extras = [{"kind": extra.kind, "name": extra.name} for extra in made.extras]
        typer.echo(json.dumps({"steps": steps, "extras": extras, "left": made.left}, ensure_ascii=False, indent=2))
        return
    if made.steps:
        head = "Dikerjakan" if applied else "Perlu dikerjakan"
        table((head, "Nama", "Rincian"), [(WORDS[step.kind], step.name, step.detail) for step in made.steps])
    if made.extras and not applied:
        table(("Kelebihan", "Nama"), [(WORDS[extra.kind], extra.name) for extra in made.extras])
        tell("Kelebihan dibiarkan; hapus satu per satu dengan './simpul provision apply --destroy NAMA'.")
    for line in made.left:
        tell(line)
    if not made.steps:
        tell("Tidak ada yang perlu dikerjakan.")

"""`simpul dlq …`: returned events, and putting them back on their topics."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli.hub_access import acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from cli.hub_access import HubAccess
    from hub_db.letters import Filter, Shown

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Document = Annotated[str | None, typer.Option(help="OPD dan dokumennya, misalnya disdukcapil.penduduk.")]
Sandbox = Annotated[bool, typer.Option("--sandbox", help="Dari tempat uji dokumen itu, bukan dari produksi.")]
Code = Annotated[str | None, typer.Option(help="Kode alasan, misalnya nik.bentuk.")]
From = Annotated[str | None, typer.Option("--from", help="Mulai saat ini: 2026-01-05 atau 2026-01-05T14:05.")]
To = Annotated[str | None, typer.Option("--to", help="Sampai saat ini; tanggal saja berarti sampai akhir hari itu.")]


@app.command("list", help="Menunjukkan data yang dikembalikan dan belum diselesaikan, yang terbaru lebih dulu.")
def list_letters(
    document: Document = None,
    sandbox: Sandbox = False,
    code: Code = None,
    since: From = None,
    until: To = None,
    settled: Annotated[bool, typer.Option("--all", help="Juga yang sudah diselesaikan.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Paling banyak sekian.")] = 50,
    as_json: AsJson = False,
) -> None:
    from hub_db import letters

    with acting() as hub:
        wanted = chosen(hub, None, document, code, since, until, in_sandbox=sandbox)
        found, zone = letters.shown(hub.conn, wanted, settled=settled, limit=limit), hub.zone
    if as_json:
        typer.echo(json.dumps([described(each) for each in found], ensure_ascii=False))
    elif found:
        head = ("No.", "Dokumen", "Diterima", "Kode", "Kolom", "Ditemukan", "Diharapkan", "Dicoba", "Keadaan")
        table(head, [row(each, zone) for each in found])
    else:
        tell("Tidak ada data yang dikembalikan.")


@app.command("replay", help="Mengirim ulang data yang dikembalikan ke topik asalnya: satu nomor, atau menurut syarat.")
def replay(
    number: Annotated[int | None, typer.Argument(metavar="[NOMOR]", help="Nomor pada daftar.")] = None,
    document: Document = None,
    sandbox: Sandbox = False,
    code: Code = None,
    since: From = None,
    until: To = None,
    as_json: AsJson = False,
) -> None:
    from jobs import replays

    with acting() as hub:
        asked = replays.ask(hub.conn, chosen(hub, number, document, code, since, until, in_sandbox=sandbox), by=hub.by)
    if as_json:
        typer.echo(json.dumps(asdict(asked)))
    else:
        tell(
            f"{indonesian.number(asked.letters)} data akan dikirim ulang sebagai pekerjaan nomor {asked.job}: lihat "
            f"'./simpul jobs show {asked.job}'. Yang dikembalikan lagi tampil pada './simpul dlq list' dengan nomor "
            "baru."
        )


def chosen(
    hub: "HubAccess",
    number: int | None,
    document: str | None,
    code: str | None,
    since: str | None,
    until: str | None,
    *,
    in_sandbox: bool,
) -> "Filter":
    """What the options choose; a usage error for a document that cannot be read."""
    from cli.commands.audit import moment
    from cli.commands.source import parts
    from hub_db.letters import Filter, LetterId
    from schemas.names import TopicName
    from schemas.sandbox import PRODUCTION, SANDBOX

    if document is None and in_sandbox:
        raise typer.BadParameter("--sandbox memerlukan --document")
    topic = None
    if document is not None:
        parts(document)
        topic = TopicName(f"{SANDBOX if in_sandbox else PRODUCTION}{document}")
    named = None if number is None else LetterId(number)
    return Filter(named, topic, code, moment(hub, since), moment(hub, until, end=True))


def row(letter: "Shown", zone: Any) -> Sequence[str]:
    return (
        str(letter.id),
        letter.topic.removeprefix("opd."),
        indonesian.short_moment(letter.received_at, zone),
        letter.code,
        letter.field or "",
        letter.found,
        letter.expected,
        indonesian.number(letter.tries),
        state(letter),
    )


def state(letter: "Shown") -> str:
    if letter.settled_at is not None:
        names = {"accepted": "diterima", "known": "sudah dikenal", "parked": "ditunda", "refused": "dikembalikan lagi"}
        return names.get(letter.outcome or "", "diselesaikan")
    return "belum" if letter.replayed_at is None else "dikirim ulang"


def described(letter: "Shown") -> dict[str, Any]:
    found = asdict(letter)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}

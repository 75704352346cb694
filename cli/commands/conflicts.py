"""`simpul conflicts …`: where sources disagree, and what a steward decides."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli import settings
from cli.hub_access import acting
from cli.screen import table, tell
from cli.stack.roles import OWNER

if TYPE_CHECKING:
    from hub_db.conflicts.reading import Conflict

app = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Number = Annotated[int, typer.Argument(metavar="NOMOR", help="Nomor Tidak Padan, lihat 'conflicts list'.")]


@app.command("list", help="Menunjukkan Tidak Padan, menurut nomornya.")
def list_conflicts(
    state: Annotated[str, typer.Option(help="open, asked, decided, ended, atau all.")] = "open",
    after: Annotated[int, typer.Option(help="Hanya nomor sesudah ini.")] = 0,
    as_json: AsJson = False,
) -> None:
    from hub_db.conflicts.reading import State, conflicts

    if state != "all" and state not in list(State):
        raise typer.BadParameter(f"keadaan {state!r} tidak dikenal: {', '.join(State)}, all")
    with acting() as hub:
        states = None if state == "all" else [State(state)]
        found, zone = conflicts(hub.conn, states=states, after=after), hub.zone
    if as_json:
        typer.echo(json.dumps([_plain(each) for each in found], ensure_ascii=False))
    elif found:
        rows = [
            (
                str(each.id),
                each.kind,
                f"{each.entity}.{each.about}",
                each.source_a,
                each.source_b,
                each.state,
                indonesian.moment(each.opened_at, zone),
            )
            for each in found
        ]
        table(("Nomor", "Jenis", "Tentang", "A", "B", "Keadaan", "Terbuka sejak"), rows)
    else:
        tell("Tidak ada Tidak Padan dalam keadaan ini.")


@app.command("show", help="Menunjukkan satu Tidak Padan: kedua sisi dengan nilai pribadi disamarkan, dan riwayatnya.")
def show(number: Number, as_json: AsJson = False) -> None:
    from hub_db.conflicts.reading import conflict, events
    from jobs.errors import NoSuchConflict

    with acting() as hub:
        found, zone = conflict(hub.conn, number), hub.zone
        if found is None:
            raise NoSuchConflict(f"Tidak ada Tidak Padan nomor {number}.")
        past = events(hub.conn, found.id)
    if as_json:
        told = [asdict(each) | {"at": each.at.isoformat()} for each in past]
        typer.echo(json.dumps(_plain(found) | {"events": told}, ensure_ascii=False))
        return
    a, b = found.shown.get("a", {}), found.shown.get("b", {})
    rows = [(name, a.get(name) or "-", b.get(name) or "-") for name in dict.fromkeys([*a, *b])]
    table(("Isian", f"A. {found.source_a}", f"B. {found.source_b}"), rows)
    moves = [
        (each.act, each.choice or "-", each.by, indonesian.moment(each.at, zone), each.reason or "") for each in past
    ]
    table(("Kejadian", "Pilihan", "Oleh", "Waktu", "Alasan"), moves)


@app.command("decide", help="Memutus satu Tidak Padan untuk nilai yang terlihat sekarang.")
def decide_one(
    number: Number,
    choice: Annotated[str, typer.Argument(metavar="PILIHAN", help="a, b, different (bukan yang sama), atau ask.")],
    reason: Annotated[str, typer.Option(help="Alasan, paling sedikit 20 huruf, tanpa data pribadi.")],
    revision: Annotated[int | None, typer.Option(help="Hanya bila nilainya masih pada revisi ini.")] = None,
) -> None:
    from hub_db.conflicts.reading import Choice, conflict
    from jobs.conflict_decisions import decide
    from jobs.errors import NoSuchConflict

    if choice not in list(Choice):
        raise typer.BadParameter(f"pilihan {choice!r} tidak dikenal: {', '.join(Choice)}")
    with acting() as hub:
        found = conflict(hub.conn, number)
        if found is None:
            raise NoSuchConflict(f"Tidak ada Tidak Padan nomor {number}.")
        seen = found.revision if revision is None else revision
        after = decide(hub.conn, hub.instance, number, seen, Choice(choice), reason=reason, by=hub.by, now=hub.now)
    until = f" OPD diminta menjawab sampai {indonesian.day(after.due_on)}." if after.due_on else ""
    tell(f"Tidak Padan nomor {number} diputus: {choice}.{until} Bila nilainya berubah, hal ini dibuka kembali.")


@app.command("take-back", help="Menarik kembali keputusan: hal itu menunggu lagi, dan Data Induk seperti tanpanya.")
def take_back_one(
    number: Number,
    reason: Annotated[str, typer.Option(help="Alasan, paling sedikit 20 huruf, tanpa data pribadi.")],
) -> None:
    from hub_db.conflicts.reading import conflict
    from jobs.conflict_decisions import take_back
    from jobs.errors import NoSuchConflict

    with acting() as hub:
        found = conflict(hub.conn, number)
        if found is None:
            raise NoSuchConflict(f"Tidak ada Tidak Padan nomor {number}.")
        take_back(hub.conn, hub.instance, number, found.revision, reason=reason, by=hub.by, now=hub.now)
    tell(f"Keputusan Tidak Padan nomor {number} ditarik kembali.")


@app.command("find", help="Membaca perubahan sejak terakhir dan mencari Tidak Padan sekarang juga.")
def find(as_json: AsJson = False) -> None:
    from datetime import UTC, datetime

    from base import instance
    from hub_db.connection import connect
    from jobs import conflict_job

    told = settings.load()
    here = instance.load(told.instance)
    with connect(settings.dsn(told.home, OWNER), process="simpul-command") as conn:
        found = conflict_job.find_all(conn, here, now=datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps({"keys": found.keys, "opened": len(found.opened), "ended": len(found.ended)}))
    else:
        read, opened, ended = map(indonesian.number, (found.keys, len(found.opened), len(found.ended)))
        tell(f"{read} kunci diperiksa: {opened} Tidak Padan terbuka, {ended} berakhir.")


@app.command("duplicates", help="Mencari dugaan ganda di antara semua orang pada satu entitas; dapat lama.")
def find_duplicates(
    entity: Annotated[str, typer.Argument(metavar="ENTITAS", help="Entitas orang, misalnya penduduk.")] = "penduduk",
    as_json: AsJson = False,
) -> None:
    from datetime import UTC, datetime

    from base import instance
    from hub_db.connection import connect, transaction
    from jobs import conflict_job
    from jobs.errors import NotPossible
    from schemas.names import EntityName

    told = settings.load()
    here = instance.load(told.instance)
    with connect(settings.dsn(told.home, OWNER), process="simpul-command") as conn, transaction(conn):
        found = conflict_job.find_duplicates(conn, here, EntityName(entity), now=datetime.now(UTC))
    if found is None:
        raise NotPossible(f"Entitas {entity} tidak ada di hub ini, atau bukan tentang orang.")
    opened, ended = len(found.opened), len(found.ended)
    if as_json:
        typer.echo(json.dumps({"opened": opened, "ended": ended}))
    else:
        tell(f"{indonesian.number(opened)} dugaan ganda terbuka, {indonesian.number(ended)} berakhir.")


def _plain(found: "Conflict") -> dict[str, Any]:
    moments = {
        name: value.isoformat() for name in ("opened_at", "closed_at", "due_on") if (value := getattr(found, name))
    }
    return asdict(found) | {"due_on": None, "closed_at": None} | moments

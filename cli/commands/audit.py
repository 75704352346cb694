"""`simpul audit …`: read the audit, check that it is whole, anchor it, and ask who saw or received something."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli import settings
from cli.hub_access import HubAccess, acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from identity.audit_search import Entry, Exposure
    from identity.audit_verify import Breach, Verdict

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
From = Annotated[str | None, typer.Option("--from", help="Mulai saat ini: 2026-01-05 atau 2026-01-05T14:05.")]
To = Annotated[str | None, typer.Option("--to", help="Sampai sebelum saat ini; tanggal saja: sampai akhir hari itu.")]
FAULTS = {
    "changed": "isi catatan berubah setelah disegel",
    "entry-gone": "catatan dihapus",
    "links-gone": "segel dihapus",
    "broken": "segel tidak menyambung dengan segel sebelumnya",
    "cut-off": "bagian akhir dipotong setelah dijangkarkan",
    "rewritten": "ditulis ulang setelah dijangkarkan",
    "unsealed": "catatan tidak disegel pada waktunya",
    "anchor-forged": "jangkar tidak asli, atau kuncinya lain",
}


@app.command("list", help="Menunjukkan catatan jejak audit, yang terbaru lebih dulu.")
def list_entries(
    act: Annotated[str | None, typer.Option(help="Perbuatan, misalnya people.invite atau people.")] = None,
    actor: Annotated[str | None, typer.Option(help="Nama pelaku.")] = None,
    opd: Annotated[str | None, typer.Option(help="Kode OPD pelaku.")] = None,
    subject: Annotated[str | None, typer.Option(help="Yang dikenai perbuatan, misalnya person:12.")] = None,
    since: From = None,
    until: To = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Paling banyak sekian catatan.")] = 50,
    as_json: AsJson = False,
) -> None:
    from identity.audit_search import Filter, entries

    with acting() as hub:
        wanted = Filter(act, actor, opd, subject, moment(hub, since), moment(hub, until, end=True))
        found = entries(hub.conn, wanted, limit=limit)
        zone = hub.zone
    if as_json:
        show([description(asdict(each)) for each in found])
    elif found:
        head = ("No.", "Waktu", "Pelaku", "Peran", "OPD", "Perbuatan", "Terhadap", "Tujuan")
        table(head, [row(each, zone) for each in found])
    else:
        tell("Tidak ada catatan yang cocok.")


@app.command("verify", help="Memeriksa keutuhan seluruh jejak audit terhadap rantai segel dan jangkarnya.")
def verify_all(as_json: AsJson = False) -> None:
    from identity.audit_anchors import anchors
    from identity.audit_verify import verify

    found = anchors(*settings.audit_anchors(None))
    with connected() as conn:
        verdict = verify(conn, found)
    if as_json:
        show(
            {
                "whole": verdict.is_whole,
                "links": verdict.links,
                "head": {"number": verdict.number, "hash": verdict.hash.hex()},
                "anchors": verdict.anchors,
                "breaches": [description(asdict(each)) for each in verdict.breaches],
            }
        )
    else:
        report(verdict)
    if not verdict.is_whole:
        raise typer.Exit(1)


@app.command("anchor", help="Menulis jangkar sekarang juga; biasanya tertulis sendiri setiap jam.")
def anchor_now(as_json: AsJson = False) -> None:
    from identity.audit_anchors import anchor

    with acting() as hub:
        made = anchor(hub.conn, *settings.audit_anchors(None), now=hub.now)
    if made is None:
        tell("Belum ada catatan yang disegel.")
    elif as_json:
        show({"number": made.number, "hash": made.hash.hex(), "at": made.at.isoformat()})
    else:
        typer.echo(f"{made.number} {made.hash.hex()}")


@app.command("seen", help="Siapa yang melihat atau menerima data seseorang (NIK dari masukan standar) atau suatu OPD.")
def seen(
    since: Annotated[str, typer.Option("--from", help="Mulai saat ini: 2026-01-05 atau 2026-01-05T14:05.")],
    until: Annotated[str, typer.Option("--to", help="Sampai sebelum saat ini; tanggal saja: sampai akhir hari itu.")],
    subject: Annotated[bool, typer.Option("--subject-stdin", help="Baca kuncinya dari masukan standar.")] = False,
    entity: Annotated[str, typer.Option(help="Entitas kunci itu.")] = "penduduk",
    owner: Annotated[str | None, typer.Option(help="Kode OPD pemilik data.")] = None,
    as_json: AsJson = False,
) -> None:
    from identity.actors import note
    from identity.acts import Act
    from identity.audit_search import exposure_of_owner, exposure_of_subject

    if subject == (owner is not None):
        raise typer.BadParameter("Pilih salah satu: --subject-stdin, atau --owner OPD.")
    who = owner or pseudonym_of_input(entity)
    with acting() as hub:
        start, end = moment(hub, since), moment(hub, until, end=True)
        assert start and end  # noqa: S101, PT018 - both options are required
        if owner:
            found = exposure_of_owner(hub.conn, owner, since=start, until=end)
        else:
            found = exposure_of_subject(hub.conn, who, entity, since=start, until=end)
        about = f"opd:{owner}" if owner else who
        span = {"from": start.isoformat(), "to": end.isoformat()}
        note(hub.conn, hub.by, Act.AUDIT_SEARCH, about, now=hub.now, found=len(found.sightings), **span)
        zone = hub.zone
    if as_json:
        show(
            {
                "subject": about,
                "sightings": [description(asdict(each)) for each in found.sightings],
                "grants": [description(asdict(each)) for each in found.grants],
            }
        )
    else:
        tell_exposure(found, zone)


def pseudonym_of_input(entity: str) -> str:
    """The key does not stand in the command: others on the machine could read it there."""
    key = sys.stdin.readline().strip()
    if not key:
        raise typer.BadParameter("Tidak ada kunci pada masukan standar.")
    return settings.pseudonyms(None).of(entity, key)


def connected() -> Any:
    """A connection in no transaction: a check takes its own, which may be long."""
    from hub_db.connection import connect

    return connect(settings.dsn(None, "simpul_web"), process="simpul-audit-verify")


def report(verdict: "Verdict") -> None:
    """For a person: what is wrong, or that nothing is."""
    for each in verdict.breaches:
        typer.echo(f"{place(each)}: {FAULTS[each.fault.value]}")
    number = indonesian.number
    if verdict.is_whole:
        typer.echo(f"Utuh: {number(verdict.links)} catatan bersegel, {number(verdict.anchors)} jangkar cocok.")
    if not verdict.anchors:
        tell("Perhatian: tidak ada jangkar; ujung yang dipotong atau penulisan ulang tidak dapat ditemukan.")
    tell(f"Segel terakhir: nomor {verdict.number}, {verdict.hash.hex()}")


def place(breach: "Breach") -> str:
    if breach.number is None:
        return f"catatan {breach.entry_id}"
    last = breach.last_number
    numbers = f"segel {breach.number}" + (f" sampai {last}" if last and last != breach.number else "")
    return f"{numbers} (catatan {breach.entry_id})" if breach.entry_id is not None else numbers


def row(entry: "Entry", zone: Any) -> tuple[str, ...]:
    cells = (entry.actor, entry.role, entry.opd, entry.act, entry.subject, entry.purpose)
    number = str(entry.number) if entry.number else "–"
    return (number, indonesian.short_moment(entry.at, zone), *(cell or "–" for cell in cells))


def tell_exposure(found: "Exposure", zone: Any) -> None:
    for each in found.sightings:
        fields = each.details.get("fields")
        opened = ", ".join(map(str, fields)) if isinstance(fields, list) else "–"
        at = indonesian.moment(each.at, zone)
        typer.echo(f"{at}: {each.actor} ({each.role or each.actor_kind}, {each.opd}) melihat {opened}: {each.purpose}")
    for grant in found.grants:
        ended = grant.revoked_at or grant.ends_at
        typer.echo(
            f"Hak Akses {grant.id}: {grant.reader} dapat menerima {', '.join(grant.fields)}"
            f" dari {indonesian.moment(grant.granted_at, zone)} sampai {indonesian.moment(ended, zone)}"
        )
    tell(f"{len(found.sightings)} kali dilihat, {len(found.grants)} Hak Akses yang berlaku pada masa itu.")


def moment(hub: HubAccess, text: str | None, *, end: bool = False) -> datetime | None:
    """A day or a moment of local time. A day that ends a span counts whole."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} bukan waktu seperti 2026-01-05 atau 2026-01-05T14:05.") from None
    local = found if found.tzinfo else found.replace(tzinfo=hub.zone)
    return local + timedelta(days=1) if end and len(text) == len("2026-01-05") else local


def description(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def show(found: object) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))

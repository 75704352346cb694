"""`simpul access …`: requests for access, decisions about them, and grants that nobody uses."""

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli.commands.grants import contract_named, description, show
from cli.hub_access import acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from identity.access_reading import AccessRequest

app = typer.Typer()

Number = Annotated[int, typer.Argument(metavar="NOMOR", help="Nomor permohonan, seperti pada daftar.")]
AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Days = Annotated[int, typer.Option(min=1, max=3650, help="Tidak dipakai selama sekian hari.")]
Reason = Annotated[str, typer.Option(help="Alasan keputusan, paling sedikit 20 huruf; masuk jejak audit.")]


class Desk(StrEnum):
    """For which office a decision is entered."""

    OWNER = "owner"
    WALIDATA = "walidata"


@app.callback()
def everything() -> None:
    """Permohonan akses: daftar, keputusan, dan Hak Akses yang tidak dipakai."""


@app.command("list", help="Menunjukkan permohonan akses, yang terbaru dulu.")
def list_requests(
    as_json: AsJson = False,
    undecided: Annotated[bool, typer.Option("--undecided", help="Hanya yang menunggu keputusan.")] = False,
) -> None:
    from identity.access_reading import requests
    from identity.access_states import STATE_TITLES
    from identity.opds import EVERYWHERE

    with acting() as hub:
        found = [each for each in requests(hub.conn, EVERYWHERE) if each.undecided or not undecided]
    if as_json:
        show([_described(each) for each in found])
    elif found:
        rows = [
            (
                str(each.id), each.reader, each.document, ", ".join(each.fields), each.agreement or "–",
                indonesian.day(each.until), STATE_TITLES[each.state],
            )
            for each in found
        ]  # fmt: skip
        table(("No.", "OPD", "Dokumen", "Kolom", "PKS", "Sampai", "Keadaan"), rows)
    else:
        tell("Tidak ada permohonan akses.")


@app.command("show", help="Menunjukkan satu permohonan, yang sudah terjadi, dan yang belum lengkap.")
def show_one(number: Number, as_json: AsJson = False) -> None:
    from identity.access_reading import find, missing, steps
    from identity.access_states import STATE_TITLES, STEP_TITLES

    with acting() as hub:
        found, happened = find(hub.conn, number), steps(hub.conn, number)
        contract, zone = contract_named(found.document), hub.zone
        lacks = missing(hub.conn, contract, found.wanted, zone=zone, now=hub.now) if found.undecided else []
    if as_json:
        course = [description(asdict(each)) for each in happened]
        show(_described(found) | {"steps": course, "missing": lacks})
        return
    typer.echo(f"Permohonan akses {found.id}: {STATE_TITLES[found.state]}")
    typer.echo(f"{found.reader} membaca {found.document} ({', '.join(found.fields)})")
    typer.echo(f"Tujuan: {found.purpose}\nDasar hukum: {found.legal_basis}\nPKS: {found.agreement or '–'}")
    typer.echo(f"Masa: {indonesian.day(found.starts)} sampai {indonesian.day(found.until)}")
    for each in happened:
        reason = f": {each.reason}" if each.reason else ""
        typer.echo(f"  {indonesian.moment(each.at, zone)}  {STEP_TITLES[each.step]} oleh {each.actor}{reason}")
    for fault in lacks:
        typer.echo(f"Belum lengkap: {fault}")


@app.command("decide", help="Memutuskan permohonan untuk satu meja; yang mengajukan tidak memutuskan.")
def decide(
    number: Number,
    desk: Annotated[Desk, typer.Option("--as", help="Meja: owner (pemilik data) atau walidata.")],
    yes: Annotated[bool, typer.Option("--yes/--no", help="Setuju atau tidak.")],
    reason: Reason,
) -> None:
    from identity.access_reading import find
    from identity.access_requests import agree, refuse
    from identity.access_states import STATE_TITLES, Side

    side = Side(desk.value)
    with acting() as hub:
        if yes:
            contract = contract_named(find(hub.conn, number).document)
            decided = agree(
                hub.conn, contract, number, side=side, by=hub.by, reason=reason, zone=hub.zone, now=hub.now
            )  # fmt: skip
        else:
            decided = refuse(hub.conn, number, side=side, by=hub.by, reason=reason, now=hub.now)
    more = f", Hak Akses {decided.grant_id}" if decided.grant_id else ""
    tell(f"Permohonan akses {number}: {STATE_TITLES[decided.state]}{more}.")


@app.command("unused", help="Menunjukkan Hak Akses berlaku yang tidak dipakai.")
def unused_grants(as_json: AsJson = False, days: Days = 90) -> None:
    from identity.deletions import unused
    from identity.opds import EVERYWHERE

    with acting() as hub:
        found, zone = unused(hub.conn, EVERYWHERE, now=hub.now, days=days), hub.zone
    if as_json:
        show([description(asdict(each)) for each in found])
    elif found:
        rows = [
            (
                str(each.id), each.reader, each.entity, ", ".join(each.fields), indonesian.day(each.until),
                indonesian.moment(each.used_at, zone) if each.used_at else "belum pernah",
            )
            for each in found
        ]  # fmt: skip
        table(("Hak Akses", "OPD", "Entitas", "Kolom", "Berlaku sampai", "Terakhir dipakai"), rows)
    else:
        tell(f"Semua Hak Akses dipakai dalam {days} hari terakhir.")


@app.command("deletions", help="Menunjukkan penghapusan yang masih harus dinyatakan OPD pembaca.")
def deletions(as_json: AsJson = False) -> None:
    from identity.deletions import due
    from identity.opds import EVERYWHERE

    with acting() as hub:
        found, zone = due(hub.conn, EVERYWHERE, now=hub.now), hub.zone
    if as_json:
        show([description(asdict(each)) for each in found])
    elif found:
        rows = [
            (
                str(each.id), each.reader, each.entity, ", ".join(each.fields),
                indonesian.moment(each.over_at, zone), "dicabut" if each.revoked else "berakhir",
            )
            for each in found
        ]  # fmt: skip
        table(("Hak Akses", "OPD", "Entitas", "Kolom", "Sejak", "Sebab"), rows)
    else:
        tell("Tidak ada penghapusan yang menunggu.")


def _described(request: "AccessRequest") -> dict[str, Any]:
    return description(asdict(request))

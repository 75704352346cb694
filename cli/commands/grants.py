"""`simpul grant …` and `simpul pks …`: what an OPD may read beyond the mask, and the agreements it stands on."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli.hub_access import acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from schemas.contract import Contract

grant = typer.Typer(no_args_is_help=True)
pks = typer.Typer(no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Reader = Annotated[str, typer.Argument(metavar="OPD", help="Kode OPD yang membaca.")]
Purpose = Annotated[str, typer.Option(help="Tujuan, paling sedikit 20 huruf.")]
Until = Annotated[str, typer.Option(help="Hari terakhir, misalnya 2026-12-31.")]
Reason = Annotated[str, typer.Option(help="Alasan, paling sedikit 10 huruf.")]


@grant.command("add", help="Memberi Hak Akses atas kolom-kolom suatu dokumen.")
def add(
    reader: Reader,
    document: Annotated[str, typer.Argument(metavar="DOKUMEN", help="Misalnya disdukcapil.penduduk.")],
    field: Annotated[list[str], typer.Option(help="Kolom yang boleh dibaca; boleh berulang.")],
    purpose: Purpose,
    basis: Annotated[str, typer.Option(help="Dasar hukum.")],
    until: Until,
    agreement: Annotated[str | None, typer.Option("--pks", help="Nomor PKS; wajib untuk data kependudukan.")] = None,
    specific_basis: Annotated[
        str | None, typer.Option("--specific-basis", help="Dasar pemrosesan data spesifik, bila diminta.")
    ] = None,
) -> None:
    from identity.grants import WantedGrant, add_grant

    contract = contract_named(document)
    wanted = WantedGrant(reader, tuple(field), purpose, basis, day(until), agreement, specific_basis)
    with acting() as hub:
        given = add_grant(hub.conn, contract, wanted, by=hub.by, zone=hub.zone, now=hub.now)
    typer.echo(str(given.id))
    tell(f"Hak Akses {given.id} untuk {reader} berlaku sampai {given.until}.")


@grant.command("list", help="Menunjukkan semua Hak Akses dan keadaannya.")
def list_grants(as_json: AsJson = False) -> None:
    from identity.grants import all_grants
    from identity.opds import EVERYWHERE

    with acting() as hub:
        found, now, zone = all_grants(hub.conn, EVERYWHERE), hub.now, hub.zone
    if as_json:
        show([description(asdict(each)) | {"holds": each.holds(now)} for each in found])
    elif found:
        head = ("No.", "OPD", "Entitas", "Kolom", "PKS", "Berlaku sampai", "Keadaan", "Tujuan")
        rows = [
            (
                str(each.id), each.reader, each.entity, ", ".join(each.fields), each.agreement or "–",
                indonesian.moment(each.ends_at, zone),
                "dicabut" if each.revoked_at else "berlaku" if each.holds(now) else "berakhir", each.purpose,
            )
            for each in found
        ]  # fmt: skip
        table(head, rows)
    else:
        tell("Belum ada Hak Akses.")


@grant.command("revoke", help="Mencabut Hak Akses; berlaku sejak permintaan data berikutnya.")
def revoke(
    number: Annotated[int, typer.Argument(metavar="NOMOR", help="Nomor Hak Akses, seperti pada daftar.")],
    reason: Reason,
) -> None:
    from identity.grants import revoke_grant

    with acting() as hub:
        revoke_grant(hub.conn, number, by=hub.by, reason=reason, now=hub.now)
    tell(f"Hak Akses {number} dicabut.")


@grant.command("copy", help="Mengirim sekali lagi salinan utuh ke topik suatu Hak Akses; perubahan tetap berjalan.")
def copy(number: Annotated[int, typer.Argument(metavar="NOMOR", help="Nomor Hak Akses, seperti pada daftar.")]) -> None:
    from identity.topic_copies import send_again

    with acting() as hub:
        topic = send_again(hub.conn, number, by=hub.by, now=hub.now)
    tell(f"Salinan utuh dikirim lagi ke {topic} bersama putaran terbit berikutnya.")


@pks.command("add", help="Mencatat perjanjian kerja sama (PKS) tempat Hak Akses berdiri.")
def add_pks(
    number: Annotated[str, typer.Argument(metavar="NOMOR", help="Nomor PKS.")],
    reader: Reader,
    element: Annotated[list[str], typer.Option(help="Elemen data: entitas.kolom; boleh berulang.")],
    purpose: Purpose,
    until: Until,
) -> None:
    from identity.grants import WantedAgreement, add_agreement

    wanted = WantedAgreement(number, reader, tuple(element), purpose, day(until))
    with acting() as hub:
        add_agreement(hub.conn, wanted, by=hub.by, zone=hub.zone, now=hub.now)
    tell(f"PKS {number} dengan {reader} dicatat.")


@pks.command("list", help="Menunjukkan semua PKS dan keadaannya.")
def list_pks(as_json: AsJson = False) -> None:
    from identity.grants import agreements
    from identity.opds import EVERYWHERE

    with acting() as hub:
        found, now, zone = agreements(hub.conn, EVERYWHERE), hub.now, hub.zone
    if as_json:
        show([description(asdict(each)) | {"holds": each.holds(now)} for each in found])
    elif found:
        rows = [
            (
                each.number, each.reader, ", ".join(each.elements),
                indonesian.moment(each.ended_at or each.ends_at, zone),
                "berlaku" if each.holds(now) else "berakhir",
            )
            for each in found
        ]  # fmt: skip
        table(("Nomor", "OPD", "Elemen", "Berlaku sampai", "Keadaan"), rows)
    else:
        tell("Belum ada PKS.")


@pks.command("end", help="Mengakhiri PKS sebelum waktunya; semua Hak Akses yang berdiri padanya ikut berakhir.")
def end_pks(number: Annotated[str, typer.Argument(metavar="NOMOR", help="Nomor PKS.")], reason: Reason) -> None:
    from identity.grants import end_agreement

    with acting() as hub:
        ended = end_agreement(hub.conn, number, by=hub.by, reason=reason, now=hub.now)
    tell(f"PKS {number} berakhir, bersama {ended} Hak Akses.")


def contract_named(document: str) -> "Contract":
    from cli.preparation import contracts

    found = {each.name: each for each in contracts(None)}
    if document not in found:
        raise typer.BadParameter(f"Dokumen {document!r} tidak dikenal. Yang ada: {', '.join(sorted(found))}.")
    return found[document]


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} bukan tanggal seperti 2026-12-31.") from None


def description(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def show(found: object) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))

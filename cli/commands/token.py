"""`simpul token …`: service tokens of the agencies' programs."""

import json
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli.hub_access import acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from identity.tokens import Token

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
DAYS = 365


@app.command("issue", help="Menerbitkan token untuk suatu sistem; token dicetak sekali ini saja.")
def issue(
    opd: Annotated[str, typer.Argument(metavar="OPD", help="Kode OPD pemilik sistem.")],
    system: Annotated[str, typer.Argument(metavar="SISTEM", help="Kode sistem; lihat 'simpul opd systems'.")],
    purpose: Annotated[str, typer.Option(help="Keperluan, satu kata pendek, misalnya kirim.")],
    permission: Annotated[list[str], typer.Option(help="Yang boleh dilakukan, misalnya events.send; boleh berulang.")],
    document: Annotated[
        list[str] | None, typer.Option(help="Dokumen yang boleh; boleh berulang; bawaan: semua milik OPD.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=DAYS, help="Berlaku sekian hari.")] = DAYS,
    as_json: AsJson = False,
) -> None:
    from identity.opds import find_system
    from identity.permissions import TOKEN_PERMISSIONS, Permission
    from identity.tokens import NewToken, issue_token

    if unknown := set(permission) - TOKEN_PERMISSIONS:
        allowed = ", ".join(sorted(TOKEN_PERMISSIONS))
        raise typer.BadParameter(f"{sorted(unknown)[0]!r} tidak dapat diberikan kepada token. Yang dapat: {allowed}.")
    with acting() as hub:
        new = NewToken(
            find_system(hub.conn, opd, system).id,
            purpose,
            frozenset(map(Permission, permission)),
            frozenset(document) if document else None,
            hub.now + timedelta(days=days),
        )
        number, secret = issue_token(hub.conn, new, by=hub.by, now=hub.now)
    if as_json:
        show({"id": number, "token": secret, "expires_at": new.expires_at.isoformat()})
    else:
        typer.echo(secret)
        tell(
            f"Token nomor {number} berlaku sampai {indonesian.moment(new.expires_at, hub.zone)}. "
            "Simpan sekarang: token tidak dapat ditampilkan lagi."
        )


@app.command("list", help="Menunjukkan token layanan: milik siapa, untuk apa, sampai kapan, kapan terakhir dipakai.")
def list_tokens(as_json: AsJson = False) -> None:
    from identity.opds import EVERYWHERE
    from identity.tokens import tokens

    with acting() as hub:
        found = tokens(hub.conn, EVERYWHERE)
    if as_json:
        show([description(each, hub.now) for each in found])
    elif found:
        head = ("No.", "Awal", "OPD", "Sistem", "Keperluan", "Berlaku sampai", "Terakhir dipakai", "Keadaan")
        table(head, [row(each, hub.zone, hub.now) for each in found])
    else:
        tell("Belum ada token layanan.")


@app.command("revoke", help="Mencabut token; berlaku seketika di semua proses.")
def revoke_token(
    number: Annotated[int, typer.Argument(metavar="NOMOR", help="Nomor token, seperti pada daftar.")],
) -> None:
    from identity.opds import EVERYWHERE
    from identity.tokens import revoke

    with acting() as hub:
        revoke(hub.conn, number, by=hub.by, within=EVERYWHERE, now=hub.now)
    tell(f"Token nomor {number} dicabut.")


def row(token: "Token", zone: tzinfo, now: datetime) -> tuple[str, ...]:
    used = indonesian.short_moment(token.last_used_at, zone) if token.last_used_at else "–"
    expires = indonesian.day(token.expires_at.astimezone(zone).date())
    begins = f"smp_{token.hint}…"
    return (str(token.id), begins, token.opd, token.system, token.purpose, expires, used, state(token, now))


def state(token: "Token", now: datetime) -> str:
    if token.revoked_at is not None:
        return "dicabut"
    return "berlaku" if token.is_valid(now) else "kedaluwarsa"


def description(token: "Token", now: datetime) -> dict[str, Any]:
    return {
        "id": token.id,
        "hint": token.hint,
        "opd": token.opd,
        "system": token.system,
        "purpose": token.purpose,
        "documents": None if token.documents is None else sorted(token.documents),
        "permissions": sorted(token.permissions),
        "issued_by": token.issued_by,
        "issued_at": token.issued_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
        "revoked_by": token.revoked_by,
        "valid": token.is_valid(now),
    }


def show(content: Any) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))

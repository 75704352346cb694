"""`simpul cases begin` and `act`: what officers do on the pages, as the same persons, at the same desk."""

import secrets
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.officer import Officer, officer
from cli.screen import table, tell

if TYPE_CHECKING:
    from sop.asking import Answers
    from sop.permitted import Offer

As = Annotated[str, typer.Option("--as", metavar="NAMA", help="Nama masuk Anda; kata sandi ditanyakan.")]
Number = Annotated[str, typer.Argument(metavar="NOMOR", help="Misalnya PI-2026-0001.")]
_REFUSED = 1  # exit code


def begin(
    opd: Annotated[str, typer.Argument(metavar="OPD", help="Kode OPD pemohon.")],
    documents: Annotated[list[str], typer.Argument(metavar="DOKUMEN…", help="Nama dokumen, misalnya gtk sekolah.")],
    login: As,
    contact: Annotated[str, typer.Option(help="Narahubung: nama orang atau bagian.")],
    phone: Annotated[str, typer.Option(help="Telepon narahubung, misalnya 081200009001.")],
    follows: Annotated[str | None, typer.Option(metavar="NOMOR", help="Permohonan yang integrasinya diubah.")] = None,
) -> None:
    """Membuat rancangan permohonan integrasi, atas nama Admin OPD yang masuk."""
    from dashboard import desk
    from hub_db.connection import transaction
    from sop.moments import Moment
    from sop.setting import setting_of
    from sop.store import Contact

    with officer(login) as who, transaction(who.conn):
        now = Moment.of(who.now, who.instance.zone)
        decision = desk.begin(
            who.conn,
            who.principal,
            opd,
            [f"{opd}.{each}" for each in documents],
            command_id=secrets.token_hex(16),
            now=now,
            setting=setting_of(who.conn, who.instance),
            instance=who.instance,
            follows=follows,
        )
        number = decision.case.number
        desk.set_contact(who.conn, who.principal, number, Contact(contact, _phone(phone)), now=now)
    tell(f"{number} dibuat sebagai rancangan. Unggah suratnya, lalu ajukan: simpul cases act {number} --as {login}")


def act(
    number: Number,
    login: As,
    key: Annotated[str | None, typer.Argument(metavar="[LANGKAH]", help="Kunci langkah; tanpa ini: daftarnya.")] = None,
    reason: Annotated[str, typer.Option(help="Alasan, paling sedikit 20 huruf, tanpa data pribadi.")] = "",
    file: Annotated[Path | None, typer.Option(help="Berkas yang diunggah.", exists=True, dir_okay=False)] = None,
    letter: Annotated[str | None, typer.Option(help="Nomor surat.")] = None,
    dated: Annotated[str | None, typer.Option(help="Tanggal surat, TTTT-BB-HH.")] = None,
    document: Annotated[list[str] | None, typer.Option(help="Dokumen yang bersangkutan; boleh berulang.")] = None,
    until: Annotated[str | None, typer.Option(help="Hari terakhir penahanan, TTTT-BB-HH.")] = None,
) -> None:
    """Melakukan satu langkah pada permohonan atas nama Anda, atau menunjukkan langkah yang terbuka bagi Anda."""
    from dashboard import desk
    from hub_db.connection import transaction
    from sop.asking import Ask
    from sop.moments import Moment
    from sop.permitted import seen
    from sop.setting import setting_of

    answers = _answers(key, reason, letter, dated, document or [], until)
    with officer(login) as who, transaction(who.conn):
        case, now = desk.look(who.conn, who.principal, number), Moment.of(who.now, who.instance.zone)
        setting = setting_of(who.conn, who.instance)
        if key is None:
            _show(desk.offers(who.conn, who.principal, case, now=now, setting=setting))
            return
        decision = desk.act(
            who.conn,
            who.principal,
            number,
            Ask.of(key),
            _with_file(who, number, answers, file),
            seen=seen(case),
            command_id=secrets.token_hex(16),
            now=now,
            setting=setting,
        )
    if not decision.events:
        tell("Langkah ini tidak mengubah apa pun.")
        raise typer.Exit(_REFUSED)
    tell(f"{number}: {key} tercatat atas nama {who.principal.shown_name}.")


def _answers(
    key: str | None, reason: str, letter: str | None, dated: str | None, documents: list[str], until: str | None
) -> "Answers":
    """What was typed. Refuses what only pages do, and what looks personal."""
    from dashboard.personal_hint import personal_in
    from sop.asking import Answers, Ask, Verb
    from sop.commands import Letter

    if key is not None and Ask.of(key).verb in (Verb.FREEZE, Verb.SIGN):
        tell("Naskah disiapkan dan berkas bertanda tangan diperiksa pada halaman permohonan.")
        raise typer.Exit(_REFUSED)
    hint = personal_in(reason)
    if hint:
        raise typer.BadParameter(hint, param_hint="--reason")
    told = Letter(letter, _day(dated, "--dated")) if letter is not None and dated is not None else None
    last = None if until is None else _day(until, "--until")
    return Answers(reason, told, documents=tuple(documents), until=last)


def _with_file(who: Officer, number: str, answers: "Answers", file: Path | None) -> "Answers":
    from dataclasses import replace

    from dashboard.case_papers import hand_in

    if file is None:
        return answers
    handed = hand_in(who.conn, who.principal, number, file.read_bytes(), file.name, now=who.now)
    return replace(answers, file=handed)


def _show(offers: "list[Offer]") -> None:
    if not offers:
        tell("Tidak ada langkah yang terbuka untuk Anda pada permohonan ini.")
        return
    needs = {"reason": "--reason", "letter": "--letter --dated", "file": "--file", "documents": "--document"}
    rows = [
        (each.ask.key, each.title, " ".join(needs.get(name.value, "--until") for name in each.fields) or "-",
         each.sentence or "terbuka")
        for each in offers
    ]  # fmt: skip
    table(("Langkah", "Arti", "Perlu", "Keadaan"), rows)


def _phone(text: str) -> str:
    """The number as E.164."""
    import re

    from schemas.formats import FORMATS

    known = FORMATS["telepon"]
    phone = known.normalise(text)
    if known.pattern is None or not re.fullmatch(known.pattern, phone, re.ASCII):
        raise typer.BadParameter(f"bukan {known.expected}", param_hint="--phone")
    return phone


def _day(text: str, hint: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("bukan tanggal TTTT-BB-HH", param_hint=hint) from None

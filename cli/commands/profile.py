"""`simpul profile …`: what the fields of a document look like from day to day."""

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli.hub_access import HubAccess, acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from hub_db.profiles.reading import FieldProfile, Profile

app = typer.Typer(no_args_is_help=True)

Document = Annotated[str, typer.Argument(metavar="DOKUMEN", help="OPD dan dokumennya, misalnya disdukcapil.penduduk.")]
Day = Annotated[
    datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="Hari sebagai TTTT-BB-HH; bawaan: yang terbaru.")
]


@app.command("show", help="Menunjukkan tiap isian satu dokumen pada satu hari, dan apa yang tiba-tiba lain.")
def show(
    document: Document,
    on: Day = None,
    as_json: Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")] = False,
) -> None:
    from hub_db.profiles.reading import percent

    with acting() as hub:
        found = _profile(hub, document, None if on is None else on.date())
    if found is None:
        tell(f"Belum ada profil {document}.")
        return
    if as_json:
        typer.echo(json.dumps(_plain(found), ensure_ascii=False))
        return
    rows = [
        (
            each.field.name,
            percent(each.today.null_share),
            indonesian.number(each.today.different),
            "; ".join(each.sentences) or "–",
        )
        for each in found.fields
    ]
    looked = f"{indonesian.number(found.looked_at)} dari {indonesian.number(found.seen)} baris dilihat"
    tell(f"{document}, {indonesian.day(found.day)}: {looked}.")
    table(("Isian", "Kosong", "Nilai berbeda (perkiraan)", "Tiba-tiba lain"), rows)


@app.command("renew", help="Membandingkan satu isian dari awal: mulai hari itu ia memang lain.")
def renew(
    document: Document,
    field: Annotated[str, typer.Argument(metavar="ISIAN", help="Nama isian.")],
    reason: Annotated[str, typer.Option(help="Alasan, 10 sampai 500 huruf, tanpa data pribadi.")],
    on: Day = None,
) -> None:
    from hub_db.profiles import store
    from identity.actors import note
    from identity.acts import Act
    from jobs.errors import NotPossible
    from schemas.names import FieldName

    told = reason.strip()
    if not store.SHORTEST_REASON <= len(told) <= store.LONGEST_REASON:
        raise NotPossible("Mohon tulis alasan 10 sampai 500 huruf.")
    with acting() as hub:
        found = _profile(hub, document, None if on is None else on.date())
        if found is None or FieldName(field) not in found.contract.by_name:
            raise NotPossible(f"{document} tidak mempunyai profil isian {field!r}.")
        topic, day = found.contract.topic, found.day
        if not store.begin_anew(hub.conn, topic, FieldName(field), day, by=hub.by.name, reason=told):
            raise NotPossible(f"Isian {field} sudah dibandingkan dari awal sejak {indonesian.day(day)}.")
        note(
            hub.conn, hub.by, Act.PROFILE_RENEW, f"profile:{topic}", now=hub.now, field=field, day=day.isoformat(),
            reason=told,
        )  # fmt: skip
    tell(f"Isian {field} dibandingkan dari awal mulai {indonesian.day(day)}.")


def _profile(hub: HubAccess, document: str, day: date | None) -> "Profile | None":
    from cli.commands.load import topic_of
    from hub_db import layouts
    from hub_db.calendar import working_calendar
    from hub_db.profiles import reading

    topic = topic_of(document)
    contract = next((each for each in layouts.contracts(hub.conn) if each.topic == topic), None)
    if contract is None:
        return None
    worked = working_calendar(hub.conn, hub.instance).is_working_day
    return reading.newest_profile(hub.conn, contract, hub.today, worked, day=day)


def _plain(found: "Profile") -> dict[str, Any]:
    return {
        "document": found.contract.name,
        "day": found.day.isoformat(),
        "seen": found.seen,
        "looked_at": found.looked_at,
        "fields": [_plain_field(each) for each in found.fields],
    }


def _plain_field(each: "FieldProfile") -> dict[str, Any]:
    today = each.today
    return {
        "field": each.field.name,
        "null_share": round(today.null_share, 4),
        "different": today.different,
        "codes": each.codes,
        "low": today.low,
        "high": today.high,
        "days": each.full_days,
        "jumps": each.sentences,
    }

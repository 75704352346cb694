"""`simpul record …`: where the values of a reference row come from."""

import getpass
import json
from typing import TYPE_CHECKING, Annotated

import typer

from base import indonesian
from cli import settings
from cli.screen import table

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hub_db.why import FieldWhy, Origin, Why
    from identity.pasts import Sight

app = typer.Typer(no_args_is_help=True)


@app.callback()
def records() -> None:
    """Baris Data Induk."""


@app.command("why", help="Menunjukkan sumber, kejadian, dan riwayat tiap nilai satu baris; nilai pribadi tersamar.")
def why(
    entity: Annotated[str, typer.Argument(metavar="ENTITAS", help="Misalnya wilayah.")],
    key: Annotated[str, typer.Argument(metavar="KUNCI", help="Kunci baris; bagiannya dipisahkan |.")],
    field: Annotated[str | None, typer.Argument(metavar="[ISIAN]", help="Satu isian, dengan riwayatnya.")] = None,
    purpose: Annotated[
        str | None, typer.Option(help="Tujuan, bila kuncinya nomor orang; tercatat dalam jejak audit.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")] = False,
) -> None:
    from base import instance
    from dashboard.rest.pasts import why_values
    from identity.errors import Unknown
    from schemas.names import FieldName

    told = settings.load()
    sight, address, found = _look(told, entity, key, field, purpose)
    if as_json:
        only = None if field is None else frozenset({FieldName(field)})
        typer.echo(json.dumps(why_values(sight, address, found, only), ensure_ascii=False))
        return
    zone = instance.load(told.instance).zone
    if field is None:
        rows = [(name, *_origin(each.holds, zone)) for name, each in found.fields.items()]
        table(("Isian", "Nilai", "Sumber", "Kejadian", "Diterima"), rows)
    elif (one := found.fields.get(FieldName(field))) is None:
        raise Unknown(f"Isian {field} tidak ditampilkan tanpa Hak Akses.")
    else:
        _show_field(one, zone)


def _look(
    told: settings.Settings, entity: str, key: str, field: str | None, purpose: str | None
) -> "tuple[Sight, str, Why]":
    """Who looks at what, the row's address, and its past; first the audit tells of it."""
    from dashboard.entities import entities_of
    from hub_db import layouts
    from hub_db.connection import connect
    from identity.actors import Actor
    from identity.errors import NotAllowed, Unknown
    from identity.masked_views import has_personal_key
    from identity.masking import Viewer
    from identity.pasts import Depth, Sight, ask_past, needs_entry, seen_why, tell_past
    from schemas.names import EntityName

    conn = connect(settings.dsn(told.home, "simpul_web"), process="simpul-command")
    try:
        contract = entities_of(layouts.contracts(conn)).get(EntityName(entity))
        folded = layouts.KnownEntities().of(conn, EntityName(entity))
        if contract is None or folded is None:
            raise Unknown(f"Tidak ada entitas {entity!r}. Lihat daftarnya dengan './simpul contract show'.")
        if field is not None and field not in contract.by_name:
            raise Unknown(f"Isian {field!r} tidak ada dalam {entity}.")
        personal = has_personal_key(contract)
        if personal and purpose is None:
            raise NotAllowed("Kunci ini nomor orang: sebutkan tujuan dengan --purpose, paling sedikit 20 huruf.")
        entry = None
        if needs_entry(contract, folded):
            by = Actor.command(getpass.getuser())
            entry = ask_past(conn, contract, key, by=by, purpose=purpose if personal else None)
        past = tell_past(conn, contract, folded, key, Depth(), entry=entry)
    finally:
        conn.close()
    sight = Sight(contract, Viewer(everywhere=True))
    found = seen_why(sight, folded, past) if past else None
    if found is None or past is None:
        raise Unknown(f"Belum pernah ada baris {entity} dengan kunci itu.")
    return sight, past.address, found


def _show_field(found: "FieldWhy", zone: "ZoneInfo") -> None:
    rows = [("berlaku", *_origin(found.holds, zone))]
    rows += [("sumber lain", *_origin(each, zone)) for each in found.losers]
    rows += [(f"sejak {indonesian.moment(each.since, zone)}", *_origin(each.origin, zone)) for each in found.past]
    table(("", "Nilai", "Sumber", "Kejadian", "Diterima"), rows)


def _origin(origin: "Origin | None", zone: "ZoneInfo") -> tuple[str, str, str, str]:
    if origin is None:
        return ("–", "–", "–", "–")
    event = origin.event
    place = f"{event.topic}[{event.place.partition}]@{event.place.offset} {event.ce_id}"
    return (str(origin.value), origin.source, place, indonesian.moment(event.went_in_at, zone))

"""`simpul check`: whether what the hub has promised holds in its tables."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from base import indonesian
from cli import settings
from cli.main import DONE, REFUSED
from cli.screen import table, tell
from cli.stack.roles import OWNER


def check(as_json: Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")] = False) -> None:
    """Memeriksa apakah semua pesan tercatat tepat sekali dan semua jumlah cocok. Membaca seluruh riwayat."""
    from hub_db import invariants
    from hub_db.connection import connect

    with connect(settings.dsn(settings.load().home, OWNER), process="simpul-check") as conn:
        found = invariants.check(conn)
    broken = [each for each in found if each.breaches]
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
    else:
        rows = [(each.invariant, each.title, indonesian.number(each.breaches)) for each in found]
        table(("Janji", "Yang diperiksa", "Pelanggaran"), rows)
        tell("Ada janji yang tidak ditepati." if broken else "Semua janji ditepati.")
    raise typer.Exit(REFUSED if broken else DONE)

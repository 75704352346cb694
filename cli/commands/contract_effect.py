"""`simpul contract effect …`: what a contract file would do to the stored rows of a running hub."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from base.indonesian import number
from cli import settings
from cli.screen import table

if TYPE_CHECKING:
    from registry.governance.effect import Effect


def effect_of_file(
    file: Annotated[Path, typer.Argument(metavar="BERKAS", help="Berkas .avsc.", exists=True, dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")] = False,
) -> None:
    """Menghitung dampak berkas kontrak pada data yang tersimpan, sebelum disetujui."""
    from base import instance
    from registry.governance.effect import effect_of
    from registry.governance.effect_reading import ROLE, in_force, snapshot
    from schemas.loader import load

    told = settings.load()
    here = instance.load(told.instance)
    new = load(file.resolve(), here)
    now = datetime.now(UTC)
    with snapshot(settings.dsn(told.home, ROLE)) as conn:
        old = in_force(conn, new)
        found = effect_of(conn, old, new, accepted_on=now.astimezone(here.zone).date(), now=now)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        show(found)


def show(found: "Effect") -> None:
    for line in _lines(found):
        typer.echo(line)
    rows = [
        (
            change.place,
            change.kind,
            change.what,
            f"{number(change.rows)} {'ditolak' if change.severity == 'error' else 'diperingatkan'}",
        )
        for change in found.changes
    ]
    if rows:
        table(("Tempat", "Jenis", "Yang berubah", "Baris"), rows)
    for change in found.changes:
        for row in change.sample:
            typer.echo(f"  {change.place}: " + ", ".join(f"{name} {value}" for name, value in row.items()))


def _lines(found: "Effect") -> Iterator[str]:
    yield (
        f"{found.document}: {number(found.rows)} baris {found.entity} tersimpan, {number(found.newly)} akan ditolak"
        f" karena perubahan ini, {number(found.refused)} karena sebab apa pun."
    )
    letters = found.letters
    if letters.open:
        yield (
            f"Kejadian yang dikembalikan dan belum selesai: {number(letters.open)}; dari {number(letters.judged)} yang"
            f" terbaru, {number(letters.passing)} akan diterima."
        )
    if found.touched:
        yield f"Isian yang berubah bagi pembaca: {', '.join(found.touched)}."
    for grant in found.grants:
        yield f"Hak Akses {grant.grant} ({grant.reader}) memakai {', '.join(grant.fields)}."
    for other in found.documents:
        yield f"{other.document} {other.how}: {', '.join(other.fields)}."

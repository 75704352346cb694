"""`simpul contract infer …`: a first draft of a contract out of a CSV file or a table of an office's database."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands import contract_draft as draft
from cli.screen import tell


def infer(
    source: Annotated[
        str, typer.Argument(metavar="SUMBER", help="Berkas CSV, atau alamat basis data (postgresql://…, mysql://…).")
    ],
    table: Annotated[
        str | None, typer.Option(help="Tabel, bila SUMBER basis data; boleh skema.tabel.", show_default=False)
    ] = None,
    opd: draft.Opd = None,
    document: draft.Document = None,
    doc: draft.Doc = None,
    entity: draft.Entity = None,
    owner: draft.Owner = None,
    deputy: draft.Deputy = None,
    contact: draft.Contact = None,
    legal_basis: draft.Basis = None,
    freshness: draft.Freshness = None,
    out: draft.Out = None,
) -> None:
    """Menulis rancangan kontrak dari data; setiap dugaan ditandai."""
    from dataclasses import replace

    from registry.drafting import guess, of_csv, of_table, schema_of

    if "://" in source and table is None:
        raise typer.BadParameter("Sebutkan tabelnya dengan --table.")
    columns = of_table(source, table) if "://" in source and table else of_csv(Path(source))
    fields, key = guess(columns)
    said = draft.answers(opd, document, doc, entity, owner, deputy, contact, legal_basis, freshness, out)
    if not key:
        tell("Tidak ada kolom yang tampak sebagai kunci: mohon tentukan contract.key sendiri.")
    said = replace(said, key=key or (fields[0]["name"],))
    draft.write(schema_of(said, fields), said, out)

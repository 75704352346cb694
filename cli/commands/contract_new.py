"""`simpul contract new`: asks, and writes the file of a new contract."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands import contract_draft as draft
from cli.screen import tell

if TYPE_CHECKING:
    from registry.drafting import FieldAnswer


def new(
    opd: draft.Opd = None,
    document: draft.Document = None,
    doc: draft.Doc = None,
    entity: draft.Entity = None,
    owner: draft.Owner = None,
    deputy: draft.Deputy = None,
    contact: draft.Contact = None,
    legal_basis: draft.Basis = None,
    freshness: draft.Freshness = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            help="Isian: nama:jenis:keterangan; jenis diakhiri ? bila boleh kosong. Boleh berulang.",
            show_default=False,
        ),
    ] = None,
    key: Annotated[list[str] | None, typer.Option(help="Isian kunci; boleh berulang.", show_default=False)] = None,
    out: draft.Out = None,
) -> None:
    """Menulis kontrak baru dari jawaban atas beberapa pertanyaan."""
    from dataclasses import replace

    from registry.drafting import schema_of

    said = draft.answers(opd, document, doc, entity, owner, deputy, contact, legal_basis, freshness)
    fields = [parsed(text) for text in field] if field else questioned()
    if not fields:
        raise typer.BadParameter("Kontrak perlu paling sedikit satu isian.")
    keys = tuple(key) if key else tuple(draft.asked(None, "Isian kunci (dipisah koma)", fields[0].name).split(","))
    said = replace(said, key=tuple(name.strip() for name in keys))
    draft.write(schema_of(said, fields), said, out)


def parsed(text: str) -> "FieldAnswer":
    """ "nik:nik:Nomor Induk Kependudukan", "telepon:telepon?:Nomor telepon"."""
    from registry.drafting import FieldAnswer

    name, _, rest = text.partition(":")
    word, _, doc = rest.partition(":")
    if not doc:
        raise typer.BadParameter(f"{text!r} tidak berbentuk nama:jenis:keterangan.")
    return FieldAnswer(name.strip(), known(word.strip().removesuffix("?")), doc.strip(), not word.strip().endswith("?"))


def known(word: str) -> str:
    from registry.drafting.types import words

    if word not in words():
        raise typer.BadParameter(f"Jenis {word!r} tidak dikenal; yang ada: {', '.join(words())}.")
    return word


def questioned() -> "list[FieldAnswer]":
    """The fields, one after the other; an empty name ends them."""
    from registry.drafting import FieldAnswer
    from registry.drafting.types import words

    tell(f"Jenis isian: {', '.join(words())}.")
    found: list[FieldAnswer] = []
    while True:
        name = draft.asked(None, "Nama isian (kosong: selesai)", "")
        if not name:
            return found
        word = draft.asked(None, "Jenis", name if name in words() else "teks")
        while word not in words():
            word = draft.asked(None, f"Jenis {word!r} tidak dikenal. Jenis", "teks")
        doc = draft.asked(None, "Keterangan", name.replace("_", " ").capitalize())
        found.append(FieldAnswer(name, word, doc, typer.confirm("Wajib diisi?", default=True, err=True)))

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

    said = draft.answers(opd, document, doc, entity, owner, deputy, contact, legal_basis, freshness, out)
    fields = _each_once([parsed(text) for text in field]) if field else questioned()
    if not fields:
        raise typer.BadParameter("Kontrak perlu paling sedikit satu isian.")
    said = replace(said, key=keyed(key, [each.name for each in fields]))
    draft.write(schema_of(said, fields), said, out)


def keyed(said: list[str] | None, names: list[str]) -> tuple[str, ...]:
    """The key fields, each of them one of the fields."""
    while True:
        told = said or draft.answered("Isian kunci (dipisah koma)", names[0]).split(",")
        found = tuple(dict.fromkeys(name.strip() for name in told))
        unknown = ", ".join(name for name in found if name not in names)
        if not unknown:
            return found
        wrong = f"Isian kunci {unknown} tidak ada; yang ada: {', '.join(names)}."
        if said:
            raise typer.BadParameter(wrong)
        tell(wrong)


def _each_once(fields: "list[FieldAnswer]") -> "list[FieldAnswer]":
    names = [field.name for field in fields]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise typer.BadParameter(f"Isian {doubled} disebut dua kali.")
    return fields


def parsed(text: str) -> "FieldAnswer":
    """ "nik:nik:Nomor Induk Kependudukan", "telepon:telepon?:Nomor telepon"."""
    from registry.drafting import FieldAnswer

    name, _, rest = text.partition(":")
    word, _, doc = rest.partition(":")
    if not doc:
        raise typer.BadParameter(f"{text!r} tidak berbentuk nama:jenis:keterangan.")
    name = draft.asked(name.strip(), f"Isian {name.strip()!r}", form="SnakeName")
    return FieldAnswer(name, known(word.strip().removesuffix("?")), doc.strip(), not word.strip().endswith("?"))


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
        name = draft.answered("Nama isian (kosong: selesai)", "")
        if not name:
            return found
        if name in {each.name for each in found}:
            tell(f"Isian {name} sudah ada.")
            continue
        if not draft.fits(name, "SnakeName"):
            continue
        word = draft.answered("Jenis", name if name in words() else "teks")
        while word not in words():
            word = draft.answered(f"Jenis {word!r} tidak dikenal. Jenis", "teks")
        doc = draft.answered("Keterangan", name.replace("_", " ").capitalize())
        found.append(FieldAnswer(name, word, doc, draft.agreed("Wajib diisi?")))

"""What `contract new` and `contract infer` have in common: who the document belongs to, and writing the file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import settings
from cli.screen import tell

if TYPE_CHECKING:
    from registry.drafting import Answers

Opd = Annotated[str | None, typer.Option(help="Kode OPD pemilik dokumen.", show_default=False)]
Document = Annotated[str | None, typer.Option(help="Nama dokumen: huruf kecil dan tanda hubung.", show_default=False)]
Doc = Annotated[str | None, typer.Option(help="Satu kalimat: apa isi dokumen ini.", show_default=False)]
Entity = Annotated[str | None, typer.Option(help="Entitas rujukan; bawaan: nama dokumen.", show_default=False)]
Owner = Annotated[str | None, typer.Option(help="Unit pemilik data, bukan nama orang.", show_default=False)]
Deputy = Annotated[str | None, typer.Option(help="Unit pengganti pemilik.", show_default=False)]
Contact = Annotated[str | None, typer.Option(help="Surel dinas narahubung.", show_default=False)]
Basis = Annotated[str | None, typer.Option("--legal-basis", help="Dasar hukum.", show_default=False)]
Freshness = Annotated[str | None, typer.Option(help="Janji pembaruan, misalnya P1D.", show_default=False)]
Out = Annotated[
    Path | None, typer.Option(help="Berkas tujuan; bawaan: <opd>/<dokumen>.avsc di folder kontrak.", show_default=False)
]
_REFUSED = 1


def asked(value: str | None, question: str, default: str | None = None) -> str:
    """What the option said, else what the person answers."""
    return value if value is not None else str(typer.prompt(question, default=default, err=True)).strip()


def answers(
    opd: str | None,
    document: str | None,
    doc: str | None,
    entity: str | None,
    owner: str | None,
    deputy: str | None,
    contact: str | None,
    legal_basis: str | None,
    freshness: str | None,
    *,
    key: tuple[str, ...] = (),
) -> "Answers":
    """The record, from options and questions, in the order in which the commands have them."""
    from registry.drafting import Answers

    opd = asked(opd, "Kode OPD")
    document = asked(document, "Nama dokumen (huruf kecil, tanda hubung)")
    return Answers(
        opd=opd,
        document=document,
        doc=asked(doc, "Isi dokumen dalam satu kalimat"),
        entity=asked(entity, "Entitas rujukan", document.replace("-", "_")),
        key=key,
        owner=asked(owner, "Unit pemilik data (bukan nama orang)"),
        deputy=asked(deputy, "Unit pengganti", "Sekretariat"),
        contact=asked(contact, "Surel dinas", f"data@{opd}.example"),
        legal_basis=asked(legal_basis, "Dasar hukum"),
        freshness=asked(freshness, "Janji pembaruan (P1D hari, P7D pekan, P31D bulan)", "P7D"),
    )


def write(schema: dict[str, Any], said: "Answers", out: Path | None) -> None:
    """Write the file, which must not be there, and say what the lint says of it; exit 1 when it refuses."""
    from base import instance
    from registry.artefacts.lint import is_refused, lint
    from registry.drafting import written

    told = settings.load()
    text = written(schema)
    found = lint(text, instance.load(told.instance), file=f"{said.opd}/{said.document}.avsc")
    path = out or told.contracts / said.opd / f"{said.document}.avsc"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        tell(f"{path} sudah ada dan tidak ditimpa. Sebutkan berkas lain dengan --out.")
        raise typer.Exit(_REFUSED) from None
    except OSError as error:
        raise typer.BadParameter(f"{path} tidak dapat ditulis: {error.strerror}.") from error
    typer.echo(str(path))
    for verdict in found:
        tell(verdict.words(str(path)))
    if is_refused(found):
        tell("Berkas itu belum dapat diterima: mohon perbaiki yang ditolak, lalu jalankan 'simpul contract lint'.")
        raise typer.Exit(_REFUSED)

"""What `contract new` and `contract infer` have in common: who the document belongs to, and writing the file."""

import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import settings
from cli.commands import contract_lint
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
_REFUSED, _INTERRUPTED = 1, 130
# What an answer must look like: a word of `schemas.attributes`, and how people are told.
_FORMS = {
    "Slug": "3 sampai 24 huruf kecil atau angka, tanpa spasi; misalnya disdukcapil",
    "DashedName": "huruf kecil dan angka, dengan tanda hubung di antaranya; misalnya kartu-keluarga",
    "SnakeName": "huruf kecil dan angka, dengan garis bawah di antaranya; misalnya tanggal_lahir",
    "Duration": "satu angka dan satu satuan menurut ISO 8601; misalnya P1D atau P7D",
}


def asked(value: str | None, question: str, default: str | None = None, *, form: str = "") -> str:
    """What the option said, else what the person answers, who is asked again until it has the form."""
    if value is not None:
        if wrong := _wrong(value, form):
            raise typer.BadParameter(f"{question}: {wrong}.")
        return value
    while True:
        said = answered(question, default)
        if said and fits(said, form):
            return said


def fits(said: str, form: str) -> bool:
    """Whether an answer has the form; if not, the person is told what it needs."""
    wrong = _wrong(said, form)
    if wrong:
        tell(f"{wrong}.")
    return not wrong


def agreed(question: str) -> bool:
    """Yes or no; yes where nothing is said."""
    while True:
        said = answered(f"{question} [Y/t]", "y").lower()
        if said in {"y", "ya", "t", "tidak"}:
            return said.startswith("y")
        tell("Perlu y (ya) atau t (tidak).")


def answered(question: str, default: str | None) -> str:
    """One answer. Who stops there has nothing written."""
    # polars, once loaded, has Ctrl-C wait for the end of the line
    signal.siginterrupt(signal.SIGINT, True)  # noqa: FBT003
    try:
        return str(typer.prompt(question, default=default, err=True)).strip()
    except typer.Abort:
        tell("Dihentikan; tidak ada yang ditulis.")
        raise typer.Exit(_INTERRUPTED) from None


def _wrong(said: str, form: str) -> str:
    """What is wrong with an answer; "" when nothing is."""
    from pydantic import TypeAdapter, ValidationError

    from schemas import attributes

    if not form:
        return ""
    try:
        TypeAdapter(getattr(attributes, form)).validate_python(said)
    except ValidationError:
        return f"Perlu {_FORMS[form]}"
    return ""


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
    out: Path | None,
    *,
    key: tuple[str, ...] = (),
) -> "Answers":
    """The record, from options and questions, in the order in which the commands have them."""
    from registry.drafting import Answers

    opd = asked(opd, "Kode OPD", form="Slug")
    document = asked(document, "Nama dokumen (huruf kecil, tanda hubung)", form="DashedName")
    _must_be_free(_target(opd, document, out))
    return Answers(
        opd=opd,
        document=document,
        doc=asked(doc, "Isi dokumen dalam satu kalimat"),
        entity=asked(entity, "Entitas rujukan", document.replace("-", "_"), form="SnakeName"),
        key=key,
        owner=asked(owner, "Unit pemilik data (bukan nama orang)"),
        deputy=asked(deputy, "Unit pengganti", "Sekretariat"),
        contact=asked(contact, "Surel dinas", f"data@{opd}.example"),
        legal_basis=asked(legal_basis, "Dasar hukum"),
        freshness=asked(freshness, "Janji pembaruan (P1D hari, P7D pekan, P31D bulan)", "P7D", form="Duration"),
    )


def _target(opd: str, document: str, out: Path | None) -> Path:
    return out or settings.load().contracts / opd / f"{document}.avsc"


def _must_be_free(path: Path) -> None:
    if path.exists():
        tell(f"{path} sudah ada dan tidak ditimpa. Sebutkan berkas lain dengan --out.")
        raise typer.Exit(_REFUSED)


def write(schema: dict[str, Any], said: "Answers", out: Path | None) -> None:
    """Write the file, which must not be there, and say what the lint says of it; exit 1 when it refuses."""
    from base import instance
    from registry.artefacts.lint import is_refused, lint
    from registry.drafting import written

    told = settings.load()
    here = instance.load(told.instance)
    text = written(schema)
    others = contract_lint.others(told.contracts, here, [])
    found = lint(text, here, file=f"{said.opd}/{said.document}.avsc", others=others)
    path = _target(said.opd, said.document, out)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _must_be_free(path)
        _write_whole(path, text)
    except OSError as error:
        raise typer.BadParameter(f"{path} tidak dapat ditulis: {error.strerror}.") from error
    typer.echo(str(path))
    for verdict in found:
        tell(verdict.words(str(path)))
    if is_refused(found):
        tell("Berkas itu belum dapat diterima: mohon perbaiki yang ditolak, lalu jalankan 'simpul contract lint'.")
        raise typer.Exit(_REFUSED)


def _write_whole(path: Path, text: str) -> None:
    """Write a new file, all of it or nothing. Raises FileExistsError."""
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a handle has no path
            file.write(text)
        os.chmod(part, 0o644)  # noqa: PTH101 - mkstemp's own is for its owner alone
        os.link(part, path)  # unlike a rename it never writes over a file
    finally:
        Path(part).unlink()

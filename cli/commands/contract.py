"""`simpul contract …`: shows contracts and makes files from them, without a running hub."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import settings
from cli.commands import contract_effect, contract_infer, contract_lint, contract_new, contract_registry
from cli.screen import table, tell

if TYPE_CHECKING:
    from registry.artefacts import Hub
    from schemas.contract import Contract

app = typer.Typer(no_args_is_help=True)
app.command("lint", help="Memeriksa berkas kontrak; hasilnya sama dengan hasil pemeriksaan draf.")(
    contract_lint.lint_files
)
app.command("effect", help="Menghitung dampak berkas kontrak pada data yang tersimpan, sebelum disetujui.")(
    contract_effect.effect_of_file
)
app.command("new", help="Menulis kontrak baru dari jawaban atas beberapa pertanyaan.")(contract_new.new)
app.command("infer", help="Menulis rancangan kontrak dari data; setiap dugaan ditandai.")(contract_infer.infer)

app.command("pull", help="Menulis berkas kontrak dari versi yang berlaku di registri.")(contract_registry.pull)
app.command("push", help="Membuat rancangan di registri dari berkas kontrak.")(contract_registry.push)
app.command("diff", help="Menunjukkan dengan kata-kata beda berkas dari registri.")(contract_registry.diff)
app.command("import", help="Membuat rancangan dari setiap berkas kontrak di suatu folder.")(
    contract_registry.import_folder
)
app.command("drafts", help="Menunjukkan rancangan kontrak dan keadaannya.")(contract_registry.list_drafts)
app.command("submit", help="Mengajukan rancangan untuk persetujuan.")(contract_registry.submit)
app.command("approve", help="Menyetujui rancangan yang dibuat dan diajukan orang lain.")(contract_registry.approve)

Document = Annotated[
    str, typer.Argument(metavar="DOKUMEN", help="<opd>.<dokumen>, atau berkas .avsc; misalnya disdukcapil.penduduk.")
]
Version = Annotated[int, typer.Option(min=1, help="Nomor versi kontrak di registri, yang ditulis dalam berkas.")]


@app.command("show", help="Menunjukkan isi kontrak suatu dokumen; tanpa DOKUMEN, daftar semua dokumen.")
def show(
    document: Annotated[
        str, typer.Argument(metavar="[DOKUMEN]", help="<opd>.<dokumen> atau berkas .avsc.", show_default=False)
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")] = False,
) -> None:
    if document:
        show_one(contract_of(document), as_json=as_json)
        return
    found = all_contracts()
    if as_json:
        typer.echo(json.dumps([outline(each) for each in found], ensure_ascii=False, indent=2))
        return
    rows = [
        (each.name, each.entity, ", ".join(each.key), str(len(each.fields)), each.sensitivity, each.freshness)
        for each in found
    ]
    table(("Dokumen", "Entitas", "Kunci", "Isian", "Sensitivitas", "Janji"), rows)


@app.command("export", help="Membuat satu berkas dari kontrak: skema, API, kamus data, contoh, metadata.")
def export(
    format_name: Annotated[str, typer.Argument(metavar="BENTUK", help="Bentuk berkas; 'list' menunjukkan semuanya.")],
    document: Annotated[
        str, typer.Argument(metavar="[DOKUMEN]", help="<opd>.<dokumen> atau berkas .avsc.", show_default=False)
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="Berkas atau folder tujuan; bawaan: keluaran standar.", show_default=False)
    ] = None,
    version: Version = 1,
) -> None:
    from registry.artefacts import CATALOGUE_EXPORTS, EXPORTS, CatalogueExport, Edition, Export

    kinds: dict[str, Export | CatalogueExport] = {**EXPORTS, **CATALOGUE_EXPORTS}
    if format_name == "list":
        table(("Bentuk", "Isi", "Jenis"), [(name, each.title, each.media_type) for name, each in kinds.items()])
    elif format_name in CATALOGUE_EXPORTS:
        of_all = CATALOGUE_EXPORTS[format_name]
        found = [contract_of(document)] if document else all_contracts()
        write(of_all.make([Edition(each, hub(), version) for each in found]), of_all.file_name, out)
    elif format_name not in EXPORTS:
        raise typer.BadParameter(f"{format_name!r} tidak dikenal; yang ada: {', '.join(kinds)}.")
    elif not document:
        raise typer.BadParameter("Sebutkan dokumennya, misalnya disdukcapil.penduduk.")
    else:
        edition = Edition(contract_of(document), hub(), version)
        write(EXPORTS[format_name].make(edition), EXPORTS[format_name].file_name(edition), out)


def write(content: bytes, name: str, out: Path | None) -> None:
    """To a file, into a folder under its own name, or to standard output."""
    if out is None:
        typer.get_binary_stream("stdout").write(content)
        return
    target = out / name if out.is_dir() else out
    try:
        target.write_bytes(content)
    except OSError as error:
        raise typer.BadParameter(f"{target} tidak dapat ditulis: {error.strerror}.") from error
    tell(f"{target} ditulis ({len(content)} bita).")


def contract_of(document: str) -> "Contract":
    """The contract of `<opd>.<document>` in the folder of contracts, or of a file."""
    from base import instance
    from schemas.loader import file_of, load, load_document

    told = settings.load()
    here = instance.load(told.instance)
    path = Path(document)
    if path.suffix != ".avsc":
        if document in {each.nama for each in here.dokumen.turunan}:
            return load_document(told.contracts, document, here)
        path = file_of(told.contracts, document)
    if not path.is_file():
        raise typer.BadParameter(f"Kontrak {document} tidak ada; 'simpul contract show' menunjukkan yang ada.")
    return load(path, here)


def all_contracts() -> "list[Contract]":
    from base import instance
    from schemas.loader import load_all

    told = settings.load()
    return load_all(told.contracts, instance.load(told.instance))


def hub() -> "Hub":
    """The hub that the files name."""
    from base import instance
    from registry.artefacts import Hub

    return Hub(instance.load(settings.load().instance))


def show_one(contract: "Contract", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(contract.schema, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{contract.name}: {contract.doc}")
    typer.echo(f"Pemilik: {contract.owner}; pengganti: {contract.deputy or 'belum ada'}; janji: {contract.freshness}.")
    rows = [
        (
            field.name + (" (kunci)" if field.name in contract.key else ""),
            str(field.kind),
            "" if field.nullable else "wajib",
            field.format or (f"kode {field.codes}" if field.codes else "|".join(field.enum or ())),
            str(field.sensitivity) + ("‡" if field.specific else ""),
            field.doc,
        )
        for field in contract.fields
    ]
    table(("Isian", "Jenis", "Wajib", "Bentuk", "Sensitivitas", "Arti"), rows)
    for rule in (*contract.rules, *contract.checks):
        typer.echo(f"{rule.name} ({rule.severity}): {rule.message}")


def outline(contract: "Contract") -> dict[str, Any]:
    return {
        "document": contract.name,
        "entity": contract.entity,
        "key": list(contract.key),
        "fields": len(contract.fields),
        "sensitivity": str(contract.sensitivity),
        "freshness": contract.freshness,
        "owner": contract.owner,
        "topic": contract.topic,
    }

"""`simpul contract lint …`: the verdicts on contract files, as a draft gets them, without a running hub."""

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import settings
from cli.screen import tell

if TYPE_CHECKING:
    from base.instance import Instance
    from registry.artefacts.lint import Verdict
    from schemas.contract import Contract

_REFUSED = 1
_MOST_BYTES = 1_000_000  # more than the registry takes: what is longer is not read to its end


def lint_files(
    files: Annotated[
        list[Path], typer.Argument(metavar="BERKAS…", help="Satu berkas .avsc atau lebih.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")] = False,
) -> None:
    """Memeriksa berkas kontrak: isi, nama, sensitivitas, pemilik, dan yang tidak diterima hub."""
    from base import instance
    from registry.artefacts.lint import is_refused

    told = settings.load()
    here = instance.load(told.instance)
    known = others(told.contracts, here, files)
    found = {file: _verdicts(file, here, known) for file in files}
    if as_json:
        rows = [
            {
                "file": str(file),
                "line": verdict.line,
                "severity": str(verdict.severity),
                "code": verdict.code,
                "message": verdict.message,
            }
            for file, verdicts in found.items()
            for verdict in verdicts
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for file, verdicts in found.items():
            for verdict in verdicts:
                typer.echo(verdict.words(str(file)))
        refused = sum(is_refused(verdicts) for verdicts in found.values())
        told_of = sum(map(len, found.values()))
        tell(f"{len(files)} berkas diperiksa, {refused} ditolak, {told_of} catatan.")
    if any(is_refused(verdicts) for verdicts in found.values()):
        raise typer.Exit(_REFUSED)


def others(folder: Path, here: "Instance", files: list[Path]) -> "list[Contract] | None":
    """The contracts of the folder and of the files, as far as they can be read; None where there is no folder."""
    from schemas.errors import ContractError
    from schemas.loader import load, load_document

    if not folder.is_dir():
        return None
    found: dict[str, Contract] = {}
    for told in here.dokumen.turunan:
        with suppress(ContractError):
            found[told.nama] = load_document(folder, told.nama, here)
    for path in [*sorted(folder.glob("*/*.avsc")), *files]:
        try:
            contract = load(path, here)
        except ContractError:
            continue  # a file that is asked about gets its verdicts, another one is another's
        found[contract.name] = contract
    return list(found.values())


def _verdicts(file: Path, here: "Instance", known: "list[Contract] | None") -> "list[Verdict]":
    from registry.artefacts.lint import lint, unreadable_file

    try:
        with file.open("rb") as source:
            content = source.read(_MOST_BYTES + 1)
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "bukan teks UTF-8"
        return [unreadable_file(reason or "tidak dapat dibuka")]
    return lint(text, here, file=f"{file.resolve().parent.name}/{file.name}", others=known)

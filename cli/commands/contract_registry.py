"""`simpul contract pull|push|diff|import|drafts|submit|approve`: contracts between files and the registry, which is the
truth once it is seeded."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import settings
from cli.hub_access import HubAccess, acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from base.instance import Instance
    from registry.governance.drafts import Draft
    from registry.versions import Version
    from schemas.contract import Contract

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Documents = Annotated[
    list[str] | None,
    typer.Argument(metavar="[DOKUMEN…]", help="<opd>.<dokumen>; tanpa DOKUMEN, semuanya.", show_default=False),
]
Number = Annotated[int, typer.Argument(metavar="NOMOR", min=1, help="Nomor rancangan, seperti pada daftar.")]
HOLDS_WITHIN_S = 15.0  # the process of jobs looks each second, and may wait for a table a few times
LOOK_EVERY_S = 0.5


def pull(documents: Documents = None) -> None:
    """Menulis berkas kontrak dari versi yang berlaku di registri."""
    from base import instance
    from schemas.loader import file_of

    told = settings.load()
    here = instance.load(told.instance)
    with acting(told) as hub:
        found = registered(hub, documents)
    if not found:
        tell("Registri belum mempunyai kontrak.")
    for name, version in found.items():
        path = file_of(told.contracts, name)
        schema = json.loads(version.schema_text)
        if held(told.contracts, name, here) == schema:
            tell(f"{name}: berkas sudah sama dengan versi {version.version}.")
            continue
        write(path, schema)
        typer.echo(str(path))
        tell(f"{name}: berkas kini berisi versi {version.version}.")


def push(
    document: Annotated[str, typer.Argument(metavar="DOKUMEN", help="<opd>.<dokumen>, atau berkas .avsc.")],
    submit_too: Annotated[bool, typer.Option("--submit", help="Sekaligus mengajukannya untuk persetujuan.")] = False,
) -> None:
    """Membuat rancangan di registri dari berkas kontrak; yang sudah berlaku tidak dibuatkan rancangan."""
    from cli.commands.contract import contract_of

    contract = contract_of(document)
    with acting() as hub:
        draft = drafted(hub, contract)
        if draft is not None and submit_too and draft.state == "open":
            send(hub, int(draft.id))
    if draft is None:
        tell(f"{contract.name}: isi berkas sudah berlaku; tidak ada rancangan yang dibuat.")
        return
    typer.echo(str(draft.id))
    tell(f"{contract.name}: rancangan {draft.id}{' diajukan' if submit_too else ''}, {way_of(draft)}.")


def diff(documents: Documents = None, as_json: AsJson = False) -> None:
    """Menunjukkan dengan kata-kata apa yang berubah bila berkas menggantikan versi di registri."""
    from cli.commands.contract import all_contracts, contract_of
    from registry.governance.differences import differences

    contracts = [contract_of(each) for each in documents] if documents else all_contracts()
    with acting() as hub:
        found = registered(hub, [each.name for each in contracts])
    told = {
        each.name: differences(
            json.loads(found[each.name].schema_text) if each.name in found else None, dict(each.schema)
        )
        for each in contracts
    }
    if as_json:
        rows = [
            {"document": name, "sentence": each.sentence, "effect": str(each.effect)}
            for name, changes in told.items()
            for each in changes
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for name, changes in told.items():
        version = f"versi {found[name].version}" if name in found else "belum ada di registri"
        if changes:
            typer.echo(f"{name} ({version}):")
            for each in changes:
                typer.echo(f"  {each.sentence}")
    same = sum(not changes for changes in told.values())
    tell(f"{len(told)} berkas dibandingkan dengan registri, {same} sama.")


def import_folder(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder berisi <opd>/<dokumen>.avsc.")],
) -> None:
    """Membuat rancangan dari setiap berkas kontrak di suatu folder, semuanya atau tidak satu pun."""
    from base import instance
    from schemas.loader import load_all

    if not any(folder.glob("*/*.avsc")):
        raise typer.BadParameter(f"{folder} tidak berisi berkas <opd>/<dokumen>.avsc.")
    contracts = load_all(folder, instance.load(settings.load().instance))
    with acting() as hub:
        made = [(contract.name, drafted(hub, contract)) for contract in contracts]
    rows = [(name, "sudah berlaku" if draft is None else str(draft.id)) for name, draft in made]
    table(("Dokumen", "Rancangan"), rows)


def list_drafts(
    state: Annotated[str, typer.Option(help="open, submitted, approved, atau withdrawn.")] = "",
    as_json: AsJson = False,
) -> None:
    """Menunjukkan rancangan kontrak dan keadaannya."""
    from base import indonesian
    from identity.opds import EVERYWHERE
    from registry.governance import drafts

    if state and state not in set(drafts.State):
        raise typer.BadParameter(f"{state!r} bukan keadaan; yang ada: {', '.join(drafts.State)}.")
    with acting() as hub:
        found = drafts.every(hub.conn, EVERYWHERE, state=drafts.State(state) if state else None)
        zone = hub.zone
    if as_json:
        typer.echo(json.dumps([outline(each) for each in found], ensure_ascii=False, indent=2))
    elif found:
        rows = [
            (str(each.id), each.document, said(each), each.author, indonesian.moment(each.created_at, zone))
            for each in found
        ]
        table(("No.", "Dokumen", "Keadaan", "Pembuat", "Dibuat"), rows)
    else:
        tell("Tidak ada rancangan.")


def submit(number: Number) -> None:
    """Mengajukan rancangan untuk persetujuan."""
    with acting() as hub:
        send(hub, number)
    tell(f"Rancangan {number} diajukan.")


def approve(number: Number, reason: Annotated[str, typer.Option(help="Alasan, paling sedikit 10 huruf.")]) -> None:
    """Menyetujui rancangan yang dibuat dan diajukan orang lain, lalu menunggu sampai versinya berlaku."""
    from registry.governance import review

    with acting() as hub:
        review.approve(hub.conn, number, reason, by=hub.by, instance=hub.instance, now=hub.now)
    deadline = time.monotonic() + HOLDS_WITHIN_S
    draft = standing(number)
    while draft.version is None and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
        draft = standing(number)
    if draft.version is None:
        why = draft.trouble or "Proses jobs belum menerapkannya."
        tell(f"Rancangan {number} disetujui, tetapi versinya belum berlaku. {why}")
        return
    typer.echo(str(draft.version))
    tell(f"Rancangan {number} berlaku sebagai versi {draft.version} dari {draft.document}.")


def registered(hub: HubAccess, documents: list[str] | None) -> "dict[str, Version]":
    """The newest version of each document, by its name; those asked for that are none are left out."""
    from registry import versions
    from registry.governance.governed import document_of
    from registry.versions import NEWEST, Wanted
    from schemas.names import SubjectName

    subjects = versions.subjects(hub.conn, "opd.", Wanted())
    if documents:
        subjects = [subject for subject in subjects if document_of(subject) in documents]
    found = {document_of(each): versions.at(hub.conn, SubjectName(each), NEWEST) for each in subjects}
    return {name: version for name, version in found.items() if version is not None}


def drafted(hub: HubAccess, contract: "Contract") -> "Draft | None":
    """The draft of a contract, made if there is none; None when the contract holds already."""
    from registry import registration, scopes, versions
    from registry.governance import drafts
    from registry.schema_text import parse

    parsed = parse(json.dumps(contract.schema, ensure_ascii=False, indent=2))
    parsed = registration.completed(parsed, scopes.effective(hub.conn, contract.subject))
    found = versions.registered(hub.conn, contract.subject, parsed)
    newest = versions.at(hub.conn, contract.subject, versions.NEWEST)
    if found is not None and newest is not None and found.version == newest.version:
        return None
    return drafts.find_or_make(hub.conn, contract.subject, parsed, by=hub.by, now=hub.now)


def send(hub: HubAccess, number: int) -> None:
    from registry.governance import review

    review.submit(hub.conn, number, walidata=hub.instance.sop.walidata, by=hub.by, now=hub.now)


def standing(number: int) -> "Draft":
    from identity.opds import EVERYWHERE
    from registry.errors import DraftRefused
    from registry.governance import drafts

    with acting() as hub:
        found = drafts.find(hub.conn, EVERYWHERE, number)
    if found is None:
        raise DraftRefused(f"Rancangan nomor {number} tidak ada.")
    return found


def held(folder: Path, name: str, here: "Instance") -> object:
    """The contract's JSON as the files and the instance have it; None where they have none that can be read."""
    from schemas.errors import ContractError
    from schemas.loader import load_document

    try:
        return load_document(folder, name, here).schema
    except ContractError:
        return None


def write(path: Path, schema: object) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{json.dumps(schema, ensure_ascii=False, indent=2)}\n", encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{path} tidak dapat ditulis: {error.strerror}.") from error


def way_of(draft: "Draft") -> str:
    """Where people find the draft."""
    from registry.governance.governed import DRAFTS_WAY

    told = settings.load()
    return f"{(told.public_url or '').rstrip('/')}{DRAFTS_WAY}/{draft.id}"


def said(draft: "Draft") -> str:
    words = {"open": "terbuka", "submitted": "diajukan", "approved": "disetujui", "withdrawn": "ditarik"}
    return f"versi {draft.version}" if draft.version else words[draft.state]


def outline(draft: "Draft") -> dict[str, object]:
    return {
        "number": draft.id,
        "document": draft.document,
        "subject": draft.subject,
        "state": str(draft.state),
        "author": draft.author,
        "created_at": draft.created_at.isoformat(),
        "submitted_by": draft.submitted_by,
        "approved_by": draft.approved_by,
        "version": draft.version,
        "trouble": draft.trouble,
    }

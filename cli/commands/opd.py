"""`simpul opd …`: the agencies and their systems."""

import json
from typing import Annotated, Any

import typer

from cli.hub_access import acting
from cli.screen import table, tell

app = typer.Typer(no_args_is_help=True)

Code = Annotated[str, typer.Argument(metavar="OPD", help="Kode OPD, misalnya disdukcapil.")]
System = Annotated[str, typer.Argument(metavar="SISTEM", help="Kode sistem, misalnya siak.")]
AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]


@app.command("list", help="Menunjukkan OPD.")
def list_opds(as_json: AsJson = False) -> None:
    from identity.opds import opds

    with acting() as hub:
        found = opds(hub.conn)
    if as_json:
        show([{name: getattr(each, name) for name in each.__slots__} for each in found])
    else:
        rows = [(each.code, each.name, each.short_name, state(active=each.active)) for each in found]
        table(("Kode", "Nama", "Singkatan", "Keadaan"), rows)


@app.command("add", help="Menambah OPD yang tidak ada dalam instansi.toml.")
def add_opd(
    code: Code,
    name: Annotated[str, typer.Option(help="Nama lengkap.")],
    short_name: Annotated[str, typer.Option("--short-name", help="Singkatan.")],
) -> None:
    from identity.opds import OpdSeed
    from identity.opds import add_opd as add

    with acting() as hub:
        add(hub.conn, OpdSeed(code, name, short_name), by=hub.by, now=hub.now)
    tell(f"OPD {code} ditambahkan.")


@app.command("disable", help="Menonaktifkan OPD: tanpa peran baru, dan token layanannya berhenti.")
def disable_opd(code: Code) -> None:
    switch(code, active=False)


@app.command("enable", help="Mengaktifkan kembali OPD.")
def enable_opd(code: Code) -> None:
    switch(code, active=True)


@app.command("systems", help="Menunjukkan sistem tiap OPD.")
def list_systems(as_json: AsJson = False) -> None:
    from identity.opds import systems

    with acting() as hub:
        found = systems(hub.conn)
    if as_json:
        show([{name: getattr(each, name) for name in each.__slots__} for each in found])
    elif found:
        rows = [(each.opd, each.code, each.name, state(active=each.active)) for each in found]
        table(("OPD", "Sistem", "Nama", "Keadaan"), rows)
    else:
        tell("Belum ada sistem. Tambahkan dengan './simpul opd add-system'.")


@app.command("add-system", help="Menambah sistem pada suatu OPD, agar dapat diberi token layanan.")
def add_system(code: Code, system: System, name: Annotated[str, typer.Option(help="Nama sistem.")]) -> None:
    from identity.opds import add_system as add

    with acting() as hub:
        add(hub.conn, code, system, name, by=hub.by, now=hub.now)
    tell(f"Sistem {system} ditambahkan pada {code}.")


def switch(code: str, *, active: bool) -> None:
    from identity.opds import switch_opd

    with acting() as hub:
        switch_opd(hub.conn, code, active=active, by=hub.by, now=hub.now)
    tell(f"OPD {code} {state(active=active)}.")


def state(*, active: bool) -> str:
    return "aktif" if active else "tidak aktif"


def show(content: Any) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))

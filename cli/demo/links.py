"""How one signs in to the demo: a link for each role, good for as long as the demo runs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli import preparation, settings
from cli.hub_access import acting, link_url
from cli.screen import table
from cli.settings import Settings
from cli.stack.errors import StackUnreachable
from cli.stack.layout import write_private

if TYPE_CHECKING:
    from base.instance import Instance
    from identity.permissions import Role


def place(told: Settings) -> Path:
    """Where the links of the demo that runs are kept, for its owner's eyes."""
    return told.home / "demo-links.json"


def make(told: Settings) -> None:
    """Mark the database as a demo's, put one person for each role in it, and keep their links."""
    from hub_db.connection import connect, transaction
    from identity.demo import demo_links, mark_as_demo

    owner = connect(settings.dsn(told.home, preparation.OWNER), process="simpul-demo")
    try:
        with transaction(owner):
            mark_as_demo(owner)
    finally:
        owner.close()
    with acting(told) as hub:
        made = demo_links(hub.conn, offices(hub.instance), zone=hub.zone, now=hub.now)
    rows = [
        {"role": each.role, "title": each.title, "opd": each.opd, "link": link_url(told, each.token)} for each in made
    ]
    write_private(place(told), json.dumps(rows, ensure_ascii=False, indent=2))


def of_operator(told: Settings) -> str:
    """The link of whoever watches the exchange."""
    from identity.permissions import Role

    rows = json.loads(place(told).read_text(encoding="utf-8"))
    return str(next(row["link"] for row in rows if row["role"] == Role.OPERATOR))


def offices(instance: "Instance") -> "list[tuple[Role, str]]":
    """Each role in an agency where it makes sense: those of agencies at the one that sends residents, a reader at one
    that sends nothing here, the auditor at the inspectorate if there is one."""
    from base.instance_tables import Kind
    from cli.demo.plan import REGIONS, RESIDENTS
    from identity.permissions import Role

    regions, residents = (document.partition(".")[0] for document in (REGIONS, RESIDENTS))
    walidata = instance.sop.walidata
    watching = [each.kode for each in instance.opd if each.jenis is Kind.INSPEKTORAT]
    reading = [each.kode for each in instance.opd if each.kode not in (*watching, regions, residents, walidata)]
    at: dict[Role, list[str]] = {
        Role.OPD_ADMIN: [residents],
        Role.OPD_PROGRAMMER: [residents],
        Role.READER: reading,
        Role.AUDITOR: watching,
    }
    return [(role, (at.get(role) or [walidata])[0]) for role in Role]


def show(told: Settings, *, as_json: bool = False) -> None:
    """Print the links of the demo that runs. Raises StackUnreachable when none was started."""
    if not place(told).exists():
        raise StackUnreachable("Peragaan belum dijalankan. Jalankan dengan './simpul demo'.")
    text = place(told).read_text(encoding="utf-8")
    if as_json:
        typer.echo(text)
        return
    rows = [(each["title"], each["opd"], each["link"]) for each in json.loads(text)]
    table(("Masuk sebagai", "OPD", "Tautan"), rows)

"""`simpul people …`: accounts, roles, delegates, and the links by which people get in."""

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import indonesian
from cli import settings
from cli.hub_access import HubAccess, acting, link_url
from cli.screen import table, tell

if TYPE_CHECKING:
    from identity.people import Held, Person

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAMA", help="Nama masuk, misalnya siti.aminah.")]
Role = Annotated[str, typer.Argument(metavar="PERAN", help="Kode peran, misalnya opd_admin.")]
Opd = Annotated[str, typer.Argument(metavar="OPD", help="Kode OPD, misalnya disdukcapil.")]
AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]


@app.command("list", help="Menunjukkan pengguna dan perannya.")
def list_people(
    search: Annotated[str | None, typer.Option(help="Hanya yang namanya memuat kata ini.")] = None,
    as_json: AsJson = False,
) -> None:
    from identity.opds import EVERYWHERE
    from identity.people import PAGE, people

    found: list[Person] = []
    with acting() as hub:
        while page := people(hub.conn, EVERYWHERE, search=search, after=found[-1].name if found else ""):
            found += page
            if len(page) < PAGE:
                break
        today = hub.today
    if as_json:
        show([description(each, today) for each in found])
    elif found:
        table(
            ("Nama masuk", "Nama", "Jabatan", "Peran", "Keadaan"),
            [(each.name, each.shown_name, each.office, roles(each.held, today), state(each)) for each in found],
        )
    else:
        tell("Belum ada pengguna. Undang dengan './simpul people invite'.")


@app.command("invite", help="Membuat akun dan mencetak tautan sekali pakai untuk pemiliknya.")
def invite(
    name: Name,
    shown_name: Annotated[str, typer.Option("--shown-name", help="Nama yang ditampilkan.")],
    office: Annotated[str, typer.Option(help="Jabatan.")],
    email: Annotated[str | None, typer.Option(help="Alamat surel untuk pemberitahuan.")] = None,
    phone: Annotated[str | None, typer.Option(help="Nomor telepon.")] = None,
    as_json: AsJson = False,
) -> None:
    from identity.links import Purpose, issue_link
    from identity.people import NewPerson, add_person

    with acting() as hub:
        new = NewPerson(name, shown_name, office, email, phone)
        number = add_person(hub.conn, new, by=hub.by, now=hub.now)
        token = issue_link(hub.conn, number, Purpose.INVITATION, by=hub.by, now=hub.now)
    tell(f"Akun {name} dibuat. Beri peran dengan './simpul people appoint'.")
    show_link(hub, name, token, as_json=as_json)


@app.command("link", help="Mencetak tautan baru: undangan yang hilang, atau kata sandi yang lupa.")
def new_link(name: Name, as_json: AsJson = False) -> None:
    from identity.links import invite_again
    from identity.people import find_person

    with acting() as hub:
        token = invite_again(hub.conn, find_person(hub.conn, name).id, by=hub.by, now=hub.now)
    show_link(hub, name, token, as_json=as_json)


@app.command("first-administrator", help="Mencetak tautan administrator pertama, selama belum ada administrator.")
def print_first_administrator() -> None:
    from cli.founding import first_administrator
    from identity.errors import NotAllowed

    url = first_administrator(settings.load())
    if url is None:
        raise NotAllowed("Sudah ada administrator. Gunakan './simpul people link NAMA' untuk tautan baru.")
    typer.echo(url)


@app.command("appoint", help="Memberi peran pada suatu OPD; sesi orang itu berakhir.")
def appoint_person(
    name: Name,
    role: Role,
    opd: Opd,
    from_on: Annotated[str | None, typer.Option("--from", help="Hari pertama; bawaan: hari ini.")] = None,
    until_on: Annotated[str | None, typer.Option("--until", help="Hari terakhir; wajib untuk Plt. dan Plh.")] = None,
    acting_as: Annotated[str | None, typer.Option("--acting", help="Plt. atau Plh., bila sebagai pengganti.")] = None,
    letter: Annotated[str | None, typer.Option(help="Nomor surat penugasan; wajib untuk Plt. dan Plh.")] = None,
) -> None:
    from identity.appointments import NewAppointment, appoint
    from identity.people import find_person
    from identity.permissions import Role as Known

    if role not in list(Known):
        raise typer.BadParameter(f"Peran {role!r} tidak dikenal. Yang ada: {', '.join(Known)}.")
    start, end = day(from_on), day(until_on)
    with acting() as hub:
        new = NewAppointment(Known(role), opd, start or hub.today, end, stand_in(acting_as), letter)
        appoint(hub.conn, find_person(hub.conn, name).id, new, by=hub.by, now=hub.now)
    tell(f"{name} memegang peran {role} pada {opd}.")


@app.command("dismiss", help="Mengakhiri peran pada suatu OPD sekarang juga; sesi orang itu berakhir.")
def dismiss_person(name: Name, role: Role, opd: Opd) -> None:
    from identity.appointments import dismiss
    from identity.errors import Unknown
    from identity.people import find_person

    with acting() as hub:
        person = find_person(hub.conn, name)
        held = [each for each in person.held if (each.role, each.opd) == (role, opd)]
        if not held:
            raise Unknown(f"{name} tidak memegang peran {role} pada {opd}.")
        for each in held:
            dismiss(hub.conn, person.id, each.id, by=hub.by, now=hub.now)
    tell(f"Peran {role} pada {opd} diakhiri untuk {name}.")


@app.command("disable", help="Menutup akun: sesi, tautan, dan perangkat yang dikenal dihapus.")
def disable_person(name: Name) -> None:
    from identity.appointments import disable
    from identity.people import find_person

    with acting() as hub:
        disable(hub.conn, find_person(hub.conn, name).id, by=hub.by, now=hub.now)
    tell(f"Akun {name} ditutup.")


@app.command("enable", help="Membuka kembali akun yang ditutup, dengan peran dan kata sandi yang dulu.")
def enable_person(name: Name) -> None:
    from identity.appointments import enable
    from identity.people import find_person

    with acting() as hub:
        enable(hub.conn, find_person(hub.conn, name).id, by=hub.by, now=hub.now)
    tell(f"Akun {name} dibuka kembali.")


@app.command("forget-second-factor", help="Menghapus verifikasi dua langkah dari orang yang kehilangan alatnya.")
def forget_second_factor(name: Name) -> None:
    from identity.people import find_person
    from identity.second_factor import remove

    with acting() as hub:
        remove(hub.conn, find_person(hub.conn, name).id, by=hub.by, now=hub.now)
    tell(f"Verifikasi dua langkah {name} dihapus; orang itu mengaktifkannya lagi setelah masuk.")


def show_link(hub: HubAccess, name: str, token: str, *, as_json: bool) -> None:
    """The link on standard output, what to know about it beside it."""
    url = link_url(hub.told, token)
    if as_json:
        show({"name": name, "link": url})
    else:
        typer.echo(url)
        tell("Tautan ini berlaku 72 jam dan sekali pakai. Sampaikan hanya kepada pemilik akun.")


def day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"{text!r} bukan tanggal. Tulis seperti 2026-03-17.") from None


def stand_in(text: str | None) -> Any:
    if text not in (None, "Plt.", "Plh."):
        raise typer.BadParameter("--acting adalah Plt. atau Plh.")
    return text


def roles(held: "Sequence[Held]", today: date) -> str:
    """ "opd_admin@dinkes, Plh. kabid_aptika@kominfo s.d. 9 Januari 2026"."""
    parts = []
    for each in held:
        text = f"{each.acting} " if each.acting else ""
        text += f"{each.role}@{each.opd}"
        if each.from_on > today:
            text += f" mulai {indonesian.day(each.from_on)}"
        if each.until_on is not None:
            text += f" s.d. {indonesian.day(each.until_on)}"
        parts.append(text)
    return ", ".join(parts) or "–"


def state(person: "Person") -> str:
    if person.disabled_at is not None:
        return "ditutup"
    return "aktif" if person.has_password else "diundang"


def description(person: "Person", today: date) -> dict[str, Any]:
    return {
        "name": person.name,
        "shown_name": person.shown_name,
        "office": person.office,
        "email": person.email,
        "phone": person.phone,
        "disabled": person.disabled_at is not None,
        "has_password": person.has_password,
        "second_factor": person.has_second_factor,
        "roles": [
            {
                "role": each.role,
                "opd": each.opd,
                "acting": each.acting,
                "letter": each.letter,
                "from": each.from_on.isoformat(),
                "until": each.until_on.isoformat() if each.until_on else None,
                "in_force": each.in_force(today),
            }
            for each in person.held
        ],
    }


def show(content: Any) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))

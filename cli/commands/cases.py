"""`simpul cases …`: where the integration requests stand, who has to act and until when, and what happened to one."""

import json
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from base import indonesian
from cli.commands.case_acts import act, begin
from cli.hub_access import acting
from cli.screen import table, tell

if TYPE_CHECKING:
    from sop.events import Event
    from sop.forecasting import Forecast
    from sop.papers import Rendered
    from sop.reading import Standing

app = typer.Typer()
app.command("begin", help="Membuat rancangan permohonan, atas nama Admin OPD yang masuk.")(begin)
app.command("act", help="Melakukan satu langkah atas nama Anda, atau menunjukkan yang terbuka bagi Anda.")(act)

AsJson = Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")]
Output = Annotated[Path, typer.Option(help="Berkas yang ditulis.", dir_okay=False)]
Overwrite = Annotated[bool, typer.Option(help="Timpa berkas yang sudah ada.")]
_Form = TypeVar("_Form", bound=StrEnum)
_REFUSED = 1  # exit code
HOLDERS = {"opd": "OPD", "kominfo": "Kominfo"}


@app.callback()
def everything() -> None:
    """Permohonan integrasi: posisi tiap permohonan pada 12 tahap, dan riwayatnya."""


@app.command("list", help="Menunjukkan posisi permohonan integrasi: tahap, pemegang, dan tenggatnya.")
def list_cases(
    as_json: AsJson = False,
    everything: Annotated[bool, typer.Option("--all", help="Juga yang selesai dan yang dibatalkan.")] = False,
) -> None:
    from hub_db.calendar import working_calendar
    from identity.opds import EVERYWHERE
    from sop.boards import cases
    from sop.procedure import book
    from sop.reading import ALL, OPEN_STATES, standing

    with acting() as hub:
        calendar = working_calendar(hub.conn, hub.instance)
        states = ALL if everything else OPEN_STATES
        found = [standing(case, hub.today, calendar, book()) for case in cases(hub.conn, EVERYWHERE, states)]
    if as_json:
        _show([asdict(each) for each in found])
    elif found:
        table(("Nomor", "OPD", "Keadaan", "Tahap", "Putaran", "Pemegang", "Tenggat", "Sisa"), [*map(_line, found)])
    else:
        tell("Tidak ada permohonan integrasi.")


@app.command("show", help="Menunjukkan satu permohonan: posisinya, dan semua yang telah terjadi.")
def show_one(
    number: Annotated[str, typer.Argument(metavar="NOMOR", help="Misalnya PI-2026-0001.")], as_json: AsJson = False
) -> None:
    from hub_db.calendar import working_calendar
    from sop.boards import durations
    from sop.forecasting import forecast
    from sop.procedure import book
    from sop.reading import standing
    from sop.store import events_of, find

    with acting() as hub:
        case, calendar = find(hub.conn, number), working_calendar(hub.conn, hub.instance)
        found = standing(case, hub.today, calendar, book())
        past = durations(hub.conn, case.procedure)
        ahead = forecast(case, hub.today, calendar, book().of(case.procedure), past)
        events = events_of(hub.conn, number)
    if as_json:
        _show(asdict(found) | {"forecast": ahead and asdict(ahead), "events": [asdict(each) for each in events]})
        return
    typer.echo(f"{found.number}: {found.opd}, {', '.join(found.documents)}")
    typer.echo(
        f"Umur {found.age} hari kerja: {found.days_at_opd} di OPD, {found.days_at_kominfo} di Kominfo, "
        f"{found.days_held} ditahan; dikembalikan {found.returns} kali."
    )
    if ahead is not None:
        typer.echo(_ahead(ahead))
    for each in events:
        typer.echo(_told(each))


@app.command("paper", help="Membuat konsep naskah satu permohonan dari catatan sistem, sebagai berkas.")
def write_paper(
    number: Annotated[str, typer.Argument(metavar="NOMOR", help="Misalnya PI-2026-0001.")],
    code: Annotated[str, typer.Argument(metavar="NASKAH", help="Misalnya unit-tes.")],
    output: Output,
    form: Annotated[str, typer.Option("--format", metavar="pdf|odt|docx", help="Bentuk berkas.")] = "pdf",
    overwrite: Overwrite = False,
) -> None:
    from dashboard.case_papers import draft
    from sop.papers import Form
    from sop.store import find

    wanted = _one_of(Form, form)
    _must_be_free(output, overwrite)
    with acting() as hub:
        case = find(hub.conn, number)
        made = draft(hub.conn, case, code, wanted, by=hub.by, now=hub.now, instance=hub.instance, with_contact=True)
    _write(output, made)


@app.command("register", help="Menulis register semua permohonan (surat permohonan, contact person) sebagai berkas.")
def write_register(
    output: Output,
    form: Annotated[str, typer.Option("--format", metavar="xlsx|ods|csv", help="Bentuk berkas.")] = "xlsx",
    overwrite: Overwrite = False,
) -> None:
    from dashboard.case_exports import register_file
    from dashboard.spreadsheets import SheetForm

    wanted = _one_of(SheetForm, form)
    _must_be_free(output, overwrite)
    with acting() as hub:
        made = register_file(hub.conn, wanted, by=hub.by, now=hub.now, instance=hub.instance)
    _write(output, made)


@app.command("report", help="Menulis laporan bulanan satu halaman bagi Kepala Dinas (PDF), sampai hari ini.")
def write_report(output: Output, overwrite: Overwrite = False) -> None:
    from dashboard.case_exports import report_file

    _must_be_free(output, overwrite)
    with acting() as hub:
        made = report_file(hub.conn, by=hub.by, now=hub.now, instance=hub.instance)
    _write(output, made)


@app.command("evidence", help="Menulis kumpulan bukti SPBE atas permohonan satu tahun (ZIP dengan SHA-256).")
def write_evidence(
    year: Annotated[int, typer.Argument(metavar="TAHUN", min=2000, max=9999, help="Tahun permohonan diterima.")],
    output: Output,
    overwrite: Overwrite = False,
) -> None:
    from dashboard.case_exports import bundle_file

    _must_be_free(output, overwrite)
    with acting() as hub:
        made = bundle_file(hub.conn, year, by=hub.by, now=hub.now, instance=hub.instance)
    _write(output, made)


def _one_of(forms: type[_Form], told: str) -> _Form:
    try:
        return forms(told)
    except ValueError:
        known = ", ".join(each.value for each in forms)
        raise typer.BadParameter(f"salah satu dari {known}", param_hint="--format") from None


def _must_be_free(output: Path, overwrite: bool) -> None:
    if output.exists() and not overwrite:
        tell(f"{output} sudah ada dan tidak ditimpa. Sebutkan berkas lain, atau tambahkan --overwrite.")
        raise typer.Exit(_REFUSED)


def _write(output: Path, made: "Rendered") -> None:
    """The file, for its owner's eyes only where it is new: registers hold contact persons."""
    output.touch(mode=0o600)
    output.write_bytes(made.data)
    tell(f"{output}: {indonesian.number(len(made.data))} bita.")


@app.command("rebuild", help="Membuat ulang papan permohonan dari topik sop.status, lalu menukarnya dengan yang lama.")
def rebuild(as_json: AsJson = False) -> None:
    from cli import settings
    from cli.boards import redraw_from_topic

    found = redraw_from_topic(settings.load().home)
    if as_json:
        _show(asdict(found))
    else:
        cases, events = indonesian.number(found.cases), indonesian.number(found.events)
        tell(f"Papan dibuat ulang: {cases} permohonan, {events} kejadian.")


def _line(found: "Standing") -> tuple[str, ...]:
    from sop.events import CASE_TITLES, STAGE_TITLES

    at = found.at
    if at is None:
        return found.number, found.opd, CASE_TITLES[found.state], "–", "–", "–", "–", "–"
    left = f"{at.days_left} hari" if not at.overdue else f"terlambat {-(at.days_left or 0)} hari"
    return (
        found.number, found.opd, CASE_TITLES[found.state], f"{at.stage} {at.label} ({STAGE_TITLES[at.state]})",
        str(at.round), HOLDERS[at.holder], indonesian.day(at.due) if at.due else "–", left,
    )  # fmt: skip


def _ahead(found: "Forecast") -> str:
    limit = f"Menurut batas waktu selesai {indonesian.day(found.by_limits)}. " if found.by_limits else ""
    if found.median is None or found.likely is None:
        return f"{limit}Permohonan yang sudah selesai belum cukup untuk perkiraan."
    half, most = indonesian.day(found.median), indonesian.day(found.likely)
    return f"{limit}Menurut {found.cases} permohonan sebelumnya: separuh selesai {half}, empat dari lima {most}."


def _told(event: "Event") -> str:
    where = f"  tahap {event.stage} putaran {event.round}" if event.stage else ""
    who = f"{event.acting} {event.actor}" if event.acting else event.actor
    why = f": {event.reason}" if event.reason else ""
    return f"{event.on.isoformat()}  {event.kind.value:<20}{where}  {who}{why}"


def _show(found: Any) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> str:
    if isinstance(value, date):  # moments too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")

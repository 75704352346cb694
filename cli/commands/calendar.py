"""`simpul calendar …`: due dates and days off, with or without a running hub; changes of single days with one."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from base import calendar, indonesian, instance
from base.calendar import Calendar, DayOff
from base.instance import Instance
from cli import settings
from cli.hub_access import acting
from cli.screen import tell
from cli.stack.errors import StackUnreachable

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

app = typer.Typer(no_args_is_help=True)
_TIME = re.compile(r"(?P<count>[1-9][0-9]{0,2})(?P<unit>[dm])")
_NO_DECREE = "belum ada SKB; perkiraan"

Start = Annotated[str, typer.Argument(metavar="TANGGAL", help="Tanggal masuk, misalnya 2026-03-17.")]
Day = Annotated[str, typer.Argument(metavar="TANGGAL", help="Hari yang diubah, misalnya 2026-11-27.")]
Reason = Annotated[str, typer.Option(help="Alasan, tampil pada kalender.")]
Decree = Annotated[str | None, typer.Option(help="Dasarnya: keputusan atau surat edaran.")]
Json = Annotated[bool, typer.Option("--json", help="Keluarkan satu objek JSON.")]


@app.command("add", help="Menghitung tenggat: sekian hari kerja (d) atau bulan (m) sesudah suatu tanggal.")
def add(
    start: Start,
    period: Annotated[str, typer.Argument(metavar="WAKTU", help="Misalnya 1d (hari kerja) atau 1m (bulan).")],
    as_json: Json = False,
) -> None:
    entry, match = date_of(start), _TIME.fullmatch(period)
    if match is None:
        raise typer.BadParameter(f"{period!r} bukan waktu seperti 1d (hari kerja) atau 1m (bulan).")
    here, known, read = office()
    count = int(match["count"])
    due = known.add_working_days(entry, count) if match["unit"] == "d" else known.add_month(entry, count)
    skipped = [known.off[day] for day in sorted(known.off) if entry < day < due and day.weekday() < 5]
    if as_json:
        show(
            start=entry.isoformat(),
            period=period,
            due=due.isoformat(),
            due_at=calendar.deadline(due, here.zone).isoformat(),
            working_days=known.working_days_between(entry, due),
            estimate=known.is_estimate(entry, due),
            skipped=list(map(description, skipped)),
            additions_read=read,
        )
        return
    typer.echo(due.isoformat())
    tell(f"{named(due)} pukul 23.59 {here.zona_waktu_singkat}, {known.working_days_between(entry, due)} hari kerja.")
    for found in skipped:
        tell(f"  dilewati: {found.day.isoformat()}  {found.name}")
    if known.is_estimate(entry, due):
        tell(f"Perhatian: {_NO_DECREE}. Tenggat ini masih dapat berubah.")


@app.command("list", help="Menunjukkan hari libur satu tahun dengan dasarnya.")
def list_days(
    year: Annotated[int, typer.Argument(metavar="TAHUN", help="Misalnya 2026.")], as_json: Json = False
) -> None:
    here, known, read = office()
    off, opened = known.days_off(year), [known.opened[day] for day in sorted(known.opened) if day.year == year]
    if as_json:
        show(
            year=year,
            decree=known.decrees[year],
            estimate=known.decrees[year] is None,
            working_days=known.working_days(year),
            days_off=list(map(description, off)),
            opened=[{"date": each.day.isoformat(), "reason": each.reason, "decree": each.decree} for each in opened],
            additions_read=read,
        )
        return
    typer.echo(f"{here.nama}, {year}: {known.working_days(year)} hari kerja. {known.decrees[year] or _NO_DECREE}")
    for found in off:
        typer.echo(line(found))
    for change in opened:
        typer.echo(f"{change.day.isoformat()}  {indonesian.weekday(change.day):<6}  hari kerja: {change.reason}")


@app.command("close", help="Meliburkan satu hari kerja.")
def close(day: Day, reason: Reason, decree: Decree = None) -> None:
    from identity import workdays

    decide(workdays.close_day, day, reason, decree)
    tell(f"{named(date_of(day))} kini libur: {reason}.")


@app.command("open", help="Menjadikan satu hari libur hari kerja.")
def open_(day: Day, reason: Reason, decree: Decree = None) -> None:
    from identity import workdays

    decide(workdays.open_day, day, reason, decree)
    tell(f"{named(date_of(day))} kini hari kerja: {reason}.")


def decide(act: Callable[..., None], day: str, reason: str, decree: str | None) -> None:
    """One decision and its audit entry, in one transaction, by the system's user who runs the command."""
    on = date_of(day)
    with acting() as hub:
        act(hub.conn, hub.instance, on, reason=reason, decree=decree, by=hub.by, now=hub.now)


def office() -> tuple[Instance, Calendar, bool]:
    """The instance, its calendar, and whether an administrator's changes could be read; says so when not."""
    from hub_db.calendar import working_calendar
    from hub_db.errors import HubDbError

    try:
        with connected() as conn:
            return here(), working_calendar(conn, here()), True
    except (StackUnreachable, HubDbError) as error:
        tell(f"Perubahan oleh administrator tidak dibaca: {error}")
        return here(), calendar.of_instance(here()), False


def here() -> Instance:
    return instance.load(settings.load().instance)


@contextmanager
def connected() -> Iterator["Connection[TupleRow]"]:
    from hub_db.connection import connect

    conn = connect(settings.dsn(None, "simpul_web"), process="simpul-calendar")
    try:
        yield conn
    finally:
        conn.close()


def date_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} bukan tanggal seperti 2026-03-17.") from None


def named(day: date) -> str:
    """ "Rabu, 25 Maret 2026"."""
    return f"{indonesian.weekday(day)}, {indonesian.day(day)}"


def line(found: DayOff) -> str:
    """A day off for a person."""
    name = f"{found.name} (perkiraan)" if found.estimated else found.name
    return f"{found.day.isoformat()}  {indonesian.weekday(found.day):<6}  {name}  [{found.decree or _NO_DECREE}]"


def description(found: DayOff) -> dict[str, Any]:
    return {
        "date": found.day.isoformat(),
        "name": found.name,
        "why": found.why.value,
        "decree": found.decree,
        "estimated": found.estimated,
    }


def show(**content: Any) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))

"""`simpul demo`: the whole exchange on real data, from nothing."""

import sys
from typing import Annotated

import typer

from cli import settings
from cli.demo import cases, links
from cli.demo.account import Account
from cli.demo.offices import Offices
from cli.demo.run import Demo, DemoFailed, Result
from cli.screen import Download, tell
from cli.stack import jars
from cli.stack.layout import write_private
from cli.stack.local import Stack
from cli.stack.supervision import stopping_orderly

RESIDENTS, SEED = 50_000, 20_260_105


app = typer.Typer()


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Mulai dari hub kosong, selesai sendiri, cetak hasil sebagai JSON.")
    ] = False,
    events: Annotated[
        int, typer.Option("--events", min=1, max=1_000_000, help="Jumlah penduduk sintetis.")
    ] = RESIDENTS,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Benih data sintetis.")] = SEED,
) -> None:
    """Menjalankan peragaan: Kafka, PostgreSQL, dan hub dinyalakan, lalu dua dokumen diterbitkan bersamaan."""
    if context.invoked_subcommand is None:
        run(once=once, events=events, seed=seed)


def run(*, once: bool, events: int, seed: int) -> None:
    told = settings.load_demo()
    with Download("Mengunduh Apache Kafka") as downloaded:
        jars.ensure(told.cache / "kafka", told.maven_url, downloaded)
    stack = Stack(told, tell)
    offices = Offices(told.home, count=events, seed=seed, planted=told.demo_left_out)
    with offices, stopping_orderly(stack) as request:
        stack.occupy()
        if once:
            stack.empty()
        tell("Menyalakan PostgreSQL dan Kafka")
        stack.start()
        stack.watch()
        write_private(stack.layout.ready, "")
        if not once:
            links.make(told)
        tell(f"Halaman langsung: {stack.web_url if once else links.of_operator(told)}")
        course = Demo(told.home, offices, count=events, seed=seed)
        if once:
            course.forget()
        result, found = course.run()
        offices.close()
        for difference in found.differences:
            tell(difference)
        if once:
            sys.stdout.write(f"{result.text()}\n")
            sys.stdout.flush()
        else:
            tell(sentence(result, found))
            if led := cases.lead(told):
                tell(f"Permohonan integrasi peragaan pada papan tahap: {', '.join(led)}.")
            links.show(told)
            tell(f"Peragaan tetap berjalan di {stack.web_url} Hentikan dengan Ctrl-C.")
            request.wait()
            tell("Menghentikan …")
    if not found.holds or result.outbox_left:
        raise DemoFailed("Hasil tidak cocok dengan rencana; perbedaannya tertulis di atas.")


@app.command("links", help="Menunjukkan tautan masuk peragaan yang sedang berjalan, satu untuk tiap peran.")
def show_links(as_json: Annotated[bool, typer.Option("--json", help="Keluarkan JSON.")] = False) -> None:
    links.show(settings.load_demo(), as_json=as_json)


def sentence(result: Result, found: Account) -> str:
    """The result for a person."""
    from base.indonesian import decimal, number

    rows = ", ".join(f"{number(count)} {entity}" for entity, count in sorted(result.reference_rows.items()))
    verdict = "Semua cocok dengan rencana." if found.holds else "Ada perbedaan."
    return (
        f"{number(result.published)} kejadian: {number(result.accepted)} diterima, "
        f"{number(result.known)} sudah dikenal, {number(result.parked)} ditunda, "
        f"{number(result.dead_letters)} dikembalikan. Data Induk: {rows}. "
        f"{number(result.events_per_second)} kejadian per detik; waktu tunda p50 "
        f"{decimal(result.latency_ms['p50'] or 0, 0)} ms, p99 {decimal(result.latency_ms['p99'] or 0, 0)} ms. {verdict}"
    )

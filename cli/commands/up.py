"""`simpul up`: Kafka, PostgreSQL and the hub, in the foreground or detached."""

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer

from cli import settings
from cli.founding import tell_first_administrator
from cli.screen import Download, tell
from cli.settings import Settings
from cli.stack import jars
from cli.stack.errors import StackError
from cli.stack.layout import Layout, write_private
from cli.stack.local import Stack
from cli.stack.processes import is_alive, opened_log
from cli.stack.report import supervisor
from cli.stack.supervision import stopping_orderly

LOOK_EVERY_S = 0.1


def up(
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Kembali setelah semuanya menjawab.")] = False,
    from_detached: Annotated[bool, typer.Option("--from-detached", hidden=True, help="Dipakai oleh --detach.")] = False,
) -> None:
    """Menyalakan Kafka, PostgreSQL, dan semua proses hub."""
    told = settings.load()
    if told.kafka_bootstrap is None:
        with Download("Mengunduh Apache Kafka") as downloaded:
            jars.ensure(told.cache / "kafka", told.maven_url, downloaded)
    if detach:
        run_detached(told)
        tell_first_administrator(told)
    else:
        run(told, afterwards=None if from_detached else tell_first_administrator)


def run(told: Settings, afterwards: Callable[[Settings], None] | None) -> None:
    """Until somebody ends it. `afterwards` says something once all of it answers, on a screen."""
    stack = Stack(told, tell)
    with stopping_orderly(stack) as request:
        begun = time.monotonic()
        tell(first_step(told))
        stack.start()
        stack.watch()
        write_private(stack.layout.ready, "")
        tell(f"Siap dalam {time.monotonic() - begun:.1f} detik: {stack.web_url}")
        if afterwards:
            afterwards(told)
        request.wait()
        tell("Menghentikan …")


def first_step(told: Settings) -> str:
    """Which servers are started, and which are somebody else's."""
    ours = [
        name for name, there in (("PostgreSQL", told.database_url), ("Kafka", told.kafka_bootstrap)) if there is None
    ]
    return f"Menyalakan {' dan '.join(ours)}" if ours else "Memeriksa PostgreSQL dan Kafka"


def run_detached(told: Settings) -> None:
    """Start `simpul up` in a session of its own and show what it says until it is ready or has ended."""
    layout = Layout(told.home)
    layout.make()
    running = supervisor(layout)
    if running is not None and is_alive(running):
        if layout.ready.exists():
            tell(f"Simpul sudah berjalan (proses {running.pid}). Lihat dengan './simpul status'.")
            return
    else:
        layout.ready.unlink(missing_ok=True)  # of a start that was killed
    log = layout.log_of("supervisor")
    with opened_log(log) as output, log.open(encoding="utf-8", errors="replace") as said:
        said.seek(0, 2)
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up", "--from-detached"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=settings.ROOT,
            env=settings.environment(told.home),
            start_new_session=True,
        )
        try:
            follow(process, layout, said.readline)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise


def follow(process: "subprocess.Popen[bytes]", layout: Layout, next_line: Callable[[], str]) -> None:
    last = ""
    while True:
        ended = process.poll() is not None
        ready = layout.ready.exists()
        while line := next_line():
            last = line.strip()
            if not last.startswith("simpul: "):
                tell(last)
        if ready:
            return
        if ended:
            raise StackError(last.removeprefix("simpul: ") or f"Tidak dapat dinyalakan; lihat {layout.log}.")
        time.sleep(LOOK_EVERY_S)

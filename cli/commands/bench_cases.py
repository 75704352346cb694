"""`simpul bench cases`: many cases in the topic, their boards made anew and read, on a hub of its own."""

import json
import sys
import time
from typing import Annotated, Any

import typer

from cli import settings
from cli.commands.bench_stack import own_stack
from cli.screen import tell
from cli.stack import processes
from cli.stack.local import Stack
from cli.stack.roles import OWNER


def cases(
    count: Annotated[int, typer.Option("--cases", min=13, help="Jumlah permohonan.")] = 10_000,
    events: Annotated[int, typer.Option("--events", min=10, help="Kejadian tiap permohonan, kurang lebih.")] = 50,
) -> None:
    """Mengisi topik tahapan, lalu mengukur pembuatan ulang dan pembacaan papan permohonan."""
    with own_stack() as stack:
        found = measure(stack, count, events)
    sys.stdout.write(f"{json.dumps(found)}\n")


def measure(stack: Stack, count: int, per_case: int) -> dict[str, Any]:
    """The reader of the topic rests meanwhile: it would draw the same events one by one."""
    from base import instance
    from bench import case_courses
    from bench import cases as measured
    from cli.boards import redraw_from_topic
    from dashboard.case_board import Office
    from hub_db.calendar import working_calendar
    from hub_db.connection import connect
    from schemas.sop_topics import STATUS
    from sop.procedure import book

    home = stack.layout.home
    here = instance.load(stack.settings.instance)
    processes.stop_all([stack.hub.pop("stages")], 10.0)
    with connect(settings.dsn(home, OWNER), process="simpul-bench-cases") as conn:
        calendar = working_calendar(conn, here)
        courses = case_courses.courses(calendar, book(), here.sop.walidata, here.zone, events=per_case)
        tell(f"Mengisi topik dengan kejadian dari {count} permohonan")
        told = case_courses.told(courses, count)
        events = measured.fill(conn, stack.kafka(), STATUS, told)
        conn.rollback()
    tell(f"Membuat ulang papan dari {events} kejadian")
    began, cpu = time.monotonic(), time.process_time()
    redrawn = redraw_from_topic(home)
    took, cpu = time.monotonic() - began, time.process_time() - cpu
    with connect(settings.dsn(home, "simpul_web"), process="simpul-bench-cases") as conn:
        office = Office(case_courses.READ_ON, calendar, book(), here.sop.walidata, {})
        read = measured.read(conn, office)
    return {
        "cases": redrawn.cases,
        "events": redrawn.events,
        "rebuild_s": round(took, 1),
        "rebuild_cpu_s": round(cpu, 1),
        "events_per_second": round(redrawn.events / took),
        **read,
    }

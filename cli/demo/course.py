"""Where the demo stands, as the database says, and how a person sees it: a live table, or plain lines."""

import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from psycopg import Connection
from rich.console import Console
from rich.live import Live
from rich.table import Table

from base import indonesian
from cli.screen import tell
from hub_db.statements import load

PLAIN_EVERY_S = 5.0
SQL = load("cli.demo", "sql/course.sql")


@dataclass(frozen=True, slots=True)
class Standing:
    """Counts of one document in final states."""

    topic: str
    records: int
    accepted: int
    known: int
    parked: int
    dead: int


def standing(conn: Connection[Any]) -> list[Standing]:
    """Every document's counts."""
    return [Standing(*row) for row in conn.execute(SQL["standing"])]


def outbox_left(conn: Connection[Any]) -> int:
    """Changes and letters that wait for publication, and rounds not confirmed."""
    row = conn.execute(SQL["outbox"]).fetchone()
    return int(row[0]) if row else 0


def seconds(conn: Connection[Any]) -> float:
    """From the intake's first fetch to its last commit."""
    row = conn.execute(SQL["span"]).fetchone()
    return 0.0 if row is None or None in row else float(row[1] - row[0])


class Course:
    """Shows the standing while the demo waits. On a terminal a table that lives, else a line now and then."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.live: Live | None = None
        self.told_at = 0.0

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self.live = Live(console=Console(stderr=True), refresh_per_second=4)
            self.live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.live is not None:
            self.live.stop()

    def show(self, sent: dict[str, int], found: list[Standing]) -> None:
        if self.live is not None:
            self.live.update(self.table(sent, found))
        elif time.monotonic() - self.told_at > PLAIN_EVERY_S:
            self.told_at = time.monotonic()
            parts = [
                f"{each.topic.removeprefix('opd.')}: terkirim {indonesian.number(sent.get(each.topic, 0))}, "
                f"diterima {indonesian.number(each.accepted)}, ditunda {indonesian.number(each.parked)}, "
                f"dikembalikan {indonesian.number(each.dead)}"
                for each in found
            ]
            tell(f"{self.title}; {'; '.join(parts)}")

    def table(self, sent: dict[str, int], found: list[Standing]) -> Table:
        table = Table(title=self.title, title_justify="left", box=None, pad_edge=False)
        table.add_column("Dokumen")
        for column in ("Terkirim", "Diterima", "Sudah dikenal", "Ditunda", "Dikembalikan", "Belum terolah"):
            table.add_column(column, justify="right")
        for each in found:
            out = sent.get(each.topic, 0)
            figures = (out, each.accepted, each.known, each.parked, each.dead, max(0, out - each.records))
            table.add_row(each.topic.removeprefix("opd."), *(indonesian.number(figure) for figure in figures))
        return table

"""The demo: both documents published at once, every event accounted for."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from base import indonesian
from cli import settings
from cli.demo import course, latency, plan
from cli.demo.account import Account
from cli.demo.apart import Ended
from cli.demo.course import Course
from cli.demo.office import Outline
from cli.demo.offices import DOCUMENTS, Offices
from cli.screen import tell
from cli.stack.layout import Layout, write_private

STANDS_STILL_S = 120.0  # without any change for so long: something is wrong
LOOK_EVERY_S = 0.1


class DemoFailed(Exception):
    """The demo could not be finished, or the account does not hold."""


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one run, as `--once` prints them."""

    published: int
    accepted: int
    known: int
    parked: int
    dead_letters: int
    reference_rows: dict[str, int]
    outbox_left: int
    seconds: float
    events_per_second: int
    latency_ms: dict[str, float | None]

    def text(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__})


class Demo:
    """One run on a running stack."""

    def __init__(self, home: Path, offices: Offices, *, count: int, seed: int) -> None:
        self.home, self.offices, self.count, self.seed = home, offices, count, seed
        self.waiting = 0  # what waits from another plan
        self.conn: Connection[Any] = psycopg.connect(
            settings.dsn(home, "simpul_owner").get_secret_value(), autocommit=True
        )

    def run(self) -> tuple[Result, Account]:
        """Publish, wait until the lag is gone, probe, and draw up the account."""
        try:
            return self.whole()
        except Ended as error:
            raise DemoFailed("Proses sebuah OPD peragaan berhenti. Mohon jalankan lagi.") from error

    def whole(self) -> tuple[Result, Account]:
        times = self.times_published()
        runs = self.remembered()
        self.remember([*runs, {"count": self.count, "seed": self.seed, "whole": False}])
        tell("Menyusun rencana kejadian")
        outlines = self.offices.plan()
        stood = course.standing(self.conn)
        before = sum(each.records for each in stood)
        # The same plan once more leaves the same events waiting; those of another plan wait beside this one's.
        self.waiting = 0 if times is not None else sum(each.parked for each in stood)
        self.offices.publish()
        self.wait_for(before, outlines, Course("Menerbitkan dan mengolah"), set(DOCUMENTS))
        self.remember([*runs, {"count": self.count, "seed": self.seed, "whole": True}])
        seconds = course.seconds(self.conn)
        settled = sum(each.records for each in course.standing(self.conn))
        self.offices.read_on()
        probes = [probe for outline in outlines for probe in outline.probes]
        tell(f"Mengukur waktu tunda: {len(probes)} kejadian, {latency.PER_SECOND} per detik")
        taken = latency.measure(self.home, plan.contracts(self.home)[plan.RESIDENTS], probes)
        self.wait_for(before, outlines, Course("Menunggu penerbitan"), set(), extra=len(probes))
        tell("Mencocokkan log, basis data, dan rencana, kejadian demi kejadian")
        found = self.offices.account(None if times is None else times + 1)
        result = Result(
            published=found.records,
            accepted=found.states["accepted"],
            known=found.states["known"],
            parked=found.states["parked"],
            dead_letters=found.states["dead"],
            reference_rows=found.rows,
            outbox_left=course.outbox_left(self.conn),
            seconds=round(seconds, 2),
            events_per_second=round(settled / seconds) if seconds > 0 else 0,
            latency_ms={"p50": latency.percentile(taken, 0.5), "p99": latency.percentile(taken, 0.99)},
        )
        return result, found

    def wait_for(
        self, before: int, outlines: list[Outline], shown: Course, publishing: set[str], extra: int = 0
    ) -> None:
        """Until all is sent and settled, nothing waits that has its reference, and nothing is left to publish."""
        wanted = before + extra + sum(each.events for each in outlines) - sum(self.offices.leave_out.values())
        parked = self.waiting + sum(each.parked for each in outlines)
        last: object = None
        still_since = time.monotonic()
        with shown:
            while True:
                found, sent = course.standing(self.conn), self.offices.sent()
                shown.show(sent, found)
                self.offices.look(publishing)
                settled = sum(each.records for each in found)
                left = course.outbox_left(self.conn)
                done = settled >= wanted and sum(each.parked for each in found) <= parked and left == 0
                if done and not publishing:
                    return
                now = (found, left, sent)
                if now != last:
                    last, still_since = now, time.monotonic()
                if time.monotonic() - still_since > STANDS_STILL_S:
                    raise DemoFailed(
                        f"Tidak ada kemajuan selama {STANDS_STILL_S:.0f} detik: {indonesian.number(settled)} dari "
                        f"{indonesian.number(wanted)} kejadian terolah. Mohon periksa {Layout(self.home).log}."
                    )
                time.sleep(LOOK_EVERY_S)

    # How often this plan was published into this folder. Where another plan was published too, or one not to its
    # end, log and database are compared without a plan.

    @property
    def memory(self) -> Path:
        return self.home / "published.json"

    def remembered(self) -> list[dict[str, int | bool]]:
        return json.loads(self.memory.read_text(encoding="utf-8")) if self.memory.exists() else []

    def remember(self, runs: list[dict[str, int | bool]]) -> None:
        write_private(self.memory, json.dumps(runs))

    def forget(self) -> None:
        """The folder was emptied."""
        self.memory.unlink(missing_ok=True)

    def times_published(self) -> int | None:
        """How often before this time, or None when there can be no comparison with the plan."""
        this = {"count": self.count, "seed": self.seed, "whole": True}
        runs = self.remembered()
        return len(runs) if all(run == this for run in runs) else None

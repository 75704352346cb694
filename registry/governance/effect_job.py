"""The job that reckons the effect of a draft and stores it for the page, which itself may read no values."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from pydantic import SecretStr

from base import indonesian
from base.instance import Instance
from hub_db.connection import translated
from hub_db.statements import load
from jobs.job import Job, JobId
from jobs.kinds import Kind, Step
from jobs.queue import enqueue
from registry.governance.effect import effect_of
from registry.governance.effect_reading import in_force, snapshot
from schemas.errors import ContractError
from schemas.loader import read

SQL = load("registry", "sql/effect.sql")
NAME = "contract_effect"


def kind(dsn: Callable[[], SecretStr], here: Callable[[], Instance]) -> Kind:
    """The kind of job. `dsn`: of the role `effect_reading.ROLE`; asked for when a job runs."""

    def step(conn: Connection[TupleRow], job: Job) -> Step:
        draft = job.arguments["draft"]
        with translated():
            row = conn.execute(SQL["draft_text"], {"draft": draft}).fetchone()
        if row is None:
            return Step(None, 0, finished=True, message="Draf itu tidak ada.")
        try:
            contract = read(json.loads(row[0]), file=f"draf {draft}")
        except ContractError as error:
            return Step(None, 0, finished=True, message=f"Kontrak draf tidak dapat dipakai: {error.reason}.")
        now = datetime.now(UTC)
        with snapshot(dsn()) as reading:
            found = effect_of(
                reading,
                in_force(reading, contract),
                contract,
                accepted_on=now.astimezone(here().zone).date(),
                now=now,
            )
        with translated():
            conn.execute(SQL["keep_effect"], {"draft": draft, "effect": Jsonb(found.to_json())})
        message = f"{indonesian.number(found.newly)} dari {indonesian.number(found.rows)} baris akan ditolak."
        return Step(None, found.rows, total=found.rows, finished=True, message=message)

    return Kind(NAME, "Menghitung dampak draf kontrak", step)


def ask(conn: Connection[TupleRow], draft: int, *, by: str) -> JobId:
    """Ask for the effect of a draft; while that is being reckoned it is the same job."""
    return enqueue(conn, NAME, {"draft": draft}, by=by, key=str(draft))


def stored(conn: Connection[TupleRow], draft: int) -> tuple[dict[str, Any], datetime] | None:
    """The effect of a draft as `Effect.to_json` has it, and when it was reckoned; None before that."""
    with translated():
        row = conn.execute(SQL["effect_of_draft"], {"draft": draft}).fetchone()
    return None if row is None else (row[0], row[1])

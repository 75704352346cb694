"""`simpul bench registry`: look-ups by id with a token, and a version held against many, on a hub of its own."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import settings
from cli.commands.bench_stack import own_stack
from cli.screen import tell
from cli.stack.local import Stack

DOCUMENT = "disdukcapil.penduduk"
SUBJECT = "bench.versi-value"


def registry(
    lookups: Annotated[int, typer.Option("--lookups", min=1_000, help="Jumlah pencarian skema.")] = 20_000,
    versions: Annotated[int, typer.Option("--versions", min=2, help="Jumlah versi dari satu subjek.")] = 1_000,
) -> None:
    """Mencari skema menurut nomornya dengan token, lalu mendaftarkan satu versi sesudah banyak versi."""
    with own_stack() as stack:
        found = measure(stack, lookups, versions)
    sys.stdout.write(f"{json.dumps(found)}\n")


def measure(stack: Stack, lookups: int, versions: int) -> dict[str, Any]:
    """CPU of the registry's process for a look-up, so that what else runs on the machine does not count."""
    from bench import cost
    from bench import registry as measured
    from cli import preparation

    home = stack.layout.home
    writer = settings.registry_settings(home)
    door = measured.Door(stack.registry_url, token_of(home), (writer.user, writer.password.get_secret_value()))
    schema = next(each.schema for each in preparation.contracts(home) if each.name == DOCUMENT)
    pids = {"registry": stack.hub["registry"].record.pid}
    tell(f"Mencari skema {lookups} kali")
    measured.look_up(door, 1, 100)
    before = cost.cpu_seconds(pids)
    seconds = measured.look_up_side_by_side(door, 1, lookups)
    cpu_us = cost.per_event_us(before, cost.cpu_seconds(pids), lookups)["registry"]
    tell(f"Mendaftarkan {versions} versi")
    bare = {name: value for name, value in schema.items() if name != "contract"}
    last_s = measured.last_of_many(door, SUBJECT, bare, versions)
    return {
        "lookups": lookups,
        "lookups_per_second": round(lookups / seconds),
        "cpu_us_per_lookup": cpu_us,
        "lookups_per_second_of_one_core": round(1e6 / cpu_us),
        "versions": versions,
        "last_version_s": round(last_s, 3),
    }


def token_of(home: Path) -> str:
    """A service token of a system that is made for it."""
    from hub_db.connection import connect, transaction
    from identity.actors import Actor
    from identity.opds import add_system
    from identity.permissions import Permission
    from identity.tokens import NewToken, issue_token

    now, by = datetime.now(UTC), Actor.command("bench")
    with connect(settings.dsn(home, "simpul_web"), process="simpul-bench-registry") as conn, transaction(conn):
        system = add_system(conn, DOCUMENT.partition(".")[0], "bench", "Bench", by=by, now=now)
        new = NewToken(system, "bench", frozenset({Permission.SEND_EVENTS}), None, now + timedelta(days=1))
        return str(issue_token(conn, new, by=by, now=now)[1])

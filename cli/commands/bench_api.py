"""`simpul bench api`: the reference API on a hub of its own, filled with the regions."""

import json
import math
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from cli import settings
from cli.commands.bench_stack import own_stack
from cli.screen import tell
from cli.stack.local import Stack

A_TOKEN = 50  # requests a second of one token, half of what it may
OPD = "kominfo"


def api(
    rate: Annotated[int, typer.Option("--rate", min=1, max=5_000, help="Permintaan per detik.")] = 1_000,
    seconds: Annotated[float, typer.Option("--seconds", min=2, help="Lama pengukuran.")] = 20.0,
) -> None:
    """Membaca baris menurut kunci dengan laju tetap, lalu semua baris sebagai satu berkas."""
    with own_stack() as stack:
        found = measure(stack, rate, seconds)
    sys.stdout.write(f"{json.dumps(found)}\n")


def measure(stack: Stack, rate: int, seconds: float) -> dict[str, Any]:
    """Single rows first, then the export."""
    import psycopg

    from bench import api, cost
    from cli.commands.bench import SEED, bring_regions
    from cli.demo import plan

    home = stack.layout.home
    documents = plan.contracts(home)
    scenario = plan.scenario(home, documents, plan.schema_ids(home), count=1, seed=SEED)
    regions = list(scenario.regions())
    with psycopg.connect(settings.dsn(home, "simpul_owner").get_secret_value(), autocommit=True) as conn:
        bring_regions(conn, stack, documents[plan.REGIONS], regions)
        *tokens, of_export = issue_tokens(conn, math.ceil(rate / A_TOKEN) + 1)
    base = "/api/v1/reference/wilayah"
    paths = [f"{base}/{(planned.key or b'').decode()}" for planned in regions[:: len(regions) // 997]]
    load = api.Load(stack.web_url, tokens, paths, rate, seconds)
    pids = {name: child.record.pid for name, child in (*stack.services.items(), *stack.hub.items())}
    tell(f"Meminta {rate} baris per detik selama {seconds:.0f} detik")
    before = cost.cpu_seconds(pids)
    found = api.run(load)
    used = cost.per_event_us(before, cost.cpu_seconds(pids), load.requests)
    tell("Mengambil semua baris")
    whole = api.export(stack.web_url, of_export, f"{base}/export", pids["web"])
    return {
        "by_key": {**found, "cpu_us_per_request": {name: used[name] for name in ("web", "postgres")}},
        "export": whole,
    }


def issue_tokens(conn: Any, count: int) -> list[str]:
    """Tokens for reading, each of a system of its own."""
    from identity import opds, tokens
    from identity.actors import Actor
    from identity.permissions import Permission
    from identity.tokens import NewToken

    now, by, made = datetime.now(UTC), Actor.process("bench"), []
    with conn.transaction():
        for number in range(count):
            system = opds.add_system(conn, OPD, f"bench{number}", "Pengukuran", by=by, now=now)
            wanted = NewToken(system, "baca", frozenset({Permission.VIEW_RECORDS}), None, now + timedelta(days=1))
            made.append(str(tokens.issue_token(conn, wanted, by=by, now=now)[1]))
    return made

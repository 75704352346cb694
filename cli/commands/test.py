"""`simpul test`: all tests, with everything they need."""

import os
from typing import Annotated

import typer

from cli import settings
from cli.main import DONE, INTERRUPTED, REFUSED, USAGE
from cli.screen import Download
from cli.stack import jars

# Tests wait a third of their time, so three run at once on two processors, each process with a Kafka and a PostgreSQL
# of its own (some 1 GiB of memory). The tests of one file stay together: they share what is costly to start. `-n 0`
# runs all in one process.
SIDE_BY_SIDE = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")


def run_tests(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Juga tes yang lama.")] = False,
) -> None:
    """Menjalankan semua tes. Argumen lain diteruskan ke pytest."""
    import pytest

    told = settings.load()
    with Download("Mengunduh Apache Kafka") as downloaded:
        jars.ensure(told.cache / "kafka", told.maven_url, downloaded)
    os.chdir(settings.ROOT)  # pytest takes its configuration and its tests from there
    everything = ["-m", ""] if full else []
    result = pytest.main([*everything, *SIDE_BY_SIDE, *context.args])
    raise typer.Exit(
        {
            pytest.ExitCode.OK: DONE,
            pytest.ExitCode.INTERRUPTED: INTERRUPTED,
            pytest.ExitCode.USAGE_ERROR: USAGE,
        }.get(pytest.ExitCode(result), REFUSED)
    )

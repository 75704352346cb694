"""`simpul worker`: one intake worker, as the stack starts it; more of them share the partitions."""

import typer

from base import logs
from cli import settings
from cli.loading import loading


def worker() -> None:
    """Menjalankan satu proses penerima data."""
    settings.threads_for_columns(2)
    with loading():
        from consumers import intake

    logs.configure("worker", settings.load().log_level)
    raise typer.Exit(intake.run(settings.intake_settings(None)))

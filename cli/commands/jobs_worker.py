"""`simpul jobs-worker`: one process that works on jobs, as the stack starts it; more of them share the work."""

import typer

from base import logs
from cli import settings
from cli.loading import loading


def jobs_worker() -> None:
    """Menjalankan satu proses pekerjaan latar."""
    with loading():
        from cli import work
        from jobs import worker

    logs.configure("jobs", settings.load().log_level)
    raise typer.Exit(worker.run(settings.jobs_settings(None), work.KINDS, work.SCHEDULES, work.loops(None)))

"""`simpul publisher`: the one process that publishes reference data, facts and events of cases."""

import typer

from base import logs
from cli import settings, stage_settings
from cli.loading import loading


def publisher() -> None:
    """Menjalankan proses penerbit rujukan."""
    settings.threads_for_columns(1)
    with loading():
        from consumers import facts, publication, status

    logs.configure("publisher", settings.load().log_level)
    with facts.beside(settings.facts_settings(None)), status.beside(stage_settings.status_settings(None)):
        code = publication.run(settings.publication_settings(None))
    raise typer.Exit(code)

"""`simpul publisher`: the one process that publishes reference data, as the stack starts it."""

import typer

from base import logs
from cli import settings


def publisher() -> None:
    """Menjalankan proses penerbit rujukan."""
    from consumers import publication

    logs.configure("publisher", settings.load().log_level)
    raise typer.Exit(publication.run(settings.publication_settings(None)))

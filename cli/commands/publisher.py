"""`simpul publisher`: the one process that publishes reference data, and facts beside them, as the stack starts it."""

import typer

from base import logs
from cli import settings


def publisher() -> None:
    """Menjalankan proses penerbit rujukan."""
    settings.one_thread_for_columns()
    from consumers import facts, publication

    logs.configure("publisher", settings.load().log_level)
    with facts.beside(settings.facts_settings(None)):
        code = publication.run(settings.publication_settings(None))
    raise typer.Exit(code)

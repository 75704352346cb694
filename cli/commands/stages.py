"""`simpul stages`: the one process that makes facts evidence of cases, as the stack starts it."""

import typer

from base import logs
from cli import settings, stage_settings
from cli.loading import loading


def stages() -> None:
    """Menjalankan proses pembaca kenyataan untuk tahapan."""
    with loading():
        from consumers import stages as reader

    logs.configure("stages", settings.load().log_level)
    raise typer.Exit(reader.run(stage_settings.stages_settings(None)))

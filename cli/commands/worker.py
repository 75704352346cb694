"""`simpul worker`: one intake worker, as the stack starts it; more of them share the partitions."""

from base import logs
from cli import settings


def worker() -> None:
    """Menjalankan satu proses penerima data."""
    from consumers import intake_app

    logs.configure("worker", settings.load().log_level)
    intake_app.run(settings.intake_settings(None))

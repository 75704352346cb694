"""`simpul down`: stop what runs on the state folder, and what an earlier start left behind."""

from cli import settings
from cli.screen import tell
from cli.stack.layout import Layout
from cli.stack.report import stop


def down() -> None:
    """Menghentikan semua yang dinyalakan 'up'."""
    stopped = stop(Layout(settings.load().home))
    tell(f"Dihentikan: {', '.join(stopped)}." if stopped else "Tidak ada yang berjalan.")

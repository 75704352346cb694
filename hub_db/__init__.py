"""The central reference database."""

from hub_db.migrate import migrate

__all__ = ["migrate"]

"""The central reference database."""

from hub_db.migrate import migrate
from hub_db.reference_tables import provision

__all__ = ["migrate", "provision"]

"""The central reference database."""

from hub_db.migrate import migrate
from hub_db.provisioning import Register, provision

__all__ = ["Register", "migrate", "provision"]

"""Schema registry with the Confluent REST API."""

from registry.application import create_app
from registry.settings import Settings

__all__ = ["Settings", "create_app"]

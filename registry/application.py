"""The ASGI application as the room's face offers it: loaded when it is made.

FastAPI and all routes take half a second, and whoever reads another module of this room serves nothing.
"""

from typing import TYPE_CHECKING

from registry.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI


def create_app(settings: Settings) -> "FastAPI":
    """The registry over its database, with its routes."""
    from registry import api

    return api.create_app(settings)

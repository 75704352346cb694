"""Errors of the room.

ConsumersError
└── NothingToRead  no document is registered at the hub yet
"""


class ConsumersError(Exception):
    """Base of everything this room raises."""


class NothingToRead(ConsumersError):
    """The hub has no documents: provision one, then start the worker."""

"""Errors of the room.

ConsumersError
├── NothingToRead   no document is registered at the hub yet
└── DocumentBehind  an event's schema is newer than what the hub reads by: wait until that holds
"""


class ConsumersError(Exception):
    """Base of everything this room raises."""


class DocumentBehind(ConsumersError):
    """Not the event's fault: its version is approved, and the hub has not taken it up yet."""


class NothingToRead(ConsumersError):
    """The hub has no documents: provision one, then start the worker."""

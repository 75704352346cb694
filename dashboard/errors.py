"""Errors of the room.

DashboardError
├── SourceAway   PostgreSQL or Kafka does not answer: say so on the page, try again
└── StreamsFull  as many live connections as the settings allow are open
"""


class DashboardError(Exception):
    """Base of everything this room raises."""


class SourceAway(DashboardError):
    """PostgreSQL or Kafka does not answer, or not in time."""


class StreamsFull(DashboardError):
    """No further live connection is taken."""

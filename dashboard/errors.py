"""Errors of the room.

DashboardError
├── SourceAway    PostgreSQL or Kafka does not answer: say so on the page, try again
├── StreamsFull   as many live connections as the settings allow are open
├── Crowded       too many wait for their turn
├── Undeclared    a route does not say what it needs: the application does not start
├── NotSignedIn   the page needs a person: to the sign-in page
├── Forbidden     the page is not for this person's roles
├── NotOurForm    an unsafe request that did not come from a page of ours, or not from this session's
└── WriteFailed   PostgreSQL refused a statement of ours
"""

from identity.permissions import Permission


class DashboardError(Exception):
    """Base of everything this room raises."""


class SourceAway(DashboardError):
    """PostgreSQL or Kafka does not answer, or not in time."""


class StreamsFull(DashboardError):
    """No further live connection is taken."""


class Crowded(DashboardError):
    """Too many wait already; come back later."""


class Undeclared(DashboardError):
    """A route without a declared need."""


class NotSignedIn(DashboardError):
    """Nobody is signed in. `ended`: there was a session, and it is over."""

    def __init__(self, *, ended: bool, for_programs: bool) -> None:
        super().__init__("nobody is signed in")
        self.ended, self.for_programs = ended, for_programs


class Forbidden(DashboardError):
    """The person is known and has no right to this."""

    def __init__(self, permission: Permission, *, for_programs: bool = False) -> None:
        super().__init__(f"no right: {permission}")
        self.permission, self.for_programs = permission, for_programs


class NotOurForm(DashboardError):
    """The request could have been made by another site, or by an old page."""


class WriteFailed(DashboardError):
    """PostgreSQL refused; the text names the SQLSTATE only, as the driver's may quote values."""

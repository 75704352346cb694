"""Errors of the room. Each line is Indonesian: people read it on a page or from a command.

IdentityError
├── Unknown          no such person, agency, system, token, session or appointment
├── Taken            a name or code that is there already
├── NotAllowed       against a rule: who may hold which role, how long a token lives, how many at once …
├── WeakPassword     a new password against the policy, with each reason
└── LinkGone         a link that was used, taken back, has expired, or never was
"""

from collections.abc import Sequence


class IdentityError(Exception):
    """Base of everything this room raises."""


class Unknown(IdentityError):
    """What was named is not there."""


class Taken(IdentityError):
    """The name is in use."""


class NotAllowed(IdentityError):
    """A rule forbids it; the text says which and what to do."""


class WeakPassword(IdentityError):
    """A new password that the policy refuses. Never carries the password."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(f"Kata sandi belum dapat dipakai: {'; '.join(reasons)}.")
        self.reasons = tuple(reasons)


class LinkGone(IdentityError):
    """One answer for every link that does not lead on, so that nothing can be learnt by trying."""

    def __init__(self) -> None:
        super().__init__("Tautan ini tidak berlaku lagi. Mohon minta tautan baru kepada administrator.")

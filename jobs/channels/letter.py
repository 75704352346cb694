"""What a way out is given, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready to go."""

    name: str  # names the message for ever, the same in each try
    thread: str  # names the notice: all its messages belong together
    to: str  # address of mail, or URL
    to_name: str
    subject: str
    text: str
    made_at: datetime
    facts: Mapping[str, object]  # for programs
    key: str = ""  # which key signs it


class End(Enum):
    """What became of a try."""

    SENT = "sent"
    LATER = "later"  # this message could not go out now
    AWAY = "away"  # the way itself is closed: no other message will get through now either
    REFUSED = "refused"  # it will never go out
    BAD_ADDRESS = "bad_address"  # refused for good, and so will be every other message to this address


@dataclass(frozen=True, slots=True)
class Outcome:
    """An end, and why: a short code that quotes neither address nor text."""

    end: End
    reason: str = ""


class Way(Protocol):
    """A way out. Never raises for what the other side does."""

    def send(self, letter: Letter) -> Outcome: ...

    def close(self) -> None:
        """The batch is over."""

"""What people, other rooms and the clock may ask of a case. A command is an order; the machine says what follows."""

from dataclasses import dataclass
from datetime import date, datetime

from sop.case import Case
from sop.events import StageState
from sop.procedure import Side


@dataclass(frozen=True, slots=True)
class Expected:
    """The attempt as whoever commands has seen it: a late or doubled command then changes nothing."""

    stage: int
    round: int
    state: StageState


@dataclass(frozen=True, slots=True)
class File:
    """A file that was stored already: what it is, by its content."""

    sha256: str
    media: str  # media type found in its bytes
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """Number and date as a person typed them; the hub invents none."""

    number: str
    dated: date


@dataclass(frozen=True, slots=True)
class Seal:
    """That the signatures of a file were checked and hold (`sop/signatures/`).

    `version` and `letter` are those of the frozen paper that it is; None for a file that the hub has not frozen.
    """

    signatures: int
    version: int | None = None
    letter: Letter | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of `sop.fact`, as evidence sees it: `label` is its kind, with `:<state>` where it tells a new state."""

    label: str
    subject: str  # a document, a system of an OPD, or a case
    at: datetime
    ce_id: str

    @property
    def kind(self) -> str:
        """The kind without the state."""
        return self.label.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Begin:
    """Open a draft for documents of one OPD, under the newest version of the procedure."""

    number: str
    opd: str
    decree: str  # legal number of the procedure, as the instance has it
    documents: tuple[str, ...]
    follows: Case | None = None  # whose integration it changes


@dataclass(frozen=True, slots=True)
class Submit:
    """Hand the request in. `has_contact`: whether the contact person is filled in; who it is stays out of events."""

    letter: Letter
    has_contact: bool


@dataclass(frozen=True, slots=True)
class Attach:
    """Put a draft into a slot of the current attempt."""

    slot: str
    file: File


@dataclass(frozen=True, slots=True)
class Freeze:
    """Put a paper that waits for its signatures into an output slot; its number and date stand in it.

    `version` counts the frozen papers of this slot in this case, from 1.
    """

    slot: str
    file: File
    letter: Letter
    version: int


@dataclass(frozen=True, slots=True)
class Sign:
    """Put the signed paper into a slot of the current attempt. Without a seal nobody has checked its signatures."""

    slot: str
    file: File
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class Reuse:
    """Take the paper of the slot from the stage's last attempt: it is still valid, and is confirmed anew."""

    slot: str


@dataclass(frozen=True, slots=True)
class State:
    """Say that something is so, or no longer so, where the stage asks for a person's word."""

    code: str
    yes: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A fact has come."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Confirm:
    """The stage is done. `stand_in`: why a signed paper of this attempt stands in for facts that are missing."""

    expected: Expected
    stand_in: str | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Send the stage back to an earlier one."""

    expected: Expected
    to: int
    reason: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rework:
    """A fault that is handled inside the stage: the clock runs, somebody else has the ball."""

    expected: Expected
    holder: Side
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop the clock up to a day, or hold longer what is held."""

    expected: Expected
    until: date
    reason: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Let the clock run again."""

    expected: Expected


@dataclass(frozen=True, slots=True)
class Correct:
    """Take back the wrong click that made this version of the case."""

    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """The OPD withdraws its request, by letter."""

    letter: Letter
    reason: str


@dataclass(frozen=True, slots=True)
class Remind:
    """The clock asks what is due."""


@dataclass(frozen=True, slots=True)
class Recalendar:
    """The calendar has changed: reckon the open attempt's dates anew."""

    reason: str


Command = (
    Begin | Submit | Attach | Freeze | Sign | Reuse | State | Report | Confirm | Return | Rework | Hold | Resume
    | Correct | Cancel | Remind | Recalendar
)  # fmt: skip

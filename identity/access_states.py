"""The course of a request for access: which act leads from which state to which, and whose act it is. Pure.

The owner's office comes first, then the Walidata; whoever asks decides nothing, and nobody decides twice.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """Where a request stands."""

    ASKED = "asked"  # the owner's office decides
    AGREED = "agreed"  # the Walidata decides
    DECIDED = "decided"  # passed through: the grant is given in the same transaction
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What happens to a request."""

    ASK = "ask"
    NAME_AGREEMENT = "name_agreement"
    AGREE = "agree"
    DECIDE = "decide"
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class Side(StrEnum):
    """Whose act it is."""

    READER = "reader"
    OWNER = "owner"
    WALIDATA = "walidata"


UNDECIDED: Final = (State.ASKED, State.AGREED)
# Where a request stands before and after an act. What is not here is not possible.
COURSE: Mapping[tuple[State, Step], State] = MappingProxyType(
    {
        (State.ASKED, Step.NAME_AGREEMENT): State.ASKED,
        (State.AGREED, Step.NAME_AGREEMENT): State.AGREED,
        (State.ASKED, Step.AGREE): State.AGREED,
        (State.AGREED, Step.DECIDE): State.DECIDED,
        (State.DECIDED, Step.GRANT): State.GRANTED,
        (State.ASKED, Step.REFUSE): State.REFUSED,
        (State.AGREED, Step.REFUSE): State.REFUSED,
        (State.ASKED, Step.WITHDRAW): State.WITHDRAWN,
        (State.AGREED, Step.WITHDRAW): State.WITHDRAWN,
    }
)
_DECIDES: Mapping[State, Side] = MappingProxyType({State.ASKED: Side.OWNER, State.AGREED: Side.WALIDATA})
STATE_TITLES: Mapping[State, str] = MappingProxyType(
    {
        State.ASKED: "Menunggu pemilik data",
        State.AGREED: "Menunggu Walidata",
        State.DECIDED: "Diputuskan Walidata",
        State.GRANTED: "Diberikan",
        State.REFUSED: "Tidak disetujui",
        State.WITHDRAWN: "Ditarik",
    }
)
STEP_TITLES: Mapping[Step, str] = MappingProxyType(
    {
        Step.ASK: "Diajukan",
        Step.NAME_AGREEMENT: "Nomor PKS disebut",
        Step.AGREE: "Disetujui pemilik data",
        Step.DECIDE: "Disetujui Walidata",
        Step.GRANT: "Hak Akses diberikan",
        Step.REFUSE: "Tidak disetujui",
        Step.WITHDRAW: "Ditarik",
    }
)


def after(state: State, step: Step) -> State | None:
    """The state that follows; None where the act is not possible."""
    return COURSE.get((state, step))


def deciding(state: State) -> Side | None:
    """Whose decision a request waits for."""
    return _DECIDES.get(state)


def agreeing(state: State) -> Step:
    """How a yes is called there. Raises KeyError where nobody decides."""
    return {State.ASKED: Step.AGREE, State.AGREED: Step.DECIDE}[state]


def may_decide_too(name: str, asked_by: str, decided_by: Collection[str]) -> bool:
    """Whether somebody may decide beside those who have acted: four eyes at each desk, and no person at two."""
    return name != asked_by and name not in decided_by

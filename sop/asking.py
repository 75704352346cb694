"""What a person asks of a case, as pages, programs and commands name it: an act, and what was typed with it.

`command` makes the machine's order of both. What was not typed is refused by the rule that wants it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Self

from sop.commands import (
    Attach,
    Cancel,
    Command,
    Confirm,
    Correct,
    Expected,
    File,
    Freeze,
    Hold,
    Letter,
    Resume,
    Return,
    Reuse,
    Rework,
    Seal,
    Sign,
    State,
    Submit,
)
from sop.errors import Forbidden, Rule, UnknownAct
from sop.events import StageState
from sop.procedure import Side

_NOT_SEEN: Final = Expected(0, 0, StageState.WAITING)


class Verb(StrEnum):
    """Kinds of acts; what an act is about follows after a colon (`attach:disposisi`)."""

    SUBMIT = "submit"
    ATTACH = "attach"  # slot
    FREEZE = "freeze"  # slot: its paper is made ready for signing
    SIGN = "sign"  # slot
    REUSE = "reuse"  # slot
    STATE = "state"  # code of the evidence: it is so
    UNSTATE = "unstate"  # code of the evidence: it is not so, or no longer
    CONFIRM = "confirm"
    STAND_IN = "stand-in"  # confirm, a signed paper standing in for facts that are missing
    RETURN = "return"  # number of the stage to return to
    REWORK = "rework"  # who has the ball from now on: opd, kominfo
    HOLD = "hold"
    RESUME = "resume"
    CORRECT = "correct"  # version of the case that the wrong click made
    CANCEL = "cancel"


class Field(StrEnum):
    """What is typed or chosen with an act."""

    REASON = "reason"
    LETTER = "letter"  # number and date
    FILE = "file"
    PAPER = "paper"  # what a person types into a paper that is made ready for signing
    DOCUMENTS = "documents"  # some of the case's
    UNTIL = "until"  # a day


FIELDS: Final[Mapping[Verb, tuple[Field, ...]]] = {
    Verb.SUBMIT: (Field.LETTER,),
    Verb.ATTACH: (Field.FILE,),
    Verb.FREEZE: (Field.LETTER, Field.PAPER),
    Verb.SIGN: (Field.FILE,),
    Verb.REUSE: (),
    Verb.STATE: (),
    Verb.UNSTATE: (Field.REASON,),
    Verb.CONFIRM: (),
    Verb.STAND_IN: (Field.REASON,),
    Verb.RETURN: (Field.DOCUMENTS, Field.REASON),
    Verb.REWORK: (Field.REASON,),
    Verb.HOLD: (Field.UNTIL, Field.REASON),
    Verb.RESUME: (),
    Verb.CORRECT: (Field.REASON,),
    Verb.CANCEL: (Field.LETTER, Field.REASON),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """An act, and what it is about: a slot, a code, a stage, a holder or a version; nothing for the others."""

    verb: Verb
    about: str = ""

    @property
    def key(self) -> str:
        """As forms, addresses and commands name it."""
        return f"{self.verb}:{self.about}" if self.about else self.verb.value

    @classmethod
    def of(cls, key: str) -> Self:
        """The act that a key names. Raises UnknownAct."""
        verb, _, about = key.partition(":")
        if verb not in list(Verb):
            raise UnknownAct(key)
        return cls(Verb(verb), about)


@dataclass(frozen=True, slots=True)
class Answers:
    """What was typed. Not typed: whether the contact person is filled in, the version of a paper that was frozen, and
    the seal of a file whose signatures were checked; whoever decides knows them.
    """

    reason: str = ""
    letter: Letter | None = None
    file: File | None = None
    documents: tuple[str, ...] = ()
    until: date | None = None
    has_contact: bool = False
    version: int = 1
    seal: Seal | None = None


def command(ask: Ask, answers: Answers, seen: Expected | None) -> Command:
    """The order; `seen` is the open attempt as the person saw it. Raises UnknownAct, and Forbidden for an answer that
    is missing.
    """
    about, reason, expected = ask.about, answers.reason, seen or _NOT_SEEN
    match ask.verb:
        case Verb.SUBMIT:
            return Submit(_letter(answers), answers.has_contact)
        case Verb.ATTACH:
            return Attach(about, _file(answers))
        case Verb.SIGN:
            return Sign(about, _file(answers), answers.seal)
        case Verb.FREEZE:
            return Freeze(about, _file(answers), _letter(answers), answers.version)
        case Verb.REUSE:
            return Reuse(about)
        case Verb.STATE:
            return State(about, yes=True)
        case Verb.UNSTATE:
            return State(about, yes=False, reason=reason)
        case Verb.CONFIRM:
            return Confirm(expected)
        case Verb.STAND_IN:
            return Confirm(expected, reason)
        case Verb.RETURN:
            return Return(expected, _number(ask), reason, answers.documents)
        case Verb.REWORK:
            return Rework(expected, _side(ask), reason)
        case Verb.HOLD:
            return Hold(expected, _until(answers), reason)
        case Verb.RESUME:
            return Resume(expected)
        case Verb.CORRECT:
            return Correct(_number(ask), reason)
        case Verb.CANCEL:
            return Cancel(_letter(answers), reason)


def _letter(answers: Answers) -> Letter:
    if answers.letter is None:
        raise Forbidden(Rule.LETTER_MISSING, "Mohon isi nomor dan tanggal surat.")
    return answers.letter


def _file(answers: Answers) -> File:
    if answers.file is None:
        raise Forbidden(Rule.FILE_REFUSED, "Mohon pilih berkas.")
    return answers.file


def _until(answers: Answers) -> date:
    if answers.until is None:
        raise Forbidden(Rule.HOLD_BACKWARDS, "Mohon isi hari terakhir penahanan.")
    return answers.until


def _number(ask: Ask) -> int:
    if not ask.about.isascii() or not ask.about.isdigit():
        raise UnknownAct(ask.key)
    return int(ask.about)


def _side(ask: Ask) -> Side:
    if ask.about not in list(Side):
        raise UnknownAct(ask.key)
    return Side(ask.about)

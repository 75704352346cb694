"""Errors of the room.

SopError
├── ProcedureError  the procedure's file contradicts itself
├── Forbidden       a command that a rule of the procedure forbids: which rule, and a sentence for the person
├── Skipped         a reader of a topic of the procedure stands at the wrong place
├── UnknownAct      nobody can ask for this
└── UnknownCase     no case has this number
"""

from enum import StrEnum


class SopError(Exception):
    """Base of everything this room raises."""


class ProcedureError(SopError):
    """A developer's error: where in `procedure.toml`, and what is wrong."""


class UnknownCase(SopError):
    """Nobody has begun a case with this number."""

    def __init__(self, number: str) -> None:
        super().__init__(f"Tidak ada permohonan {number}.")


class Skipped(SopError):
    """Messages are missing between the last one that was taken and `number`."""

    def __init__(self, topic: str, last: int, number: int) -> None:
        super().__init__(f"{topic}: number {number} follows {last}")
        self.number = number


class UnknownAct(SopError):
    """A key that names no act."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Tidak ada langkah bernama {key[:80]!r}.")


class Rule(StrEnum):
    """Why a command is forbidden. The text is the code that pages, REST and tests name."""

    forbids: str  # in words, for the book

    def __new__(cls, code: str, title: str) -> "Rule":
        made = str.__new__(cls, code)
        made._value_, made.forbids = code, title
        return made

    CASE_STATE = "keadaan-permohonan", "the case is not in a state for this"
    STAGE_STATE = "keadaan-tahap", "the attempt is not in a state for this"
    MOVED_ON = "sudah-berubah", "the attempt is no longer as it was seen; the sentence tells what happened"
    NOT_YOUR_ROLE = "bukan-peran", "the act is of another role"
    NOT_YOUR_UNIT = "bukan-unit", "the role is held in another agency"
    DELEGATION_OVER = "surat-berakhir", "the appointment, or the delegate's letter, is not in force on this day"
    TWO_PERSONS = "dua-orang", "who drafted the output would confirm it alone, at 4, 9 or 12"
    OUTPUT_MISSING = "luaran-kurang", "an output slot is empty, or not signed where it must be"
    EVIDENCE_MISSING = "bukti-kurang", "evidence is missing; the sentence lists it"
    NO_SUCH_RETURN = "bukan-jalur-kembali", "the procedure knows no such return"
    REASON_TOO_SHORT = "alasan-pendek", "the reason is too short"
    DOCUMENT_UNKNOWN = "dokumen-lain", "a document that is not of the case or of the OPD"
    DOCUMENT_MISSING = "dokumen-tidak-disebut", "a return names no document"
    SLOT_UNKNOWN = "bukan-berkas-tahap", "the stage has no such slot"
    FILE_REFUSED = "berkas-ditolak", "the file is of another kind, empty, or too large"
    SIGNATURE_MISSING = (
        "tanda-tangan-kurang",
        "the file bears no signatures that hold, or not over the paper as frozen last",
    )
    LETTER_MISSING = "surat-kurang", "a letter's number is missing"
    REQUEST_INCOMPLETE = "permohonan-kurang", "the request lacks documents, its contact or its papers"
    HOLD_TOO_LONG = "penahanan-lama", "a hold of more than ten working days is the Kabid's; none is longer than a year"
    HOLD_BACKWARDS = "penahanan-mundur", "a hold ends later than today"
    NOTHING_TO_CORRECT = (
        "tanpa-koreksi",
        "the click is not the last one, was acted upon, or is none that can be taken back",
    )
    CORRECTION_TOO_LATE = "koreksi-lewat", "the working day of the click is over"
    FOLLOWS_NOTHING = (
        "bukan-lanjutan",
        "the request that is followed is of another OPD, or does not live",
    )
    COMMENT_NOT_YOURS = "komentar-lain", "a comment is corrected once, by whoever wrote it"
    STATEMENT_UNKNOWN = "bukan-pernyataan", "the stage does not ask for this word"


class Forbidden(SopError):
    """A rule forbids the command; nothing has changed. `sentence` is Indonesian and holds no personal value."""

    def __init__(self, rule: Rule, sentence: str) -> None:
        super().__init__(f"{rule}: {sentence}")
        self.rule, self.sentence = rule, sentence

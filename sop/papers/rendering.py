"""A paper about a case as a file: gathered from the database, made, written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from sop import slots
from sop.errors import SopError
from sop.papers.docx import docx
from sop.papers.gathering import dossier
from sop.papers.kinds import KINDS, Kind, paper, parties
from sop.papers.odt import odt
from sop.papers.parts import Paper
from sop.papers.pdf import origin, pdf
from sop.papers.typed import Typed
from sop.procedure import book


class UnknownPaper(SopError):
    """The procedure knows no paper of this name."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Tidak ada naskah {code}; yang ada: {', '.join(KINDS)}.")


class Form(StrEnum):
    """What kind of file, by the end of its name."""

    PDF = "pdf"
    ODT = "odt"
    DOCX = "docx"


MEDIA: Mapping[Form, str] = MappingProxyType({Form.PDF: slots.PDF, Form.ODT: slots.ODT, Form.DOCX: slots.DOCX})
_WRITERS: Mapping[Form, Callable[[Paper], bytes]] = MappingProxyType({Form.PDF: pdf, Form.ODT: odt, Form.DOCX: docx})


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file: its name for who saves it, its media type, its bytes."""

    name: str
    media: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Frozen:
    """A paper that waits for its signatures, as a file, and what it was made from."""

    title: str
    parties: int  # who sign
    data: bytes
    origin: Mapping[str, Any]


def freeze(
    conn: Connection[TupleRow],
    number: str,
    code: str,
    typed: Typed,
    *,
    verified_at: str,
    instance: Instance,
    on: date,
) -> Frozen:
    """The paper without *KONSEP*, with its mark. Raises UnknownCase, UnknownPaper.

    The caller holds the case's lock. Whom to call stands in none of them: they are handed on to anybody.
    """
    kind = _kind(code)
    found = dossier(conn, number, on=on, instance=instance, book=book(), typed=typed)
    made = paper(kind, found, verified_at=verified_at)
    return Frozen(kind.title, parties(made.sections), pdf(made), origin(made))


def render(
    conn: Connection[TupleRow],
    number: str,
    code: str,
    form: Form = Form.PDF,
    *,
    instance: Instance,
    on: date,
    with_contact: bool = False,
) -> Rendered:
    """A draft of a paper about a case, as of a day. Raises UnknownCase, UnknownPaper.

    Whether somebody may see the case, and that it was opened, is the caller's to check and to write down.
    """
    kind = _kind(code)
    found = dossier(conn, number, on=on, instance=instance, book=book(), with_contact=with_contact)
    data = _WRITERS[form](paper(kind, found))
    return Rendered(f"{number}-{code}.{form}", MEDIA[form], data)


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise UnknownPaper(code)
    return KINDS[code]

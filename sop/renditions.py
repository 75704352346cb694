"""Papers that wait for their signatures, as they were frozen, and the signatures of the files that were accepted.

The bytes are kept by their hash (`sop/attachments.py`). Nothing here is ever changed or removed: a corrected paper is a
version more, and the older one says that it was superseded.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

from hub_db.statements import load
from sop.errors import SopError
from sop.papers.rendering import Frozen
from sop.papers.typed import Typed
from sop.signatures.verdict import Signature

SQL = load("sop", "sql/renditions.sql")
WAY: Final = "/naskah/"  # of the page that tells of a paper's signature; its code follows
CODE_BYTES: Final = 15  # 120 bits, which nobody guesses, in 24 letters and digits that nobody takes for another


class UnknownRendition(SopError):
    """No paper was frozen with this code."""

    def __init__(self) -> None:
        super().__init__("Kode naskah ini tidak dikenal.")


@dataclass(frozen=True, slots=True)
class Rendition:
    """A paper as it was frozen; `newest` is the last version of its slot, `signed` the hash of the accepted file."""

    code: str
    case: str
    slot: str
    version: int
    stage: int
    round: int
    title: str
    sha256: str
    size: int
    letter: str
    dated: date
    parties: int
    by: str
    at: datetime
    newest: int
    signed: str | None

    @property
    def is_superseded(self) -> bool:
        """Whether a later version was frozen."""
        return self.version < self.newest


@dataclass(frozen=True, slots=True)
class Accepted:
    """A signature of an accepted file. `version` is that of the frozen paper, None for a file of others."""

    slot: str
    sha256: str
    place: int  # from 1, in the order of signing
    version: int | None
    signer: str
    unit: str
    issuer: str
    certificate: str  # SHA-256 of the certificate
    signed_at: datetime | None
    stamped: bool  # whether a time-stamping authority says so, not the signer's own clock
    at: datetime  # when it was checked


def new_code() -> str:
    """A code for an address: lower case, without 0, 1, 8 and 9."""
    return base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()


def next_version(conn: Connection[TupleRow], number: str, slot: str) -> int:
    """The version that the next frozen paper of the slot has; the caller holds the case's lock."""
    row = conn.execute(SQL["next_version"], {"case": number, "slot": slot}).fetchone()
    return int(row[0]) if row else 1


def add(
    conn: Connection[TupleRow],
    frozen: Frozen,
    typed: Typed,
    *,
    code: str,
    case: str,
    slot: str,
    version: int,
    attempt: tuple[int, int],
    sha256: str,
    by: str,
    now: datetime,
) -> None:
    """Keep a frozen paper, whose bytes are kept already. `attempt`: stage and round."""
    conn.execute(
        SQL["add_rendition"],
        {
            "code": code,
            "case": case,
            "slot": slot,
            "version": version,
            "stage": attempt[0],
            "round": attempt[1],
            "title": frozen.title,
            "sha256": sha256,
            "size": len(frozen.data),
            "letter": typed.letter.number.strip(),
            "dated": typed.dated,
            "parties": frozen.parties,
            "origin": Jsonb(dict(frozen.origin)),
            "by": by,
            "at": now,
        },
    )


def of_case(conn: Connection[TupleRow], number: str) -> list[Rendition]:
    """The frozen papers of a case, each slot's in order."""
    with conn.cursor(row_factory=class_row(Rendition)) as cursor:
        return cursor.execute(SQL["renditions_of_case"], {"case": number}).fetchall()


def by_code(conn: Connection[TupleRow], code: str) -> Rendition:
    """The frozen paper with this code. Raises UnknownRendition."""
    with conn.cursor(row_factory=class_row(Rendition)) as cursor:
        found = cursor.execute(SQL["rendition_by_code"], {"code": code}).fetchone()
    if found is None:
        raise UnknownRendition
    return found


def agency_of(conn: Connection[TupleRow], code: str) -> tuple[str, str]:
    """Code and name of the agency whose paper it is. Raises UnknownRendition."""
    row = conn.execute(SQL["agency_of_rendition"], {"code": code}).fetchone()
    if row is None:
        raise UnknownRendition
    return row[0], row[1]


def origin_of(conn: Connection[TupleRow], code: str) -> dict[str, Any]:
    """What the paper was made from. Raises UnknownRendition."""
    row = conn.execute(SQL["origin_of"], {"code": code}).fetchone()
    if row is None:
        raise UnknownRendition
    found: dict[str, Any] = row[0]
    return found


def accept(
    conn: Connection[TupleRow],
    number: str,
    slot: str,
    sha256: str,
    signatures: Sequence[Signature],
    *,
    version: int | None,
    by: str,
    now: datetime,
) -> None:
    """Keep the signatures that hold, in the transaction in which the file comes into its slot."""
    for place, each in enumerate(signatures, 1):
        told = {
            "case": number,
            "slot": slot,
            "sha256": sha256,
            "place": place,
            "version": version,
            "signer": each.signer,
            "unit": each.unit,
            "issuer": each.issuer,
            "certificate": each.certificate,
            "signed_at": each.signed_at,
            "stamped": each.stamped,
            "by": by,
            "at": now,
        }
        conn.execute(SQL["add_signature"], told)


def accepted(conn: Connection[TupleRow], number: str) -> list[Accepted]:
    """The signatures of the case's accepted files, each file's in their order."""
    with conn.cursor(row_factory=class_row(Accepted)) as cursor:
        return cursor.execute(SQL["signatures_of_case"], {"case": number}).fetchall()

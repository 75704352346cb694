"""Files that people hand in for a case: the bytes once by their hash, every handing in, and every opening.

A file becomes a version of a slot by `Attach` or `Sign` (`sop/slots.py`), which name it by its hash.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.statements import load
from sop.commands import File
from sop.errors import SopError
from sop.media import media_of, safe_name

STATEMENTS = load("sop", "sql/files.sql")


class UnknownFile(SopError):
    """Nobody has handed in such a file for this case."""

    def __init__(self, number: str) -> None:
        super().__init__(f"Permohonan {number} tidak memiliki berkas ini.")


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it was handed in; `name` is fit to be saved under."""

    name: str
    media: str
    data: bytes


@dataclass(frozen=True, slots=True)
class HandedIn:
    """That a file was handed in for a case."""

    sha256: str
    name: str
    media: str
    size: int  # bytes
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """That somebody has opened a file."""

    sha256: str
    by: str
    at: datetime


def hand_in(conn: Connection[TupleRow], number: str, data: bytes, name: str, *, by: str, now: datetime) -> File:
    """Keep a file for a case, and say what it is. Raises Forbidden (FILE_REFUSED) for what is not accepted.

    The same bytes twice are kept once; who handed them in, when and under which name, each time. Whether the case is
    there, and whether the person may, is the caller's to check.
    """
    media, sha256 = media_of(data), hashlib.sha256(data).hexdigest()
    file = {"sha256": sha256, "media": media, "size": len(data), "content": data, "at": now}
    conn.execute(STATEMENTS["add_file"], file)
    handed = {"case": number, "sha256": sha256, "name": safe_name(name, media), "by": by, "at": now}
    conn.execute(STATEMENTS["hand_in"], handed)
    return File(sha256, media, len(data))


def open_file(conn: Connection[TupleRow], number: str, sha256: str, *, by: str, now: datetime) -> Content:
    """A file of the case, and that it was opened. Raises UnknownFile, also for a file of another case."""
    asked = {"case": number, "sha256": sha256}
    with conn.cursor(row_factory=class_row(Content)) as cursor:
        found = cursor.execute(STATEMENTS["file_of_case"], asked).fetchone()
    if found is None:
        raise UnknownFile(number)
    conn.execute(STATEMENTS["opened"], {**asked, "by": by, "at": now})
    return found


def handed_in(conn: Connection[TupleRow], number: str) -> list[HandedIn]:
    """Everything that was handed in for a case, oldest first."""
    with conn.cursor(row_factory=class_row(HandedIn)) as cursor:
        return cursor.execute(STATEMENTS["files_of_case"], {"case": number}).fetchall()


def openings(conn: Connection[TupleRow], number: str) -> Mapping[str, list[Opening]]:
    """Who has opened which file of a case, by the file's hash, oldest first."""
    found: dict[str, list[Opening]] = {}
    with conn.cursor(row_factory=class_row(Opening)) as cursor:
        for each in cursor.execute(STATEMENTS["openings_of_case"], {"case": number}):
            found.setdefault(each.sha256, []).append(each)
    return found

"""Anchors: what the head of the audit's chain was at a moment, written down outside of the database.

A chain by itself cannot show that its end was cut off, or that all of it was written anew. Each anchor is a line of
JSON, appended to a file that nobody rewrites; `mac` is HMAC-SHA-256 over the rest with a key that no database holds.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from identity.audit import Json, canonical_json
from identity.audit_chain import head
from identity.errors import IdentityError

FILE: Final = "audit.jsonl"
ANCHOR_EVERY_S: Final = 3_600.0
PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600


class AnchorFailed(IdentityError):
    """The folder of anchors cannot be written: the head stands nowhere but in the database."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head at a moment."""

    number: int
    hash: bytes
    at: datetime
    is_genuine: bool = True  # whether its own seal fits


def anchor(conn: Connection[TupleRow], folder: Path, key: SecretStr, *, now: datetime) -> Anchor | None:
    """Append the head to the anchors and return it; None while there is nothing to anchor. Raises AnchorFailed."""
    newest = head(conn)
    if newest is None:
        return None
    made = Anchor(newest.number, newest.hash, now)
    try:
        _append(folder / FILE, json.dumps(_line(made) | {"mac": _mac(made, key)}))
    except OSError as error:
        raise AnchorFailed(f"Jangkar audit tidak dapat ditulis di {folder}: {error.strerror}.") from error
    return made


def anchors(folder: Path, key: SecretStr) -> list[Anchor]:
    """All anchors in their order; none when there is no file. A line that cannot be read is one that is not genuine."""
    file = folder / FILE
    if not file.exists():
        return []
    return [
        _read(line, key) for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()
    ]


def _line(made: Anchor) -> dict[str, Json]:
    at = made.at.astimezone(UTC).isoformat(timespec="microseconds")
    return {"number": made.number, "hash": made.hash.hex(), "at": at}


def _mac(made: Anchor, key: SecretStr) -> str:
    return hmac.digest(key.get_secret_value().encode(), canonical_json(_line(made)), hashlib.sha256).hex()


def _read(line: str, key: SecretStr) -> Anchor:
    try:
        found = json.loads(line)
        read = Anchor(int(found["number"]), bytes.fromhex(found["hash"]), datetime.fromisoformat(found["at"]))
        genuine = hmac.compare_digest(_mac(read, key), str(found["mac"]))
    except (ValueError, KeyError, TypeError, OverflowError):
        return Anchor(0, b"", datetime.fromtimestamp(0, UTC), is_genuine=False)
    return Anchor(read.number, read.hash, read.at, genuine)


def _append(path: Path, line: str) -> None:
    """One line at the end of the file, on the disk before this returns; a torn last line is ended first."""
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, PRIVATE_FILE)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, (("\n" if torn else "") + line + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def newest(found: Sequence[Anchor]) -> Anchor | None:
    """The genuine anchor with the greatest number."""
    return max((each for each in found if each.is_genuine), key=lambda each: each.number, default=None)

"""The audit: one entry tells who did what to what, and stands in the transaction of the act itself.

`record` takes no lock; numbering and chaining come after the commit (`identity/audit_chain.py`). What may stand in an
entry is what `canonical` can write, as the chain's hash is taken over that text (docs/reference/audit.md).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from hub_db.statements import load

SQL = load("identity", "sql/audit.sql")
VERSION: Final = 1  # of the canonical text
GREATEST_INTEGER: Final = 2**53 - 1  # what every reader of JSON keeps exact (RFC 8785)
Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]
ActorKind = Literal["person", "token", "system", "command"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. No personal value stands in it: a subject that is a person is a pseudonym (`identity/pseudonyms.py`)."""

    actor: str  # login name, "token:<number>", name of a process, or of the system's user who ran a command
    actor_kind: ActorKind
    act: str  # dotted: "people.invite"; the list is `identity/acts.py`
    role: str | None = None  # the role that was used
    opd: str | None = None  # the OPD in which that role is held, or for which it was done
    subject: str | None = None  # "<kind>:<identifier>"
    purpose: str | None = None  # as it was typed
    details: Mapping[str, Json] = field(default_factory=dict)  # texts, integers, booleans, nulls, lists, objects
    at: datetime | None = None  # None = now, by the database's clock


def record(conn: Connection[TupleRow], entry: AuditEntry) -> None:
    """Write the entry in the caller's transaction. Raises ValueError for one that has no canonical text."""
    record_all(conn, (entry,))


def record_all(conn: Connection[TupleRow], entries: Iterable[AuditEntry]) -> None:
    """Write several entries, in their order."""
    rows = [_row(entry) for entry in entries]
    with conn.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(SQL["record"], rows[0])
        elif rows:
            cursor.executemany(SQL["record"], rows)


def canonical(number: int, transaction: int, at: datetime, entry: AuditEntry) -> bytes:
    """The text of a written entry whose hash goes into the chain (docs/reference/audit.md). Raises ValueError for a
    number in the details that is not whole; the database lets none in."""
    whole: dict[str, Json] = {
        "act": entry.act,
        "actor": entry.actor,
        "actor_kind": entry.actor_kind,
        "at": _moment(at),
        "details": entry.details,
        "id": str(number),
        "opd": entry.opd,
        "purpose": entry.purpose,
        "role": entry.role,
        "subject": entry.subject,
        "transaction": str(transaction),
        "v": VERSION,
    }
    return canonical_json(whole)


def canonical_json(value: Json) -> bytes:
    """JSON after RFC 8785: keys sorted, no space, UTF-8, only needed escapes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_refuse).encode()


def read_details(text: str) -> dict[str, Json]:
    """Details as the database writes them; a whole number may have decimal places there (1.0)."""
    found: dict[str, Json] = json.loads(text, parse_float=_whole)
    return found


def _row(entry: AuditEntry) -> dict[str, object]:
    for text in (entry.actor, entry.act, entry.role, entry.opd, entry.subject, entry.purpose, entry.details):
        _check(text)
    if entry.at is not None and entry.at.tzinfo is None:
        raise ValueError("an audit entry's moment has no time zone")
    return {
        "at": entry.at,
        "actor": entry.actor,
        "actor_kind": entry.actor_kind,
        "role": entry.role,
        "opd": entry.opd,
        "act": entry.act,
        "subject": entry.subject,
        "purpose": entry.purpose,
        "details": Jsonb(dict(entry.details)),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _whole(text: str) -> int:
    exact = Decimal(text)
    if exact != exact.to_integral_value():
        raise ValueError("an audit entry's details have a number that is not whole")
    return int(exact)


def _refuse(value: object) -> str:
    raise ValueError(f"an audit entry cannot hold a {type(value).__name__}")


def _check(value: object) -> None:
    match value:
        case None | bool():
            return
        case int():
            if abs(value) > GREATEST_INTEGER:
                raise ValueError("an integer of an audit entry is beyond 2**53 - 1: write it as a text")
        case str():
            if "\0" in value:
                raise ValueError("a text of an audit entry has a NUL")
            value.encode()  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
        case Mapping():
            for key, inner in value.items():
                if not isinstance(key, str) or not key.isascii() or not key:
                    raise ValueError("a key of an audit entry's details is not an ASCII text")
                _check(key)
                _check(inner)
        case list() | tuple():
            for inner in value:
                _check(inner)
        case _:
            raise ValueError(f"an audit entry cannot hold a {type(value).__name__}")

"""Service tokens: how a program of an agency proves who it is.

A token belongs to a system and a purpose, is good for some documents and acts, and ends after a year at most. Two may
be valid at once for one system and purpose, so that a program can be given the new one before the old one is revoked.
Each use asks the database, so a revocation holds at once in every process.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from hub_db.statements import load
from identity import bearer
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import NotAllowed, Unknown
from identity.permissions import TOKEN_PERMISSIONS, Permission
from identity.principals import Scope, TokenPrincipal

SQL = load("identity", "sql/tokens.sql")
ServiceToken = NewType("ServiceToken", str)
PREFIX = "smp_"
LONGEST = timedelta(days=365)
AT_ONCE = 2  # of one system and purpose
USED_EVERY = timedelta(minutes=1)  # `last_used_at` is written no more often
HINT = 4  # first characters after the prefix, to tell tokens apart in a list: 24 of 256 bits
PAGE = 500
_FORM = re.compile(r"smp_[A-Za-z0-9_-]{43}")
_DOCUMENT = re.compile(r"[a-z][a-z0-9-]{0,59}")
_PURPOSE = re.compile(r"[a-z][a-z0-9-]{1,39}")


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is to be good for."""

    system_id: int
    purpose: str  # a short word: "kirim", "baca"
    permissions: frozenset[Permission]
    documents: frozenset[str] | None  # names of the agency's documents; None = all that it has or will have
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """A token as lists show it; the secret itself is nowhere."""

    id: int
    hint: str
    opd: str
    system: str
    purpose: str
    documents: frozenset[str] | None
    permissions: frozenset[Permission]
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    last_used_at: datetime | None  # to the minute
    revoked_at: datetime | None
    revoked_by: str | None

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


def issue_token(conn: Connection[TupleRow], new: NewToken, *, by: Actor, now: datetime) -> tuple[int, ServiceToken]:
    """The number and the secret, which is shown this once. Raises Unknown, NotAllowed."""
    system = conn.execute(SQL["lock_system"], {"id": new.system_id}).fetchone()
    if system is None:
        raise Unknown("Sistem itu tidak ada atau tidak aktif.")
    _must_be_allowed(new, now)
    values = {"system_id": new.system_id, "purpose": new.purpose, "now": now}
    valid = conn.execute(SQL["count_valid"], values).fetchone()
    if valid is not None and valid[0] >= AT_ONCE:
        raise NotAllowed(
            f"Sudah ada {AT_ONCE} token yang berlaku untuk keperluan {new.purpose}. Cabut yang lama terlebih dahulu."
        )
    token = ServiceToken(bearer.fresh(PREFIX))
    row = conn.execute(
        SQL["issue_token"],
        {
            **values,
            "token": bearer.digest(token),
            "hint": token[len(PREFIX) : len(PREFIX) + HINT],
            "documents": _list(new.documents),
            "permissions": _list(new.permissions),
            "by": by.name,
            "expires_at": new.expires_at,
        },
    ).fetchone()
    if row is None:
        raise RuntimeError("an insert gave no number")
    note(
        conn,
        by,
        Act.TOKEN_ISSUE,
        f"token:{row[0]}",
        now=now,
        opd=system[1],
        system=system[2],
        purpose=new.purpose,
        documents=_list(new.documents),
        permissions=_list(new.permissions),
        expires_at=new.expires_at.isoformat(),
    )
    return int(row[0]), token


def principal_of_token(conn: Connection[TupleRow], token: str, *, now: datetime) -> TokenPrincipal | None:
    """Who brings the token; None when it is none of ours, has expired, was revoked, or its system is switched off."""
    if not _FORM.fullmatch(token):
        return None
    row = conn.execute(SQL["valid_token"], {"token": bearer.digest(token), "now": now}).fetchone()
    if row is None:
        return None
    number, opd, system, documents, permissions, last_used_at = row
    if last_used_at is None or now - last_used_at >= USED_EVERY:
        conn.execute(SQL["use_token"], {"id": number, "now": now, "unless_since": now - USED_EVERY})
    return TokenPrincipal(
        number,
        opd,
        system,
        None if documents is None else frozenset(documents),
        frozenset(Permission(each) for each in permissions) & TOKEN_PERMISSIONS,
    )


def tokens(conn: Connection[TupleRow], scope: Scope) -> list[Token]:
    """The tokens of the agencies within the scope, newest first; at most PAGE."""
    values = {"everywhere": scope.everywhere, "opds": sorted(scope.opds), "limit": PAGE}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_token(row) for row in cursor.execute(SQL["tokens"], values)]


def revoke(conn: Connection[TupleRow], token_id: int, *, by: Actor, within: Scope, now: datetime) -> None:
    """End a token at once; nothing happens when it has been. Raises Unknown, also for one beyond the scope."""
    owner = conn.execute(SQL["opd_of_token"], {"id": token_id}).fetchone()
    if owner is None or not within.covers(owner[0]):
        raise Unknown("Token itu tidak ada.")
    if conn.execute(SQL["revoke_token"], {"id": token_id, "now": now, "by": by.name}).fetchone() is not None:
        note(conn, by, Act.TOKEN_REVOKE, f"token:{token_id}", now=now, opd=owner[0], system=owner[1])


def _must_be_allowed(new: NewToken, now: datetime) -> None:
    if not _PURPOSE.fullmatch(new.purpose):
        raise NotAllowed("Keperluan adalah satu kata pendek dari huruf kecil, angka, atau tanda hubung.")
    if not new.permissions or new.permissions - TOKEN_PERMISSIONS:
        allowed = ", ".join(sorted(TOKEN_PERMISSIONS))
        raise NotAllowed(f"Token layanan hanya untuk: {allowed}.")
    if new.documents is not None and (not new.documents or not all(map(_DOCUMENT.fullmatch, new.documents))):
        raise NotAllowed("Dokumen disebut dengan namanya, misalnya penduduk.")
    if not now < new.expires_at <= now + LONGEST:
        raise NotAllowed(f"Token layanan berlaku paling lama {LONGEST.days} hari sejak diterbitkan.")


def _list(texts: Iterable[str] | None) -> list[str] | None:
    return None if texts is None else sorted(str(each) for each in texts)


def _token(row: dict[str, object]) -> Token:
    documents, permissions = row["documents"], row["permissions"]
    sets = {
        "documents": frozenset(documents) if isinstance(documents, list) else None,
        "permissions": frozenset(map(Permission, permissions)) if isinstance(permissions, list) else frozenset(),
    }
    return Token(**{**row, **sets})  # type: ignore[arg-type]

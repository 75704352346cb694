"""The second factor: codes of an authenticator (TOTP, RFC 6238), each used once, and recovery codes.

The secret has to be readable, so the database holds it as it is; only the pages' process may read its table.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.statements import load
from identity import sessions
from identity.actors import Actor, note
from identity.acts import Act
from identity.errors import NotAllowed
from identity.people import find_person, lock, subject

SQL = load("identity", "sql/accounts.sql")
STEP_S = 30
TOLERANCE = 1  # steps to either side, for clocks that go wrong
DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # 80 bits: random enough for a plain hash


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the authenticator is told, once."""

    secret: str  # base32, to be typed by hand
    uri: str  # otpauth://…, to be shown as a QR code


def begin(conn: Connection[TupleRow], person_id: int, *, issuer: str) -> Enrolment:
    """A new secret, which counts once a code of it was given. Raises NotAllowed when there is a confirmed one."""
    secret = pyotp.random_base32()
    person = find_person(conn, person_id)
    if conn.execute(SQL["put_secret"], {"person_id": person_id, "secret": secret}).fetchone() is None:
        raise NotAllowed("Verifikasi dua langkah sudah aktif.")
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=person.name, issuer_name=issuer))


def confirm(conn: Connection[TupleRow], person_id: int, code: str, *, now: datetime) -> list[str] | None:
    """The recovery codes, shown once, when the code is right; None otherwise. The person's sessions end."""
    person = lock(conn, person_id)
    if person.has_second_factor:
        raise NotAllowed("Verifikasi dua langkah sudah aktif.")
    if not _use_code(conn, person_id, code, now):
        return None
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    conn.execute(SQL["forget_recovery_codes"], {"person_id": person_id})
    digests = [_recovery_digest(each) for each in codes]
    conn.execute(SQL["add_recovery_codes"], {"person_id": person_id, "codes": digests})
    sessions.end_all(conn, person_id, sessions.Ended.SECOND_FACTOR_CHANGED, now=now)
    note(conn, Actor.owner(person.name), Act.SECOND_FACTOR_ADD, subject(person.name), now=now)
    return codes


def verify(conn: Connection[TupleRow], person_id: int, name: str, code: str, *, now: datetime) -> bool:
    """Whether the code of the authenticator, or a recovery code, is right; it is used up by that."""
    code = "".join(code.split())
    if len(code) == DIGITS:
        return _use_code(conn, person_id, code, now)
    values = {"person_id": person_id, "code": _recovery_digest(code), "now": now}
    if conn.execute(SQL["use_recovery_code"], values).fetchone() is None:
        return False
    note(conn, Actor.owner(name), Act.RECOVERY_CODE_USE, subject(name), now=now)
    return True


def remove(conn: Connection[TupleRow], person_id: int, *, by: Actor, now: datetime) -> None:
    """Take the second factor away, as from somebody who lost the authenticator. The person's sessions end."""
    person = lock(conn, person_id)
    if conn.execute(SQL["forget_second_factor"], {"person_id": person_id}).fetchone() is None:
        return
    conn.execute(SQL["forget_recovery_codes"], {"person_id": person_id})
    sessions.end_all(conn, person_id, sessions.Ended.SECOND_FACTOR_CHANGED, now=now)
    note(conn, by, Act.SECOND_FACTOR_REMOVE, subject(person.name), now=now)


def recovery_codes_left(conn: Connection[TupleRow], person_id: int) -> int:
    row = conn.execute(SQL["recovery_codes_left"], {"person_id": person_id}).fetchone()
    return 0 if row is None else int(row[0])


def _use_code(conn: Connection[TupleRow], person_id: int, code: str, now: datetime) -> bool:
    row = conn.execute(SQL["secret_of"], {"person_id": person_id}).fetchone()
    if row is None:
        return False
    step = right_step(row[0], code, now, after=row[2])
    if step is None:
        return False
    values = {"person_id": person_id, "step": step, "now": now}
    return conn.execute(SQL["use_step"], values).fetchone() is not None


def right_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The step whose code this is, of those near now and after the last one used; None for a wrong or used code."""
    code = "".join(code.split())
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    here = int(now.timestamp()) // STEP_S
    right = [
        step
        for step in range(here - TOLERANCE, here + TOLERANCE + 1)
        if secrets.compare_digest(totp.generate_otp(step).encode(), code.encode("utf-8", "replace")) and step > after
    ]
    return right[0] if right else None


def _recovery_code() -> str:
    """16 letters and digits in groups of four."""
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _recovery_digest(code: str) -> bytes:
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()

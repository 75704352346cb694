"""Signing in with name, password and, where there is one, a second factor (RELIABILITY §4 and §5).

Whether a name exists cannot be learnt: a wrong name, a wrong password, a closed account and one without a password get
the same answer after the same work, and the same waits.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from hub_db.statements import load
from identity import devices, passwords, second_factor, tries
from identity.actors import Actor, note
from identity.acts import Act
from identity.devices import DeviceToken
from identity.people import NAME, subject
from identity.sessions import SessionToken, open_session
from identity.tries import Counted, CountOf

SQL = load("identity", "sql/sign_in.sql")
ACCOUNTS = load("identity", "sql/accounts.sql")
NOBODY = "-"  # the audit's actor where no account has the name: what was typed there may be a password


class Refusal(Enum):
    """Why somebody did not get in."""

    WRONG = "Nama masuk atau kata sandi tidak cocok. Mohon periksa kembali."
    CODE_WANTED = "Mohon isi kode verifikasi dari aplikasi autentikator Anda."
    CODE_WRONG = "Kode verifikasi tidak cocok atau sudah dipakai. Mohon tunggu kode berikutnya."
    WAIT = "Terlalu banyak percobaan. Mohon tunggu sebentar, lalu coba lagi."


@dataclass(frozen=True, slots=True)
class SignedIn:
    person_id: int
    session: SessionToken
    device: DeviceToken | None  # for a cookie of its own; None when the device was known
    second_factor: bool


@dataclass(frozen=True, slots=True)
class SignInRefused:
    reason: Refusal
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class SignIns:
    """What all sign-ins came to since a moment; the watch calls a person when refusals are many."""

    done: int
    refused: int
    held_back: int  # told to wait, nothing was looked at


@dataclass(frozen=True, slots=True)
class _Account:
    id: int
    name: str
    disabled: bool
    hash: str | None
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class _Try:
    """One try, as its parts need it."""

    name: str
    address: str
    user_agent: str
    device_id: int | None
    counts: tuple[Counted, ...]
    now: datetime


def sign_in(
    conn: Connection[TupleRow],
    name: str,
    password: str,
    *,
    code: str | None,
    address: str,
    device: str | None,
    user_agent: str,
    now: datetime,
) -> SignedIn | SignInRefused:
    """Try to sign in. `device` is the token of the device's cookie, `code` of the authenticator or a recovery code.

    Call it with a connection outside of a transaction: it counts the try in one, hashes in none, and opens the session
    in another, so that no lock is held while a hash is made and a refused try is counted all the same.
    """
    name = name.strip().lower()
    with conn.transaction():
        attempt = _attempt(conn, name, address=address, device=device, user_agent=user_agent, now=now)
        wait_s = tries.take(conn, attempt.counts, now=now)
        if wait_s:
            _count(conn, now, held_back=1)
            return SignInRefused(Refusal.WAIT, wait_s)
    account = _account(conn, name)
    stored = account.hash if account else None
    right = len(password) <= passwords.LONGEST and passwords.matches(password, stored)
    if account is None or not right or account.disabled:
        return _refused(conn, account, Refusal.WRONG, attempt)
    if stored is not None and passwords.is_outdated(stored):
        values = {"person_id": account.id, "hash": passwords.hashed(password), "had": stored}
        conn.execute(ACCOUNTS["rehash"], values)
    return _let_in(conn, account, code, attempt)


def sign_ins_since(conn: Connection[TupleRow], since: datetime) -> SignIns:
    """What the sign-ins came to, by whole minutes."""
    row = conn.execute(SQL["sign_ins_since"], {"since": since}).fetchone()
    return SignIns(*map(int, row)) if row else SignIns(0, 0, 0)


def _attempt(
    conn: Connection[TupleRow], name: str, *, address: str, device: str | None, user_agent: str, now: datetime
) -> _Try:
    """Whose tries are counted: from a known device those of the device alone, else those of name and address."""
    known = devices.known(conn, device, name, now=now) if device else None
    if known is not None:
        counts: tuple[Counted, ...] = (tries.counted(CountOf.DEVICE, str(known)),)
    else:
        counts = (tries.counted(CountOf.NAME, name), tries.counted(CountOf.ADDRESS, address))
    return _Try(name, address, user_agent, known, counts, now)


def _account(conn: Connection[TupleRow], name: str) -> _Account | None:
    values = {"name": name if NAME.fullmatch(name) else None}
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(SQL["account"], values).fetchone()
    return _Account(**row) if row else None


def _let_in(conn: Connection[TupleRow], account: _Account, code: str | None, attempt: _Try) -> SignedIn | SignInRefused:
    now = attempt.now
    if account.has_second_factor and not code:
        with conn.transaction():  # the password was right: the next try, with the code, costs nothing more
            tries.give_back(conn, tuple(each for each in attempt.counts if each.kind is CountOf.ADDRESS))
        return SignInRefused(Refusal.CODE_WANTED)
    with conn.transaction():
        if account.has_second_factor and not second_factor.verify(conn, account.id, account.name, code or "", now=now):
            return _refused(conn, account, Refusal.CODE_WRONG, attempt)
        tries.give_back(conn, attempt.counts)
        device = None
        if attempt.device_id is None:
            device = devices.remember(conn, account.id, user_agent=attempt.user_agent, now=now)
        else:
            devices.used(conn, attempt.device_id, now=now)
        session = open_session(
            conn,
            account.id,
            now=now,
            address=attempt.address,
            user_agent=attempt.user_agent,
            second_factor=account.has_second_factor,
        )
        note(
            conn,
            Actor.owner(account.name),
            Act.SIGN_IN,
            subject(account.name),
            now=now,
            address=attempt.address,
            known_device=attempt.device_id is not None,
            second_factor=account.has_second_factor,
        )
        _count(conn, now, done=1)
    return SignedIn(account.id, session, device, account.has_second_factor)


def _refused(conn: Connection[TupleRow], account: _Account | None, reason: Refusal, attempt: _Try) -> SignInRefused:
    with conn.transaction():
        note(
            conn,
            Actor.owner(account.name if account else NOBODY),
            Act.SIGN_IN_REFUSED,
            subject(account.name) if account else None,
            now=attempt.now,
            address=attempt.address,
            known_device=attempt.device_id is not None,
            reason=reason.name.lower(),
        )
        _count(conn, attempt.now, refused=1)
    return SignInRefused(reason)


def _count(conn: Connection[TupleRow], now: datetime, *, done: int = 0, refused: int = 0, held_back: int = 0) -> None:
    conn.execute(SQL["count_minute"], {"now": now, "done": done, "refused": refused, "held_back": held_back})

"""Pseudonyms of personal keys: the same person has the same one, and nobody gets from it to the person without the key.

The audit holds the whole pseudonym, so that it can be asked who saw a person; logs hold its first twelve digits. A
plain hash would not do: there are few enough NIK to try them all.
"""

import hashlib
import hmac
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from hub_db.statements import load
from identity.errors import NotAllowed

SQL = load("identity", "sql/records.sql")
SHORT: Final = 12  # hexadecimal digits in a log (RELIABILITY §5)
_BLOCK: Final = 64  # bytes that SHA-256 works on at a time
_USES: Final = ("audit", "handle", "cover")  # each has a key of its own


class Pseudonyms:
    """Made of one secret, which must never change: what was written before could not be found any more."""

    def __init__(self, secret: SecretStr) -> None:
        self._keys = {
            use: hmac.digest(secret.get_secret_value().encode(), use.encode(), hashlib.sha256) for use in _USES
        }

    def of(self, entity: str, key: str) -> str:
        """The audit's subject for a row of an entity: `<entity>:<64 hexadecimal digits>`. As `masked.pseudonym`."""
        return f"{entity}:{self._digest(entity, key)}"

    def short(self, entity: str, key: str) -> str:
        """What a log may say of it."""
        return f"{entity}:{self._digest(entity, key)[:SHORT]}"

    def install(self, conn: Connection[TupleRow]) -> None:
        """Give the database its keys, as its owner. Raises NotAllowed when it has others already."""
        for use, key in self._keys.items():
            row = conn.execute(SQL["install_secret"], {"name": use, **_pads(key)}).fetchone()
            if row is None or not row[0]:
                raise NotAllowed(
                    "Kunci nama samaran tidak sama dengan yang dipakai basis data. Kembalikan berkas rahasia "
                    "'pseudonyms' yang semula; dengan kunci lain jejak audit lama tidak dapat dicari lagi."
                )

    def _digest(self, entity: str, key: str) -> str:
        return hmac.digest(self._keys["audit"], entity.encode() + b"\0" + key.encode(), hashlib.sha256).hex()


def _pads(key: bytes) -> dict[str, bytes]:
    """The two padded keys of HMAC (RFC 2104), so that the database need not XOR."""
    whole = key.ljust(_BLOCK, b"\0")
    return {"inner_pad": bytes(byte ^ 0x36 for byte in whole), "outer_pad": bytes(byte ^ 0x5C for byte in whole)}

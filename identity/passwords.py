"""Passwords: which are good enough, and how they are kept.

argon2id with the least parameters that OWASP's Password Storage Cheat Sheet names (19 MiB, two passes, one lane): 31 ms
here. One hash needs 19 MiB, so two are made at once, however many people sign in, and always by the same two threads:
the C library keeps up to two such blocks for each thread that ever had one (200 threads: 355 MB).
"""

import re
import unicodedata
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
HASHES_AT_ONCE = 2  # of the 4 that the requirement allows: 60 sign-ins a second are plenty for an office
LONGEST = 128  # characters; more is refused before any hashing
LEAST = 12  # BSSN's guidance and ASVS 6.2.1
SHORTEST_WORD = 4  # shorter words ("rt", "dan") are in many good passwords by chance

_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
_HANDS = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="argon2")  # a thread begins with its first hash
# Nobody's password: verified when there is no such account, so that it takes as long as if there were.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$QW1pRlaiFBuONWFNHGM6Lg$HzD6HkOL5Kbaq9PXtRyvG1yd3+aAx8+3upn0q1LPmRg"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a new password must have. The mix is BSSN's; ASVS would do without it, so it can be switched off."""

    least: int = LEAST
    mix: bool = True


_MIX = (
    (re.compile(r"[A-Z]"), "huruf besar"),
    (re.compile(r"[a-z]"), "huruf kecil"),
    (re.compile(r"[0-9]"), "angka"),
    (re.compile(r"[^A-Za-z0-9]"), "tanda baca"),
)


def weaknesses(password: str, policy: Policy, words: Iterable[str]) -> list[str]:
    """Why a new password is refused, a phrase each; empty for one that is good enough.

    `words` are those that anybody would try here: the product, the region, the agencies, the person's own names.
    """
    password = normal(password)
    reasons = []
    if len(password) < policy.least:
        reasons.append(f"minimal {policy.least} karakter")
    if len(password) > LONGEST:
        reasons.append(f"maksimal {LONGEST} karakter")
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in password):
        reasons.append("tanpa karakter kendali")
    if policy.mix and (missing := [kind for pattern, kind in _MIX if not pattern.search(password)]):
        reasons.append(f"perlu {' dan '.join(missing)}")
    plain = _letters(password)
    if any(word in plain for word in context(words)):
        reasons.append("jangan memakai nama sendiri, nama OPD, nama daerah, atau nama aplikasi")
    if len(set(password)) < policy.least // 2:
        reasons.append("terlalu banyak karakter yang sama")
    return reasons


def context(texts: Iterable[str]) -> frozenset[str]:
    """The words of the texts that a password may not contain."""
    words = (_letters(word) for text in texts for word in re.split(r"[^\w]+|_", text))
    return frozenset(word for word in words if len(word) >= SHORTEST_WORD)


def hashed(password: str) -> str:
    """The hash to store. Waits for its turn."""
    return _HANDS.submit(_HASHER.hash, _bytes(password)).result()


def matches(password: str, stored: str | None) -> bool:
    """Whether it is the password. Without a stored hash it is not, and saying so takes as long. Waits for its turn."""
    try:
        _HANDS.submit(_HASHER.verify, stored or NOBODYS, _bytes(password)).result()
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def normal(password: str) -> str:
    """One spelling for what looks the same on two keyboards (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return normal(password).encode("utf-8", "surrogatepass")  # half a character is a wrong password, not an error


def _letters(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in decomposed if sign.isalnum())

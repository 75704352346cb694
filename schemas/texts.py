"""Characters that no text of an event may hold, and those that no key may hold besides."""

import re
import unicodedata
from typing import Final

# Control characters (Cc) and the controls that turn the direction of writing. As a regular expression of Rust's
# engine, which pydantic uses; `refused_character` says the same in Python.
CLEAN_TEXT: Final = "[^\\p{Cc}\u202a-\u202e\u2066-\u2069]"
# A key is compared, joined by "|" and shown: no invisible character (Cf: zero width, bidi, soft hyphen) either.
CLEAN_KEY: Final = r"[^\p{Cc}\p{Cf}|]"
MAX_KEY_BYTES: Final = 512  # longer keys do not fit a B-tree page of PostgreSQL several times over
# A text field whose contract names no limit ends here.
MAX_TEXT_LENGTH: Final = 2_000

_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def refused_character(text: str) -> str | None:
    """The code of the first character that no text may hold, None for a clean text."""
    match = _REFUSED.search(text)
    if match is None:
        return None
    char = match[0]
    if char == "\x00":
        return "text-nul"
    if char < "\xa0":
        return "text-control"
    return "text-surrogate" if "\ud800" <= char <= "\udfff" else "text-bidi"


def fits_key(text: str) -> bool:
    """Whether a text may be part of a key: NFC, without `|`, control and invisible characters."""
    if text.isascii():
        return text.isprintable() and "|" not in text
    return (
        "|" not in text
        and not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in text)
        and unicodedata.is_normalized("NFC", text)
    )

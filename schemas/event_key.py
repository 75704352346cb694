"""The key of an event: the values of the document's key fields as UTF-8 text, `|` between parts."""

from collections.abc import Mapping
from typing import Final

from schemas.contract import Contract, Value
from schemas.names import EventKey
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.shapes import text_shape
from schemas.texts import MAX_KEY_BYTES, fits_key

SEPARATOR: Final = "|"


def of_values(contract: Contract, values: Mapping[str, Value]) -> EventKey:
    """The key of a row that the validator accepted."""
    if len(contract.key) == 1:
        return EventKey(str(values[contract.key[0]]))
    return EventKey(SEPARATOR.join(str(values[name]) for name in contract.key))


def read(raw: bytes | None) -> EventKey | Rejection:
    """The key of a Kafka message as text. Its parts are the validator's business (`check_key`)."""
    if not raw:
        return reject("key-empty", None, "tanpa kunci", "kunci dokumen")
    if len(raw) > MAX_KEY_BYTES:
        return too_long(len(raw))
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return reject("key-encoding", None, f"{len(raw)} bita yang bukan UTF-8", "teks UTF-8")
    if not (text.isascii() and text.isprintable()) and not fits_key(text.replace(SEPARATOR, "")):
        return reject("key-text", None, text_shape(text), "teks tanpa karakter kendali, dalam bentuk NFC")
    return EventKey(text)


def too_long(size: int) -> Rejection:
    """The rejection of a key of `size` bytes."""
    return reject("key-size", None, f"{size} bita", f"paling banyak {MAX_KEY_BYTES} bita")


def differs(contract: Contract) -> Rejection:
    """The rejection of an event whose value says another key than its message."""
    names = SEPARATOR.join(contract.key)
    return reject("key-mismatch", None, "kunci pesan berbeda dari isi data", f"sama dengan kolom {names}")

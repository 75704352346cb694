"""The headers of an event: CloudEvents 1.0, Kafka binary mode, with the version of the key and the load.

`read` stands in the hub's hottest loop: about 2 µs for an event (`bench/`).
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from schemas.contract import Contract
from schemas.names import EventKey
from schemas.reasons import reject
from schemas.rejection import Rejection

Headers = Sequence[tuple[str, bytes]]

MAX_HEADERS: Final = 64
MAX_BYTES: Final = 16_384  # names and values together
MAX_ID: Final = 128  # characters of ce_id and of ce_simpulload
MAX_SEQUENCE: Final = 2**63 - 1  # a bigint of PostgreSQL
MAX_EPOCH: Final = 2**31 - 1  # an integer of PostgreSQL
_SYSTEM: Final = r"[a-z0-9][a-z0-9._-]{0,62}"
_YEARS: Final = (1850, 2200)
LETTER: Final = "ce_simpulletter"  # of a record that is a replay: the number of its dead letter
_OURS: Final = "ce_"
_MAX_DIGITS: Final = 19  # of 2^63-1


class EventHeaders(NamedTuple):
    """What an event says about itself. Its version is (epoch, sequence). (A tuple: a third of the cost to make.)"""

    ce_id: str
    source: str  # "/opd/<opd>/<system>"
    time: datetime | None  # aware; the source's clock, never used for order
    sequence: int  # 0 where the contract says `sequence: none`
    epoch: int
    load: str | None


def event_type(contract: Contract) -> str:
    """`ce_type`: the full name of the record."""
    return f"{contract.namespace}.{contract.schema['name']}"


def write(headers: EventHeaders, contract: Contract, key: EventKey) -> list[tuple[str, bytes]]:
    """All headers of an event of the document, in the order in which the design names them."""
    written = [
        ("ce_specversion", b"1.0"),
        ("ce_id", headers.ce_id.encode()),
        ("ce_source", headers.source.encode()),
        ("ce_type", event_type(contract).encode()),
        ("ce_subject", key.encode()),
        ("ce_sequence", b"%d" % headers.sequence),
        ("ce_simpulepoch", b"%d" % headers.epoch),
    ]
    if headers.time is not None:
        written.append(("ce_time", rfc3339(headers.time)))
    if headers.load is not None:
        written.append(("ce_simpulload", headers.load.encode()))
    return written


def rfc3339(moment: datetime) -> bytes:
    """An aware moment in UTC with milliseconds: "2026-01-05T07:05:00.000Z"."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00").encode() + b"Z"


def read(headers: Headers, contract: Contract) -> EventHeaders | Rejection:
    """The headers of one message, or the first reason against them. Headers that are not ours are left alone."""
    found = dict(headers)
    refused = _against_shape(headers, found)
    if refused is not None:
        return refused
    try:
        raw_id, raw_source = found["ce_id"], found["ce_source"]
    except KeyError as error:
        return _missing(str(error.args[0]))
    if not _is_printable(raw_id):
        return reject("header-id", "ce_id", _size(raw_id), f"1 sampai {MAX_ID} karakter ASCII yang tampak")
    sender = source(raw_source, contract.opd)
    if sender is None:
        return reject("header-source", "ce_source", _size(raw_source), f"/opd/{contract.opd}/<sistem>")
    return _read_version(found, raw_id.decode("ascii"), sender, contract)


def _against_shape(headers: Headers, found: dict[str, bytes]) -> Rejection | None:
    if len(headers) > MAX_HEADERS:
        return reject("header-size", None, f"{len(headers)} header", f"paling banyak {MAX_HEADERS} header")
    if len(found) != len(headers):
        doubled = _doubled(headers)
        if doubled is not None:
            return reject("header-doubled", doubled, "lebih dari sekali", "satu kali")
    try:
        size = sum(map(len, found)) + sum(map(len, found.values()))
    except TypeError:  # Kafka knows headers without a value
        size = sum(len(name) + len(value or b"") for name, value in headers)
    if size > MAX_BYTES:
        return reject("header-size", None, f"{size} bita", f"paling banyak {MAX_BYTES} bita")
    return None


def _read_version(found: dict[str, bytes], ce_id: str, source: str, contract: Contract) -> EventHeaders | Rejection:
    raw = found.get("ce_sequence")
    if raw is None and contract.sequence_required:
        return _missing("ce_sequence")
    sequence = 0 if raw is None else whole_number(raw, MAX_SEQUENCE)
    if sequence is None:
        return reject("header-sequence", "ce_sequence", "bukan bilangan bulat yang sah", "0 sampai 2^63-1, hanya digit")
    raw = found.get("ce_simpulepoch")
    epoch = 0 if raw is None else whole_number(raw, MAX_EPOCH)
    if epoch is None:
        return reject("header-epoch", "ce_simpulepoch", "bukan bilangan bulat yang sah", "0 sampai 2^31-1, hanya digit")
    raw = found.get("ce_time")
    time = None if raw is None else _moment(raw)
    if time is None and raw is not None:
        return reject("header-time", "ce_time", _size(raw), "waktu RFC 3339 dengan zona")
    raw = found.get("ce_simpulload")
    if raw is not None and not _is_printable(raw):
        return reject("header-load", "ce_simpulload", _size(raw), f"1 sampai {MAX_ID} karakter ASCII")
    if LETTER in found and whole_number(found[LETTER] or b"", MAX_SEQUENCE) is None:
        return reject("header-letter", LETTER, "bukan bilangan bulat yang sah", "nomor data yang dikembalikan")
    return EventHeaders(ce_id, source, time, sequence, epoch, None if raw is None else raw.decode("ascii"))


def letter(headers: Sequence[tuple[str, bytes | None]]) -> int | None:
    """The dead letter that a message says it is a replay of; None for a number that cannot be read, too."""
    for name, raw in headers:
        if name == LETTER:
            return None if raw is None else whole_number(raw, MAX_SEQUENCE)
    return None


def _is_printable(raw: bytes | None) -> bool:
    """1 to MAX_ID visible ASCII characters (and spaces)."""
    return raw is not None and 0 < len(raw) <= MAX_ID and raw.isascii() and raw.decode("ascii").isprintable()


def _size(raw: bytes | None) -> str:
    return f"{len(raw or b'')} bita"


def whole_number(raw: bytes, highest: int) -> int | None:
    """ASCII digits only, 0 to `highest`; `int` alone would take signs, spaces, `_` and other scripts' digits."""
    if len(raw) > _MAX_DIGITS or not raw.isdigit():
        return None
    number = int(raw)
    return number if number <= highest else None


def _missing(name: str) -> Rejection:
    return reject("header-missing", name, "tidak ada", "ada")


def _doubled(headers: Headers) -> str | None:
    """The first of our headers that stands twice; what others do with their headers is theirs."""
    seen: set[str] = set()
    for name, _ in headers:
        if name.startswith(_OURS):
            if name in seen:
                return name[:63]
            seen.add(name)
    return None


@lru_cache(maxsize=1_024)
def source(raw: bytes | None, opd: str) -> str | None:
    """`ce_source` as text, None unless it is a system of the OPD."""
    if raw is None or len(raw) > MAX_ID or not raw.isascii():
        return None
    text = raw.decode("ascii")
    return text if re.fullmatch(rf"/opd/{opd}/{_SYSTEM}", text) else None


def _moment(raw: bytes) -> datetime | None:
    try:
        moment = datetime.fromisoformat(raw.decode("ascii"))
    except ValueError:
        return None
    if moment.tzinfo is None or not _YEARS[0] <= moment.year <= _YEARS[1]:
        return None
    return moment

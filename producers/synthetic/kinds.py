"""The kinds of events in a scenario, each with what the hub must make of it. Known before anything is sent.

A dead letter is a good event bent in one place: in its row, its schema id, its bytes, its headers or its key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from schemas.names import SchemaId
from schemas.rejection import Fault

Expected = Literal["accepted", "known", "parked", "dead"]
Headers = list[tuple[str, bytes]]
Row = dict[str, Any]  # physical values, as Avro has them

UNKNOWN_SCHEMA: Final = SchemaId(2_147_483_647)  # the highest id of the wire format; no registry gets there
_IMPOSSIBLE_DAY: Final = 10_000_000  # days since 1970: the year 29349
_FUTURE_DAY: Final = 60_000  # days since 1970: in the year 2134
_CUT_BYTES: Final = 3  # the last field is a time of six bytes, so half of it is gone


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event. `fault` and `code` are those of the first reason of its dead letter."""

    expected: Expected
    fault: Fault | None = None
    code: str | None = None
    bend_row: Callable[[Row], Row] | None = None
    schema_id: SchemaId | None = None
    bend_value: Callable[[bytes], bytes] | None = None
    bend_headers: Callable[[Headers], Headers] | None = None
    bend_key: Callable[[bytes], bytes | None] | None = None


def _with(**values: Any) -> Callable[[Row], Row]:
    return lambda row: row | values


def _headers_with(name: str, value: bytes) -> Callable[[Headers], Headers]:
    return lambda headers: [(known, value if known == name else old) for known, old in headers]


def _another_digit(key: bytes) -> bytes:
    """The key of somebody else."""
    return key[:-1] + (b"0" if key.endswith(b"9") else b"9")


KINDS: Final[Mapping[str, Kind]] = {
    "good": Kind("accepted"),
    "update": Kind("accepted"),  # a newer version of a good event's row
    "tombstone": Kind("accepted"),  # a good event's key is deleted
    "duplicate": Kind("known"),  # a good event once more, byte by byte
    "stale": Kind("known"),  # an older version after the newer one
    "unknown-region": Kind("parked"),  # waits for a village that never comes
    # the bytes
    "unknown-schema": Kind("dead", Fault.SCHEMA, "schema-unknown", schema_id=UNKNOWN_SCHEMA),
    "cut-bytes": Kind("dead", Fault.WIRE, "truncated", bend_value=lambda value: value[:-_CUT_BYTES]),
    "trailing-bytes": Kind("dead", Fault.WIRE, "trailing-bytes", bend_value=lambda value: value + b"\x00\x00"),
    "wrong-magic": Kind("dead", Fault.WIRE, "magic", bend_value=lambda value: b"\x01" + value[1:]),
    "empty-value": Kind("dead", Fault.WIRE, "empty-value", bend_value=lambda _: b""),
    "not-utf8": Kind("dead", Fault.WIRE, "text-encoding", bend_value=lambda value: value.replace(b"JL.", b"J\xff.", 1)),
    # the row
    "wrong-nik": Kind("dead", Fault.FIELD, "nik.bentuk", bend_row=lambda row: row | {"nik": row["nik"][:15]}),
    "impossible-date": Kind("dead", Fault.FIELD, "date-range", bend_row=_with(tanggal_lahir=_IMPOSSIBLE_DAY)),
    "future-birth": Kind("dead", Fault.FIELD, "maximum", bend_row=_with(tanggal_lahir=_FUTURE_DAY)),
    "not-in-enum": Kind("dead", Fault.FIELD, "enum", bend_row=_with(jenis_kelamin="X")),
    "not-in-list": Kind("dead", Fault.FIELD, "codes", bend_row=_with(pekerjaan="90")),
    "nul-in-text": Kind("dead", Fault.FIELD, "text-nul", bend_row=_with(alamat="JL. MAWAR\x00 NO. 1")),
    "too-long": Kind("dead", Fault.FIELD, "maxLength", bend_row=_with(alamat="JL. " + "A" * 197)),
    "rule-broken": Kind(
        "dead", Fault.RULE, "rule:ganda_menunjuk_pengganti", bend_row=_with(status="GANDA", nik_pengganti=None)
    ),
    # the key and the headers
    "other-key": Kind("dead", Fault.KEY, "key-mismatch", bend_key=_another_digit),
    "no-key": Kind("dead", Fault.KEY, "key-empty", bend_key=lambda _: None),
    "no-sequence": Kind(
        "dead",
        Fault.HEADER,
        "header-missing",
        bend_headers=lambda headers: [header for header in headers if header[0] != "ce_sequence"],
    ),
    "odd-sequence": Kind("dead", Fault.HEADER, "header-sequence", bend_headers=_headers_with("ce_sequence", b"1e9")),
    "doubled-id": Kind(
        "dead",
        Fault.HEADER,
        "header-doubled",
        bend_headers=lambda headers: headers + [header for header in headers if header[0] == "ce_id"],
    ),
    "other-source": Kind(
        "dead", Fault.HEADER, "header-source", bend_headers=_headers_with("ce_source", b"/opd/lain/adaptor")
    ),
}

DEAD_LETTERS: Final = tuple(name for name, kind in KINDS.items() if kind.expected == "dead")

"""Records of `sop.status`, many at once, for whoever reads the whole topic."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import islice
from typing import Any, Final, Protocol

import fastavro
import polars as pl
import polars_avro

from schemas.rejection import Rejection
from schemas.wire.framing import unframe
from sop.redrawing import NUMBER, Told

AT_ONCE: Final = 10_000
_SYNC: Final = bytes(16)  # a block of a file ends with it; these files are read where they are written


class Record(Protocol):
    """A record as it stands in the log."""

    @property
    def offset(self) -> int: ...

    @property
    def value(self) -> bytes | None: ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


def told(records: Iterable[Record], schema: Mapping[str, Any]) -> Iterator[Told]:
    """The events in the records, by the topic's schema. Raises TypeError for what is none: only the hub's publisher
    writes here.
    """
    head = BytesIO()
    fastavro.writer(head, fastavro.parse_schema(dict(schema)), [], sync_marker=_SYNC)
    waiting = iter(records)
    while some := list(islice(waiting, AT_ONCE)):
        bodies, numbers = zip(*map(_opened, some), strict=True)
        events = polars_avro.read_avro(BytesIO(head.getvalue() + _block(bodies)))
        yield Told(events.with_columns(pl.Series(NUMBER, numbers, pl.Int64)), some[-1].offset + 1)


def _opened(record: Record) -> tuple[bytes, int]:
    """A record's body and the event's number."""
    opened = unframe(record.value or b"")
    number = dict(record.headers).get("ce_sequence")
    if isinstance(opened, Rejection) or number is None:
        raise TypeError(f"the record at offset {record.offset} is no event of a case")
    return opened[1], int(number)


def _block(bodies: Sequence[bytes]) -> bytes:
    """The bodies as a block of an Avro file (Avro 1.11, Object Container Files)."""
    joined, block = b"".join(bodies), BytesIO()
    for count in (len(bodies), len(joined)):
        fastavro.schemaless_writer(block, "long", count)
    return block.getvalue() + joined + _SYNC

"""Records of `sop.status` as events, for whoever reads the whole topic at once."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any, Protocol

import fastavro

from schemas.rejection import Rejection
from schemas.wire.framing import unframe
from sop import status
from sop.redrawing import Read


class Record(Protocol):
    """A record as it stands in the log."""

    @property
    def offset(self) -> int: ...

    @property
    def value(self) -> bytes | None: ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


def reads(records: Iterable[Record], schema: Any) -> Iterator[Read]:
    """The events in the records, by the topic's schema (its JSON). Raises TypeError for what is none: only the hub's
    publisher writes here.
    """
    parsed = fastavro.parse_schema(schema)
    for record in records:
        opened = unframe(record.value or b"")
        number = dict(record.headers).get("ce_sequence")
        if isinstance(opened, Rejection) or number is None:
            raise TypeError(f"the record at offset {record.offset} is no event of a case")
        found: Any = fastavro.schemaless_reader(BytesIO(opened[1]), parsed, None)
        yield Read(status.event(found), int(number), record.offset + 1)

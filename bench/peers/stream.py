"""The residents' events that all entrants read: about five of a key, one in a hundred late, all of them valid.

Late means that newer events of other keys, and often of its own key, stand before it in the log. So the rows in the
end differ between who goes by the version (the hub) and who goes by the place in the log (the others); both are known.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any, Final, NamedTuple

from producers.identity import event_id
from producers.synthetic.residents import residents
from schemas.contract import Contract
from schemas.names import EventKey, SchemaId
from schemas.wire import headers
from schemas.wire.avro import Writer, milliseconds
from schemas.wire.framing import frame

EVENTS_PER_KEY: Final = 5
LATE_SHARE: Final = 0.01
LATE_BY: Final = 5_000  # places at most
IN_ORDER_AT_END: Final = 1_000  # the newest event of each partition is its key's newest, so that its row is the last
COMPARED: Final = ("nik", "nama", "alamat", "rt", "kode_wilayah")
_CHANGED: Final = "sumber_diubah"
_SOURCE: Final = "bench"
_WARDS: Final = 999


class Sent(NamedTuple):
    """One event as it goes to the log; `key_number` and `version` are for the truth only."""

    key: str
    value: bytes
    headers: list[tuple[str, bytes]]
    changed: datetime
    key_number: int
    version: int


@dataclass(slots=True)
class Truth:
    """What the rows must be, as the events went by: per key its last version in the log and its highest."""

    rows: Sequence[Mapping[str, Any]]  # of each key, in logical values
    last: dict[int, int] = field(default_factory=dict)
    highest: dict[int, int] = field(default_factory=dict)

    def note(self, sent: Sent) -> None:
        self.last[sent.key_number] = sent.version
        self.highest[sent.key_number] = max(sent.version, self.highest.get(sent.key_number, 0))

    def digest(self, versions: Mapping[int, int]) -> "Digest":
        lines = sorted(
            "|".join((*(str(row[name]) for name in COMPARED), str(milliseconds(row[_CHANGED]))))
            for row in (row_of(self.rows[number], version) for number, version in versions.items())
        )
        return Digest(len(lines), hashlib.md5(",".join(lines).encode(), usedforsecurity=False).hexdigest())


class Digest(NamedTuple):
    """How many rows, and an MD5 of them in the order of their keys, as PostgreSQL can reckon it too."""

    rows: int
    md5: str


class Stream:
    """`events` events of `events / EVENTS_PER_KEY` residents; the same seed gives the same ones."""

    def __init__(
        self, contract: Contract, schema_id: SchemaId, *, villages: Sequence[str], events: int, seed: int
    ) -> None:
        self.events, self.seed = events, seed
        self.rows = list(residents(max(1, events // EVENTS_PER_KEY), seed=seed, villages=villages))
        self._encoder = Encoder(contract, schema_id)

    def __iter__(self) -> Iterator[Sent]:
        for place in _order(self.events, len(self.rows), self.seed):
            yield self._encoder.sent(self.rows[place.key_number], place.key_number, place.version)


class Encoder:
    """Makes events of residents' rows, as an agency's adapter would."""

    def __init__(self, contract: Contract, schema_id: SchemaId) -> None:
        self.contract, self.schema_id = contract, schema_id
        self._writer = Writer(contract)

    def sent(self, row: Mapping[str, Any], key_number: int, version: int) -> Sent:
        """The event of a row in its `version`th form."""
        row = row_of(row, version)
        body = self._writer.write(row)
        key, changed = EventKey(str(row["nik"])), row[_CHANGED]
        sequence = milliseconds(changed)
        about = headers.EventHeaders(
            event_id(self.contract.topic, key, 0, sequence, body),
            f"/opd/{self.contract.opd}/{_SOURCE}",
            changed,
            sequence,
            0,
            None,
        )
        value = frame(self.schema_id, body)
        return Sent(key, value, headers.write(about, self.contract, key), changed, key_number, version)


class _Place(NamedTuple):
    key_number: int
    version: int


def _order(events: int, keys: int, seed: int) -> Iterator[_Place]:
    """Keys by chance, versions counted up; some held back for up to LATE_BY places."""
    chance = Random(seed)
    versions = [0] * keys
    held: list[tuple[int, _Place]] = []
    for place in range(events):
        number = int(chance.random() * keys)
        versions[number] += 1
        now = _Place(number, versions[number])
        due = place + int(chance.random() * LATE_BY)
        if chance.random() < LATE_SHARE and due < events - IN_ORDER_AT_END:
            heappush(held, (due, now))
        else:
            yield now
        while held and held[0][0] <= place:
            yield heappop(held)[1]


def row_of(row: Mapping[str, Any], version: int) -> dict[str, Any]:
    """A resident's row in its `version`th form: another ward, a minute later."""
    changed = row[_CHANGED] + timedelta(minutes=version)
    return {**row, "rt": f"{version % _WARDS + 1:03}", _CHANGED: changed}

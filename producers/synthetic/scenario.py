"""The demo's events in the order of publication, each with the final state that the hub must give it.

Everything follows from the seed. The expectation is exact whatever the hub's speed: events of one key keep their
order (they share a partition), all of a key's versions name the same village, and dead letters have keys of their own.
Two documents, meant to be published side by side, so that residents meet regions that are not there yet.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from producers import wilayah
from producers.identity import event_id
from producers.synthetic.kinds import DEAD_LETTERS, KINDS, Expected, Headers
from producers.synthetic.residents import residents
from schemas import event_key
from schemas.contract import Contract, Value
from schemas.names import EventKey, SchemaId, TopicName
from schemas.rejection import Fault
from schemas.wire import headers
from schemas.wire.avro import Writer, milliseconds
from schemas.wire.framing import frame

SYSTEM: Final = "sintetis"  # the sending system's name in ce_source
_CHANGED: Final = "sumber_diubah"
# How many of each kind there are for every 1,000 residents.
_PER_THOUSAND: Final[Mapping[str, int]] = {
    "update": 10,
    "duplicate": 10,
    "stale": 10,
    "tombstone": 5,
    "unknown-region": 5,
}
_DEAD_SHARE: Final = 0.01  # of all events, regions too; among few residents at most a tenth of their number
_REGIONS: Final = 91_592
_OLDER: Final = timedelta(days=-1)
_NEWER: Final = timedelta(hours=1)
_MAX_DELAY: Final = 5_000  # residents between an event and the later one of its key


Row = dict[str, Value]


class Planned(NamedTuple):
    """One event: what is sent, and what must become of it."""

    topic: TopicName
    key: bytes | None
    value: bytes | None
    headers: Headers
    identity: str  # ce_id; a duplicate shares it with its original
    kind: str  # of KINDS
    expected: Expected
    fault: Fault | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a plan must come to."""

    published: int
    accepted: int
    known: int
    parked: int
    dead_letters: int
    rows: Mapping[TopicName, int]  # live rows of the topic's entity in the end
    kinds: Mapping[str, int]


def summary(planned: Iterable[Planned]) -> Summary:
    """The totals that the planned events must come to."""
    kinds: Counter[str] = Counter()
    rows: Counter[TopicName] = Counter()
    for event in planned:
        kinds[event.kind] += 1
        rows[event.topic] += {"good": 1, "tombstone": -1}.get(event.kind, 0)
    states: Counter[str] = Counter()
    for name, count in kinds.items():
        states[KINDS[name].expected] += count
    return Summary(
        kinds.total(), states["accepted"], states["known"], states["parked"], states["dead"], dict(rows), dict(kinds)
    )


class Scenario:
    """Plans the events of both documents. `schema_ids` are the registry's, by topic."""

    def __init__(
        self,
        regions: Contract,
        population: Contract,
        schema_ids: Mapping[TopicName, SchemaId],
        *,
        villages: Sequence[str],
        count: int,
        seed: int,
    ) -> None:
        if count < 1:
            raise ValueError("a scenario has at least one resident")
        self._regions = _Planner(regions, schema_ids[regions.topic])
        self._population = _Planner(population, schema_ids[population.topic])
        self._villages, self._count, self._seed = villages, count, seed

    def regions(self) -> Iterator[Planned]:
        """Every region of the country, each a good event."""
        for row in wilayah.rows():
            yield self._regions.plan(row, "good")

    def population(self) -> Iterator[Planned]:
        """`count` residents, and among them the events of the other kinds."""
        chance = Random(self._seed)
        extras = _extras(self._count, chance)
        letters = _letters(self._count, len(extras))
        strangers = len(letters) + sum(kind == "unknown-region" for kind in extras.values())
        people = residents(self._count + strangers, seed=self._seed, villages=self._villages)
        later: dict[int, list[Planned]] = {}
        letter = 0
        for place in range(self._count):
            row = next(people)
            good = self._population.plan(row, "good")
            yield good
            extra = extras.get(place)
            if extra == "unknown-region":
                yield self._population.plan(next(people) | {"kode_wilayah": self._nowhere()}, extra)
            elif extra is not None:
                due = min(self._count - 1, place + int(chance.random() * _MAX_DELAY))
                later.setdefault(due, []).append(self._population.follow(good, row, extra))
            yield from later.pop(place, ())
            while letter < len(letters) and letter * self._count < (place + 1) * len(letters):  # evenly, to the end
                yield self._population.plan(next(people), letters[letter])
                letter += 1

    def newer(self, row: Row) -> Planned:
        """An event of a resident's row as it is now."""
        return self._population.plan(row, "update")

    def _nowhere(self) -> str:
        """The code of a village that no table has, in the first village's district."""
        code = f"{self._villages[0][:8]}.2999"
        if code in self._villages:
            raise ValueError(f"{code} is a village")
        return code


def _extras(count: int, chance: Random) -> dict[int, str]:
    """Place of a resident → the other kind of event that he gets besides his good one."""
    wanted = [kind for kind, share in _PER_THOUSAND.items() for _ in range(max(1, count * share // 1_000))]
    chance.shuffle(wanted)  # where there are fewer residents than kinds, chance decides
    return dict(zip(chance.sample(range(count), min(count, len(wanted))), wanted, strict=False))


def _letters(count: int, others: int) -> list[str]:
    """The kinds of the dead letters, in turn, each at least once."""
    share = round((_REGIONS + count + others) * _DEAD_SHARE / (1 - _DEAD_SHARE))
    total = max(len(DEAD_LETTERS), min(share, count // 10))
    return [DEAD_LETTERS[place % len(DEAD_LETTERS)] for place in range(total)]


class _Planner:
    """Makes the events of one document."""

    def __init__(self, contract: Contract, schema_id: SchemaId) -> None:
        self._contract, self._schema_id = contract, schema_id
        self._writer = Writer(contract)
        self._source = f"/opd/{contract.opd}/{SYSTEM}"

    def plan(self, row: Row, name: str) -> Planned:
        """An event of a valid row, bent as its kind wants it."""
        kind = KINDS[name]
        physical = self._writer.physical(row)
        if kind.bend_row is not None:
            physical = kind.bend_row(physical)
        body = self._writer.write_physical(physical)
        key = event_key.of_values(self._contract, physical)
        sequence = physical[_CHANGED]
        identity = event_id(self._contract.topic, key, 0, sequence, body)
        value = frame(kind.schema_id or self._schema_id, body)
        about = headers.EventHeaders(identity, self._source, row[_CHANGED], sequence, 0, None)  # type: ignore[arg-type]
        written = headers.write(about, self._contract, key)
        raw_key: bytes | None = key.encode()
        if kind.expected == "dead":
            value = kind.bend_value(value) if kind.bend_value is not None else value
            written = kind.bend_headers(written) if kind.bend_headers is not None else written
            raw_key = kind.bend_key(key.encode()) if kind.bend_key is not None else raw_key
        return Planned(
            self._contract.topic, raw_key, value, written, identity, name, kind.expected, kind.fault, kind.code
        )

    def follow(self, good: Planned, row: Row, name: str) -> Planned:
        """A later event of a good event's key: the same village, so that both wait for it or neither."""
        changed = row[_CHANGED]
        assert isinstance(changed, datetime)  # noqa: S101 (the contract's type)
        match name:
            case "duplicate":
                return good._replace(kind=name, expected=KINDS[name].expected)
            case "update":
                return self.plan(row | {"alamat": "JL. PINDAHAN NO. 1", _CHANGED: changed + _NEWER}, name)
            case "stale":
                return self.plan(row | {"alamat": "JL. LAMA NO. 1", _CHANGED: changed + _OLDER}, name)
            case _:
                return self._delete(event_key.of_values(self._contract, row), changed + _NEWER, name)

    def _delete(self, key: EventKey, moment: datetime, name: str) -> Planned:
        sequence = milliseconds(moment)
        identity = event_id(self._contract.topic, key, 0, sequence, None)
        about = headers.EventHeaders(identity, self._source, moment, sequence, 0, None)
        written = headers.write(about, self._contract, key)
        return Planned(
            self._contract.topic, key.encode(), None, written, identity, name, KINDS[name].expected, None, None
        )

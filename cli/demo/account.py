"""The account of one document: its log, counted by another library, against the database and the plan, event by event.

Promise 1: every record is in exactly one final state, and the ledger's sums are those of the log. Beyond it each
event must have the state that the plan gave it, and each dead letter its reason and its original bytes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from cli.demo.log_reader import LogReader, LogRecord
from hub_db.statements import load
from producers.synthetic.scenario import Planned
from schemas.contract import Contract
from schemas.wire.kafka import KafkaSettings

SQL = load("cli.demo", "sql/account.sql")

Place = tuple[int, int]  # partition, offset
Outcome = tuple[str, str | None, str | None]  # state, and of a dead letter its fault and code
Outcomes = Counter[tuple[str, Outcome]]  # how often an identity has an outcome
ACCEPTED: Outcome = ("accepted", None, None)
PARKED: Outcome = ("parked", None, None)
KNOWN: Outcome = ("known", None, None)
SHOWN = 10  # of each kind of difference


@dataclass(slots=True)
class Account:
    """What was found, and every difference in words (places and counts, never a value)."""

    records: int = 0
    states: Counter[str] = field(default_factory=Counter)
    rows: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.differences

    def differ(self, what: str, places: Iterable[object]) -> None:
        """Note a difference, if there is one."""
        found = sorted(map(str, places))
        if found:
            more = f" … dan {len(found) - SHOWN} lagi" if len(found) > SHOWN else ""
            self.differences.append(f"{what}: {', '.join(found[:SHOWN])}{more}")

    def add(self, other: "Account") -> None:
        """Take in another document's account."""
        self.records += other.records
        self.states += other.states
        self.rows |= other.rows
        self.differences += other.differences


class Bookkeeper:
    """Reads the topics of one document and draws up the account of it."""

    def __init__(self, kafka: KafkaSettings, contract: Contract) -> None:
        self.contract = contract
        self.log: dict[Place, LogRecord] = {}
        self.live: dict[bytes | None, bool] = {}  # of the reference topic: key → is there a row
        self.log_reader = LogReader(kafka, [contract.topic])
        self.reference_reader = LogReader(kafka, [contract.reference_topic])

    def read_on(self) -> None:
        """Read what has come since the last reading. Raises LogUnreadable."""
        self.log.update({(each.partition, each.offset): each for each in self.log_reader.read_on()})
        self.live.update({each.key: each.value is not None for each in self.reference_reader.read_on()})

    def draw_up(self, conn: Connection[Any], planned: Sequence[Planned] | None, times: int = 1) -> Account:
        """Compare log, database and plan; `planned` None compares log and database only.

        `times` says how often the plan was published.
        """
        self.read_on()
        account = Account()
        outcomes = self._outcomes(account, conn)
        self._against_ledger(account, conn, outcomes)
        self._reference_topic(account, conn)
        if planned is not None:
            self._against_plan(account, outcomes, planned, times)
        account.records, account.states = len(self.log), Counter(state for state, _, _ in outcomes.values())
        return account

    def _outcomes(self, account: Account, conn: Connection[Any]) -> dict[Place, Outcome]:
        topic = {"topic": self.contract.topic}
        accepted, parked = (
            dict.fromkeys(conn.execute(SQL[state], topic, binary=True).fetchall(), outcome)
            for state, outcome in (("accepted", ACCEPTED), ("parked", PARKED))
        )
        dead: dict[Place, Outcome] = {}
        changed: list[Place] = []
        for partition, offset, fault, code, key, value in conn.execute(SQL["dead"], topic, binary=True):
            dead[partition, offset] = ("dead", fault, code)
            record = self.log.get((partition, offset))
            if record is not None and (record.key or b"", record.value) != (key or b"", value):
                changed.append((partition, offset))
        account.differ("Surat yang isinya berubah", self._places(changed))
        stored = accepted | parked | dead
        twice = [*(accepted.keys() & parked.keys()), *((accepted | parked).keys() & dead.keys())]
        account.differ("Kejadian dengan dua keadaan akhir", self._places(twice))
        strange = stored.keys() - self.log.keys()
        account.differ("Kejadian di basis data yang tidak ada di log", self._places(strange))
        return dict.fromkeys(self.log, KNOWN) | stored

    def _places(self, places: Iterable[Place]) -> list[str]:
        return [f"{self.contract.topic}[{partition}]@{offset}" for partition, offset in places]

    def _against_ledger(self, account: Account, conn: Connection[Any], outcomes: Mapping[Place, Outcome]) -> None:
        name, topic = self.contract.topic, {"topic": self.contract.topic}
        counted = Counter(partition for partition, _ in self.log)
        ledger: Counter[int] = Counter()
        for partition, records, settled in conn.execute(SQL["ledger"], topic):
            ledger[partition] = records
            if records != settled:
                account.differ("Buku besar yang tidak seimbang", [f"{name}[{partition}]"])
        account.differ(
            "Jumlah di log berbeda dari buku besar",
            [
                f"{name}[{partition}] log {counted[partition]}, buku besar {ledger[partition]}"
                for partition in counted.keys() | ledger.keys()
                if counted[partition] != ledger[partition]
            ],
        )
        found = Counter(state for state, _, _ in outcomes.values())
        totals = conn.execute(SQL["totals"], topic).fetchone() or (0, 0, 0, 0)
        for state, total in zip(("accepted", "known", "parked", "dead"), totals, strict=True):
            if found[state] != total:
                account.differ("Jumlah keadaan akhir berbeda", [f"{name} {state}: {found[state]}, tercatat {total}"])

    def _reference_topic(self, account: Account, conn: Connection[Any]) -> None:
        entity = self.contract.entity
        row = conn.execute(f"select count(*) from reference.{entity} where not _deleted").fetchone()  # noqa: S608  a checked name
        account.rows[entity] = row[0] if row else 0
        published = sum(self.live.values())
        if published != account.rows[entity]:
            account.differ(
                "Topik rujukan berbeda dari tabel", [f"{entity}: topik {published}, tabel {account.rows[entity]}"]
            )

    def _against_plan(
        self, account: Account, outcomes: Mapping[Place, Outcome], planned: Sequence[Planned], times: int
    ) -> None:
        found: Outcomes = Counter((identity(record), outcomes[place]) for place, record in self.log.items())
        expected = expected_outcomes(planned, times)
        if found == expected:
            return
        kinds = {event.identity: event.kind for event in planned}
        differing = {name for name, _ in (found - expected) + (expected - found)}
        account.differ("Kejadian yang tidak direncanakan", differing - kinds.keys())
        account.differ(
            "Kejadian dengan keadaan akhir lain daripada rencana",
            [
                f"{name} ({kinds[name]}): {words(found, name)}, rencana {words(expected, name)}"
                for name in differing & kinds.keys()
            ],
        )


def identity(record: LogRecord) -> str:
    """The record's first `ce_id`, "?" when it has none."""
    for name, value in record.headers:
        if name == "ce_id":
            return (value or b"?").decode("utf-8", "replace")
    return "?"


def expected_outcomes(planned: Iterable[Planned], times: int) -> Outcomes:
    """What must become of each identity's events when the plan is published `times` times."""
    plan = [(event.identity, (event.expected, event.fault and event.fault.value, event.code)) for event in planned]
    expected: Outcomes = Counter(plan)
    for _ in range(1, times):
        expected.update((name, outcome if outcome[0] == "dead" else KNOWN) for name, outcome in plan)
    return expected


def words(outcomes: Outcomes, name: str) -> str:
    """The outcomes of one identity."""
    of_it = {outcome: count for (other, outcome), count in outcomes.items() if other == name}
    if not of_it:
        return "tidak ada di log"
    return " + ".join(f"{count} {'/'.join(filter(None, outcome))}" for outcome, count in sorted(of_it.items(), key=str))

"""The account: the log, counted by another library, against the database and against the plan, event by event.

Promise 1: every record is in exactly one final state, and the ledger's sums are those of the log. Beyond it each
event must have the state that the plan gave it, and each dead letter its reason and its original bytes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from cli.demo.log_reader import LogRecord, read
from producers.synthetic.scenario import Planned
from schemas.contract import Contract
from schemas.wire.kafka import KafkaSettings

Place = tuple[str, int, int]  # topic, partition, offset
Outcome = tuple[str, str | None, str | None]  # state, and of a dead letter its fault and code
SHOWN = 10  # of each kind of difference

STATES: Mapping[str, str] = {
    "accepted": """
        select t.name, h.partition, h."offset", null, null from hub.history h join hub.topic t using (topic_no)
         where t.name = any(%(topics)s)""",
    "parked": """
        select t.name, p.partition, p."offset", null, null from hub.parked p join hub.topic t using (topic_no)
         where t.name = any(%(topics)s)""",
    "dead": """
        select t.name, l.partition, l."offset", l.fault, l.code from hub.dead_letter l join hub.topic t using (topic_no)
         where t.name = any(%(topics)s)""",
}
LEDGER = """
select t.name, b.partition, sum(b.records)::bigint, sum(b.accepted + b.known + b.parked + b.dead)::bigint
  from hub.batch b join hub.topic t using (topic_id) where t.name = any(%(topics)s)
 group by t.name, b.partition"""
TOTALS = """
select coalesce(sum(o.accepted), 0)::bigint, coalesce(sum(o.known), 0)::bigint, coalesce(sum(o.parked), 0)::bigint,
       coalesce(sum(o.dead), 0)::bigint
  from hub.consumer_offset o join hub.topic t using (topic_id) where t.name = any(%(topics)s)"""
LETTERS = """
select t.name, l.partition, l."offset", l.key, l.value from hub.dead_letter l join hub.topic t using (topic_no)
 where t.name = any(%(topics)s)"""


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


def draw_up(
    kafka: KafkaSettings,
    conn: Connection[Any],
    contracts: Sequence[Contract],
    planned: Sequence[Planned] | None,
    times: int = 1,
) -> Account:
    """Compare log, database and plan; `planned` None compares log and database only.

    `times` says how often the plan was published.
    """
    account = Account()
    topics = [contract.topic for contract in contracts]
    log = {(each.topic, each.partition, each.offset): each for each in read(kafka, topics)}
    outcomes = _outcomes(account, conn, topics, log)
    _against_ledger(account, conn, topics, log, outcomes)
    _letters(account, conn, topics, log)
    _reference_topics(account, kafka, conn, contracts)
    if planned is not None:
        _against_plan(account, log, outcomes, planned, times)
    account.records, account.states = len(log), Counter(state for state, _, _ in outcomes.values())
    return account


def expected_outcomes(planned: Iterable[Planned], times: int) -> dict[str, Counter[Outcome]]:
    """What must become of each identity's events when the plan is published `times` times."""
    expected: dict[str, Counter[Outcome]] = {}
    for event in planned:
        outcome = (event.expected, event.fault.value if event.fault else None, event.code)
        again = outcome if event.expected == "dead" else ("known", None, None)
        counter = expected.setdefault(event.identity, Counter())
        counter[outcome] += 1
        if times > 1:
            counter[again] += times - 1
    return expected


def _outcomes(
    account: Account, conn: Connection[Any], topics: Sequence[str], log: Mapping[Place, LogRecord]
) -> dict[Place, Outcome]:
    outcomes: dict[Place, Outcome] = {}
    twice: list[Place] = []
    for state, statement in STATES.items():
        for topic, partition, offset, fault, code in conn.execute(statement, {"topics": list(topics)}):
            place = (topic, partition, offset)
            if place in outcomes:
                twice.append(place)
            outcomes[place] = (state, fault, code)
    account.differ("Kejadian dengan dua keadaan akhir", twice)
    account.differ("Kejadian di basis data yang tidak ada di log", outcomes.keys() - log.keys())
    for place in log.keys() - outcomes.keys():
        outcomes[place] = ("known", None, None)
    return outcomes


def _against_ledger(
    account: Account,
    conn: Connection[Any],
    topics: Sequence[str],
    log: Mapping[Place, LogRecord],
    outcomes: Mapping[Place, Outcome],
) -> None:
    counted = Counter((topic, partition) for topic, partition, _ in log)
    ledger: Counter[tuple[str, int]] = Counter()
    for topic, partition, records, settled in conn.execute(LEDGER, {"topics": list(topics)}):
        ledger[topic, partition] = records
        if records != settled:
            account.differ("Buku besar yang tidak seimbang", [f"{topic}[{partition}]"])
    account.differ(
        "Jumlah di log berbeda dari buku besar",
        [
            f"{topic}[{partition}] log {counted[topic, partition]}, buku besar {ledger[topic, partition]}"
            for topic, partition in counted.keys() | ledger.keys()
            if counted[topic, partition] != ledger[topic, partition]
        ],
    )
    found = Counter(state for state, _, _ in outcomes.values())
    totals = conn.execute(TOTALS, {"topics": list(topics)}).fetchone() or (0, 0, 0, 0)
    for state, total in zip(("accepted", "known", "parked", "dead"), totals, strict=True):
        if found[state] != total:
            account.differ("Jumlah keadaan akhir berbeda", [f"{state}: dihitung {found[state]}, tercatat {total}"])


def _letters(account: Account, conn: Connection[Any], topics: Sequence[str], log: Mapping[Place, LogRecord]) -> None:
    changed = []
    for topic, partition, offset, key, value in conn.execute(LETTERS, {"topics": list(topics)}):
        record = log.get((topic, partition, offset))
        if record is not None and (record.key or b"", record.value) != (key or b"", value):
            changed.append((topic, partition, offset))
    account.differ("Surat yang isinya berubah", changed)


def _reference_topics(
    account: Account, kafka: KafkaSettings, conn: Connection[Any], contracts: Sequence[Contract]
) -> None:
    live: dict[str, dict[bytes | None, bool]] = {contract.reference_topic: {} for contract in contracts}
    for record in read(kafka, list(live)):
        live[record.topic][record.key] = record.value is not None
    for contract in contracts:
        statement = f"select count(*) from reference.{contract.entity} where not _deleted"  # noqa: S608  a checked name
        row = conn.execute(statement).fetchone()
        account.rows[contract.entity] = row[0] if row else 0
        published = sum(live[contract.reference_topic].values())
        if published != account.rows[contract.entity]:
            account.differ(
                "Topik rujukan berbeda dari tabel",
                [f"{contract.entity}: topik {published}, tabel {account.rows[contract.entity]}"],
            )


def _against_plan(
    account: Account,
    log: Mapping[Place, LogRecord],
    outcomes: Mapping[Place, Outcome],
    planned: Sequence[Planned],
    times: int,
) -> None:
    found: dict[str, Counter[Outcome]] = {}
    for place, record in log.items():
        raw = next((value for name, value in record.headers if name == "ce_id"), None) or b"?"
        found.setdefault(raw.decode("utf-8", "replace"), Counter())[outcomes[place]] += 1
    expected = expected_outcomes(planned, times)
    kinds = {event.identity: event.kind for event in planned}
    account.differ("Kejadian yang tidak direncanakan", found.keys() - expected.keys())
    account.differ(
        "Kejadian dengan keadaan akhir lain daripada rencana",
        [
            f"{identity} ({kinds.get(identity, '?')}): {_words(found.get(identity))}, rencana {_words(wanted)}"
            for identity, wanted in expected.items()
            if found.get(identity) != wanted
        ],
    )


def _words(outcomes: Counter[Outcome] | None) -> str:
    if not outcomes:
        return "tidak ada di log"
    return " + ".join(
        f"{count} {'/'.join(filter(None, outcome))}" for outcome, count in sorted(outcomes.items(), key=str)
    )

"""Where entrants are measured: a filled topic, a database of the others, and the hub's own, made anew for each run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cli.commands.bench_clients import OTHERS, Clients, start
from cli.commands.bench_stack import checkpoint
from cli.screen import tell
from cli.stack import processes, snapshot
from cli.stack.errors import StackError
from cli.stack.local import Stack

if TYPE_CHECKING:
    from psycopg import Connection

    from bench.peers.figures import Choice
    from bench.peers.filling import Filled
    from bench.peers.measuring import Run, Table
    from schemas.contract import Contract

PREFIX_TOPIC: Final = "bench.peers.prefix"  # the first events once more, for short runs and slow entrants
PREFIX: Final = 100_000  # events
SEED: Final = 20_260_105
STOPS_WITHIN_S: Final = 10.0
RUN_WITHIN_S: Final = 900.0
SETTLE_WITHIN_S: Final = 600.0
# The hub's intake in other ways than the one that is held against others: with publication beside it, and with a
# second source of the same entity, so that each batch folds golden records (docs/decisions/0013).
PUBLISHED: Final = "simpul_published"
TWO_SOURCES: Final = "simpul_two_sources"
SECOND: Final = "dinkes.pasien"


@dataclass(slots=True)
class Arena:
    """Everything that runs share."""

    stack: Stack
    contract: "Contract"
    whole: "Filled"
    prefix: "Filled"
    last_round: int = 0  # that a publisher has sent in any run

    def run(self, entrant: str, choice: "Choice", filled: "Filled") -> "Run":
        """One run of another's, into an empty table. Raises what `measure` raises."""
        from bench.peers import tables

        with connection(self.stack, OTHERS) as conn:
            table = tables.make(conn, self.contract, entrant)
            checkpoint(self.stack)
            with start(self.stack, entrant, choice, filled.topic, self.contract) as clients:
                return self._measure(conn, table, clients, filled, by_version=False)

    def run_ours(self, way: str) -> "Run":
        """One run of the hub's intake: rules, provenance, history, ledger and version guard as in production."""
        from bench.intake import last_round
        from bench.peers.measuring import Table

        snapshot.restore(self.stack)
        wait_for_registry(self.stack)
        if way == TWO_SOURCES:
            open_second(self.stack)
        with connection(self.stack, None) as conn:
            know_rounds(conn, self.last_round)
        checkpoint(self.stack)
        names = ["worker", "publisher"] if way == PUBLISHED else ["worker"]
        children = [self.stack.start_process(name, name) for name in names]
        clients = Clients([child.record.pid for child in children], children[0].is_running)
        try:
            with connection(self.stack, None) as conn:
                table = Table("reference", str(self.contract.entity))
                return self._measure(conn, table, clients, self.whole, by_version=True)
        finally:
            processes.stop_all(children, STOPS_WITHIN_S)
            with connection(self.stack, None) as conn:
                self.last_round = last_round(conn)

    def _measure(
        self, conn: "Connection[Any]", table: "Table", clients: Clients, filled: "Filled", *, by_version: bool
    ) -> "Run":
        from bench.peers.measuring import Entry, WrongRows, measure

        entry = Entry(
            conn,
            table,
            clients.pids,
            {name: child.record.pid for name, child in self.stack.services.items()},
            clients.are_alive,
            filled,
            filled.by_version if by_version else filled.by_place,
            RUN_WITHIN_S,
        )
        try:
            return measure(entry)
        except (RuntimeError, TimeoutError, WrongRows) as error:
            raise StackError(f"Pengukuran {table.name} gagal: {error}. Lihat {self.stack.layout.log}.") from error


def prepare(stack: Stack, events: int) -> Arena:
    """Regions in the hub, the hub put aside, both topics filled."""
    from bench.peers.filling import fill
    from bench.peers.stream import Stream
    from cli.commands.bench import bring_regions
    from cli.demo import plan

    home = stack.layout.home
    documents, ids = plan.contracts(home), plan.schema_ids(home)
    regions, residents = documents[plan.REGIONS], documents[plan.RESIDENTS]
    with connection(stack, None) as conn:
        scenario = plan.scenario(home, documents, ids, count=1, seed=SEED)
        bring_regions(conn, stack, regions, list(scenario.regions()))
    # The page, jobs and all else of the hub rest: what is measured has the machine to itself.
    processes.stop_all([child for name, child in stack.hub.items() if name != "registry"], STOPS_WITHIN_S)
    snapshot.take(stack)
    snapshot.restore(stack)
    with connection(stack, "postgres") as conn:
        conn.execute(f"create database {OTHERS}")
    for topic in (PREFIX_TOPIC, second_source(stack).topic):
        make_topic(stack, topic, like=residents.topic)
    tell(f"Mengisi topik dengan {events} kejadian")
    stream = Stream(residents, ids[residents.topic], villages=plan.villages(home), events=events, seed=SEED)
    wanted = {PREFIX_TOPIC: min(PREFIX, events), residents.topic: events}
    found = fill(stack.kafka(), stream, wanted)
    return Arena(stack, residents, found[residents.topic], found[PREFIX_TOPIC])


@contextmanager
def connection(stack: Stack, database: str | None) -> Iterator["Connection[Any]"]:
    """A session of the owner's, each statement a transaction of its own."""
    import psycopg

    with psycopg.connect(stack.dsn(database=database).get_secret_value(), autocommit=True) as conn:
        yield conn


def know_rounds(conn: "Connection[Any]", last: int) -> None:
    """Let the database know of the rounds of earlier runs, which the broker has: a publisher would take them for rounds
    that the database has lost, and publish their keys again."""
    from bench.intake import last_round

    if last > last_round(conn):
        conn.execute(
            "insert into hub.round (id, published_at, records, letters) overriding system value"
            " values (%s, now(), 0, 0)",
            [last],
        )
        conn.execute("select setval('hub.round_id_seq', %s)", [last])


def make_topic(stack: Stack, name: str, *, like: str) -> None:
    """A topic with as many partitions as another."""
    from kafka.admin import KafkaAdminClient, NewTopic

    admin = KafkaAdminClient(**stack.kafka().kafka_python(), client_id="simpul-bench")
    try:
        (found,) = admin.describe_topics([like])
        admin.create_topics([NewTopic(name, len(found["partitions"]), 1)])
    finally:
        admin.close()


def second_source(stack: Stack) -> "Contract":
    """The contract of the second source."""
    from base import instance
    from schemas.loader import load_document

    return load_document(stack.settings.contracts, SECOND, instance.load(stack.settings.instance))


def open_second(stack: Stack) -> None:
    """Have the second source approved; its topic stays empty."""
    from hub_db.connection import transaction
    from registry.governance.seeding import enact

    contract = second_source(stack)
    with connection(stack, None) as conn, transaction(conn):
        enact(conn, contract.subject, contract.schema, reason="Pengukuran dengan dua sumber.", now=datetime.now(UTC))


def wait_for_registry(stack: Stack) -> None:
    """Until the registry answers again: its sessions ended with the database that it had."""
    from bench.intake import wait_for
    from cli.demo import plan
    from schemas.errors import RegistryRefused, RegistryUnreachable

    def answers() -> bool:
        try:
            plan.schema_ids(stack.layout.home)
        except (RegistryRefused, RegistryUnreachable):
            return False
        return True

    wait_for(answers, stack.hub["registry"].is_running, SETTLE_WITHIN_S)

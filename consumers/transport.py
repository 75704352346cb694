"""Faust's aiokafka transport, delivering one batch of a partition as one message.

Positions come from the database, group offsets follow it: Faust's acks are not trusted (`RELIABILITY.md` §7).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, TypeVar, cast

import aiokafka
import faust
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.conductor import Conductor
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage

from consumers.record_batches import RecordBatch
from consumers.settings import IntakeSettings, StagesSettings

FETCH_WAIT_MS = 20  # one fetch is in flight per broker: a long wait holds back a partition just emptied
# Where records come all the time, each by itself, a fetch waits for some of them: each costs the broker and us as much
# as one of a thousand records, and an event waits for FETCH_WAIT_MS at most.
OFTEN_S = 0.03  # between polls that bring something
FETCH_BYTES = 8_192
POLL_S = 0.05  # a poll that waits on quiet partitions must not hold back a busy one
BREATH_S = 0.01  # between two polls that bring something: each costs as much for one record as for a thousand
LONG_BREATH_S = 0.06  # while what is fetched already waits to be settled: more of it would wait, too
IDLE_S = 0.01  # where Faust sleeps a whole second when all partitions are paused
COMMIT_S = 10.0
METADATA_MS = 5_000  # a topic that comes back, or gets more partitions, is noticed within so long

# Opens partitions: where the database stands in each.
Positions = Callable[[frozenset[TP]], Awaitable[Mapping[TP, int]]]


class HubApp(faust.App):
    """A Faust app that reads and writes positions where the hub keeps them."""

    hub_positions: Positions
    hub_leave: Callable[[frozenset[TP]], Awaitable[None]]  # returns when nothing of these partitions is in hand
    hub_settled: dict[TP, int]  # next offset that the database has, per partition; written by the settlers
    hub_waits: Callable[[], bool]  # whether something that is fetched waits to be settled
    hub_fetch_wait_ms = FETCH_WAIT_MS
    hub_fetch_bytes = FETCH_BYTES  # for which a fetch waits where records come all the time

    def _new_transport(self) -> "HubTransport":
        return HubTransport(self.conf.broker_consumer, self)

    async def read_also(self, topics: Iterable[str]) -> None:
        """Read more topics from now on: the group is rebalanced as when a worker comes or goes."""
        for channel in list(self.topics):
            channel.topics = sorted({*channel.topics, *topics})
        every = await cast("Conductor", self.topics)._update_indices()
        await cast("HubConsumer", self.consumer).read(every)

    def _create_directories(self) -> None:
        """None: the hub keeps no tables in files."""


App = TypeVar("App", bound=HubApp)


def hub_app(settings: IntakeSettings | StagesSettings, kind: type[App]) -> App:
    """The app of one worker."""
    return kind(
        settings.group,
        broker=[f"aiokafka://{server}" for server in settings.kafka.bootstrap.split(",")],
        broker_credentials=faust.SASLCredentials(
            username=settings.kafka.username,
            password=settings.kafka.password.get_secret_value(),
            mechanism=settings.kafka.sasl_mechanism,
            ssl_context=settings.kafka.ssl_context(),
        ),
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        broker_max_poll_records=20_000,  # record batches: what a fetch brings, in fact
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 6,
        broker_commit_interval=1.0,
        consumer_metadata_max_age_ms=METADATA_MS,
        consumer_max_fetch_size=512 * 1024,
        stream_buffer_maxsize=32,  # fetches
        stream_wait_empty=False,
    )


class HubThread(driver.AIOKafkaConsumerThread):
    """The thread that owns the aiokafka consumer."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        self._assignor = RoundRobinPartitionAssignor
        return aiokafka.AIOKafkaConsumer(
            bootstrap_servers=driver.server_list(transport.url, transport.default_port),
            client_id=conf.broker_client_id,
            group_id=conf.id,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            # Before our seek a new partition has no position, and "none" would crash the fetcher. What is read from
            # another place than the database's position is dropped or noticed by the settler, never taken silently.
            auto_offset_reset="earliest",
            isolation_level="read_committed",  # records of aborted transactions were never sent
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=cast("HubApp", self.app).hub_fetch_wait_ms,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            check_crcs=conf.broker_check_crcs,
            **driver.credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
        )

    def fetch_at_least(self, count: int) -> None:
        """How many bytes the next fetches wait for."""
        self._ensure_consumer()._fetcher._fetch_min_bytes = count

    async def read(self, topics: Iterable[str]) -> None:
        """Read these topics. `subscribe` would take all partitions away at once, in the middle of what is in hand;
        asked to join its group anew, the client gives them up in order (it tells us, and waits) and gets them back."""
        # The client tells nobody when it has joined.
        while not await self.call_thread(self._read, frozenset(topics)):  # noqa: ASYNC110
            await asyncio.sleep(POLL_S)

    async def _read(self, topics: frozenset[str]) -> bool:
        """Ask for it; False while the group is being joined, when the client would forget that it was asked."""
        consumer = self._ensure_consumer()
        subscription = consumer._subscription.subscription
        if subscription is None or subscription._reassignment_in_progress:
            return False
        subscription._topics = topics
        consumer._client.set_topics(topics)
        consumer._coordinator.request_rejoin()
        return True

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Tell Kafka what the database has. A failure costs nothing but the lag tools' truth for a while."""
        consumer = self._ensure_consumer()
        mine = {
            driver.ensure_aiokafka_TP(tp): OffsetAndMetadata(offset, "")
            for tp, offset in offsets.items()
            if tp in self.assignment()
        }
        if not mine:  # aiokafka refuses to commit nothing
            return False
        try:
            await asyncio.wait_for(consumer.commit(mine), COMMIT_S)
        except (KafkaError, TimeoutError) as error:
            self.log.warning("group offsets not committed, next time: %r", type(error).__name__)
            return False
        return True


class HubConsumer(driver.Consumer):
    """Yields whole batches; seeks to the database's positions; commits what was settled."""

    positions: Positions  # set by the app
    settled: dict[TP, int]
    committed: dict[TP, int]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        app = cast("HubApp", self.app)
        self.positions, self.settled = app.hub_positions, app.hub_settled
        self.committed = {}
        self.read_at = float("-inf")  # time.monotonic() of the last poll that brought something
        self.apart_s = 1.0  # of late, between two such polls

    async def read(self, topics: Iterable[str]) -> None:
        """Read these topics from now on."""
        await cast("HubThread", self._thread).read(topics)

    def _new_consumer_thread(self) -> HubThread:
        return HubThread(self, loop=self.loop, beacon=self.beacon)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """The group waits for this: the next owner starts where our last batch ended."""
        await cast("HubApp", self.app).hub_leave(frozenset(revoked))
        await super().on_partitions_revoked(revoked)

    async def perform_seek(self) -> None:
        positions = await self.positions(frozenset(self.assignment()))
        if not positions:
            return
        await self.seek_wait(positions)
        for tp, offset in positions.items():
            self._read_offset[tp] = offset or None
            self._committed_offset[tp] = offset or None

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: FBT001, FBT002
        now = {tp: offset for tp, offset in list(self.settled.items()) if self.committed.get(tp) != offset}
        if not now or not await self._commit(now):
            return False
        self.committed.update(now)
        return True

    async def _wait_next_records(self, timeout: float) -> tuple[Any, Any]:  # noqa: ASYNC109  Faust's signature
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]  # as in Faust itself
        try:
            self.not_waiting_next_records.clear()
            active = self._get_active_partitions()
            if not active:
                await asyncio.sleep(IDLE_S)
                return {}, active
            await self._breathe()
            records = await self._getmany(active_partitions=active, timeout=min(timeout, POLL_S))
            if records:
                self._note_read()
            return records, active
        finally:
            self.not_waiting_next_records.set()

    def _note_read(self) -> None:
        now = monotonic()
        self.apart_s = 0.9 * self.apart_s + 0.1 * min(now - self.read_at, 1.0)
        self.read_at = now
        often = self.apart_s < OFTEN_S
        cast("HubThread", self._thread).fetch_at_least(cast("HubApp", self.app).hub_fetch_bytes if often else 1)

    async def _breathe(self) -> None:
        """Let more gather between two polls, the longer the less somebody waits for it."""
        await asyncio.sleep(self.read_at + BREATH_S - monotonic())
        waits = cast("HubApp", self.app).hub_waits
        while waits() and monotonic() < self.read_at + LONG_BREATH_S:  # noqa: ASYNC110  settlers are threads
            await asyncio.sleep(BREATH_S)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109
        generation = self.app.consumer_generation_id
        records, active = await self._wait_next_records(timeout)
        if not records or self.should_stop:
            return
        for tp, batch in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return  # these records may be another worker's now; the next seek starts from the database
            if batch and (tp in active or tp in self._buffered_partitions):
                yield tp, _message(tp, batch, generation)


class HubTransport(driver.Transport):
    """The transport that the app uses."""

    Consumer = HubConsumer


class BatchSchema(faust.Schema[Any, Any]):
    """Hands the list of record batches through unread."""

    def compile(
        self,
        app: Any,
        *,
        on_key_decode_error: Any = None,
        on_value_decode_error: Any = None,
        default_propagate: bool = False,
    ) -> Any:
        async def decode(message: Any, *, propagate: bool = default_propagate) -> Any:
            return app.create_event(None, message.value, None, message)

        return decode


def _message(tp: TP, batches: Sequence[RecordBatch], generation: int) -> ConsumerMessage:
    last = batches[-1]
    return ConsumerMessage(
        tp.topic, tp.partition, last.next_offset - 1, last.timestamp / 1000.0, 1,
        None, None, cast("bytes", batches), None, 0, 0, tp, generation_id=generation,
    )  # fmt: skip

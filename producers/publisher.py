"""Publishes the changes of one document to Kafka: validated first, idempotent, every delivery accounted for.

with Publisher(kafka, registry, contract) as publisher:
    rejected = publisher.send_all(rows)      # rows that the contract refuses are not sent
print(publisher.delivery)
"""

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

from producers.errors import DeliveryFailed, DocumentUnknown, KafkaUnreachable
from producers.identity import event_id
from schemas import event_key
from schemas.contract import Contract, Value
from schemas.names import EventKey, SchemaId
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.texts import MAX_KEY_BYTES
from schemas.validator import Validator
from schemas.wire import headers
from schemas.wire.avro import Writer, milliseconds
from schemas.wire.framing import frame
from schemas.wire.kafka import KafkaSettings
from schemas.wire.registry_client import RegistryClient

_log = logging.getLogger(__name__)

_CHANGED: Final = "sumber_diubah"
LINGER_MS: Final = 20  # a person at a command line does not feel it, and batches are full
_BATCH_BYTES: Final = 256 * 1024
_CONNECT_WITHIN_MS: Final = 10_000  # a person waits; a wrong password looks the same as a slow broker
_ANSWER_WITHIN_MS: Final = 30_000
_CONFIRM_WITHIN_MS: Final = 120_000  # an office's link drops for a minute: Kafka's own default
_CLOSE_WITHIN_S: Final = 5.0  # after an error or Ctrl-C
# Events handed to Kafka and not confirmed yet; kafka-python itself would buffer without a bound.
_MAX_UNCONFIRMED: Final = 20_000


class Rejected(NamedTuple):
    """A row that was not sent: its place in the set, and every reason."""

    place: int
    reasons: tuple[Rejection, ...]


@dataclass(slots=True)
class Delivery:
    """What became of the events so far: handed over = confirmed + failed + still on the way."""

    handed_over: int = 0
    confirmed: int = 0
    failed: int = 0

    @property
    def on_the_way(self) -> int:
        return self.handed_over - self.confirmed - self.failed


class Publisher:
    """The way of one document's changes to Kafka. Not for several threads.

    `system` names the sending system in `ce_source`; `load` is the run these events belong to; `epoch` grows when
    the source restarts its numbering, None takes the one that the hub has granted; `today` is the date of acceptance
    that validation assumes (the machine's).
    Sending a change again is harmless: it is the same event (`producers.identity`).

    Raises KafkaUnreachable, DocumentUnknown, and what the registry's client raises.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        registry: RegistryClient,
        contract: Contract,
        *,
        system: str = "adaptor",
        load: str | None = None,
        epoch: int | None = None,
        today: date | None = None,
        linger_ms: int = LINGER_MS,
    ) -> None:
        self.contract, self.delivery = contract, Delivery()
        self._schema_id = _schema_id(registry, contract)
        self._validator, self._writer = Validator(contract), Writer(contract)
        self._source, self._load = f"/opd/{contract.opd}/{system}", load
        self.epoch = registry.epoch_of(contract.subject) if epoch is None else epoch
        self._today = today or datetime.now().astimezone().date()
        self._unconfirmed: deque[Any] = deque()
        self._failures: dict[str, int] = {}
        self._producer = _connect(kafka, linger_ms)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Waits until every event is confirmed, and raises DeliveryFailed if one is not.

        After an error or Ctrl-C what is on the way gets a few seconds; the error goes on.
        """
        if kind is None:
            try:
                self.flush()
            finally:
                self._producer.close(timeout=_CLOSE_WITHIN_S)
        else:
            self._producer.close(timeout=_CLOSE_WITHIN_S)
            self._settle()

    def send(self, row: Mapping[str, object], *, sequence: int | None = None) -> tuple[Rejection, ...]:
        """Send one row, or say every reason why not. Its version is `sequence`, else `sumber_diubah` in ms."""
        rejected = self.send_all([row], sequences=None if sequence is None else [sequence])
        return rejected[0].reasons if rejected else ()

    def send_all(
        self, rows: Sequence[Mapping[str, object]], *, sequences: Sequence[int] | None = None
    ) -> list[Rejected]:
        """Send the rows that the contract accepts, in order; the others come back. Sets of thousands go fastest."""
        rejected: list[Rejected] = []
        verdicts = self._validator.check_all(rows, accepted_on=self._today)
        for place, verdict in enumerate(verdicts):
            if isinstance(verdict, dict):
                refused = self._send(verdict, None if sequences is None else sequences[place])
                if refused is None:
                    continue
                verdict = (refused,)
            rejected.append(Rejected(place, verdict))
        return rejected

    def delete(self, key: EventKey, *, sequence: int, time: datetime | None = None) -> Rejection | None:
        """Send a delete of `key`; its version must be higher than that of the row. None when it was sent."""
        refused = self._validator.check_key(key)
        if isinstance(refused, Rejection):
            return refused
        return self._hand_over(key, sequence, time, None)

    def forward(self, key: bytes | None, value: bytes | None, written: Sequence[tuple[str, bytes]]) -> None:
        """Send an event that is already encoded, as it is: nothing in it is looked at."""
        try:
            future = self._producer.send(self.contract.topic, value, key, list(written))
        except KafkaError as error:
            raise KafkaUnreachable(_away(error)) from error
        self.delivery.handed_over += 1
        self._unconfirmed.append(future)
        if len(self._unconfirmed) >= _MAX_UNCONFIRMED:
            self._wait_for_some()

    def flush(self) -> None:
        """Wait until every event is confirmed. Raises DeliveryFailed, also for events that failed earlier."""
        try:
            self._producer.flush(timeout=_CONFIRM_WITHIN_MS / 1_000)
        except KafkaError as error:
            _log.warning("flush: %s", type(error).__name__)
        self._settle()
        missing = self.delivery.failed + self.delivery.on_the_way
        if missing:
            kinds = ", ".join(sorted(self._failures)) or "tanpa jawaban"
            raise DeliveryFailed(
                f"{missing} kejadian belum dikonfirmasi Kafka ({kinds}). Mohon jalankan lagi perintah yang sama; "
                "yang sudah terkirim tidak dihitung dua kali.",
                missing,
            )

    def _send(self, values: dict[str, Value], sequence: int | None) -> Rejection | None:
        changed = values[_CHANGED]
        assert isinstance(changed, datetime)  # noqa: S101 (the loader asks for this field)
        key = event_key.of_values(self.contract, values)
        version = milliseconds(changed) if sequence is None else sequence
        return self._hand_over(key, version, changed, self._writer.write(values))

    def _hand_over(self, key: EventKey, sequence: int, time: datetime | None, body: bytes | None) -> Rejection | None:
        raw_key = key.encode()
        if len(raw_key) > MAX_KEY_BYTES:
            return event_key.too_long(len(raw_key))
        if not 0 <= sequence <= headers.MAX_SEQUENCE:
            return reject("header-sequence", _CHANGED, "urutan di luar jangkauan", "waktu perubahan sejak tahun 1970")
        identity = event_id(self.contract.topic, key, self.epoch, sequence, body)
        about = headers.EventHeaders(identity, self._source, time, sequence, self.epoch, self._load)
        value = None if body is None else frame(self._schema_id, body)
        self.forward(raw_key, value, headers.write(about, self.contract, key))
        return None

    def _wait_for_some(self) -> None:
        """Until half of what is on the way has an answer."""
        middle = self._unconfirmed[len(self._unconfirmed) // 2]
        try:
            middle.get(timeout=_CONFIRM_WITHIN_MS / 1_000)
        except KafkaError as error:
            _log.warning("delivery: %s", type(error).__name__)
        self._settle()
        if len(self._unconfirmed) >= _MAX_UNCONFIRMED:
            raise KafkaUnreachable(_away(None))

    def _settle(self) -> None:
        """Count what has an answer. Partitions answer at their own pace, so the queue is walked as a whole."""
        waiting: deque[Any] = deque()
        for future in self._unconfirmed:
            if not future.is_done:
                waiting.append(future)
            elif future.exception is None:
                self.delivery.confirmed += 1
            else:
                self.delivery.failed += 1
                name = type(future.exception).__name__
                self._failures[name] = self._failures.get(name, 0) + 1
        self._unconfirmed = waiting


def _schema_id(registry: RegistryClient, contract: Contract) -> SchemaId:
    schema_id = registry.look_up(contract.subject, contract.schema)
    if schema_id is None:
        raise DocumentUnknown(
            f"Kontrak {contract.name} tidak terdaftar di registri dalam bentuk ini. Mohon ambil kontrak terbaru dari "
            "registri atau hubungi Tim Teknis."
        )
    return schema_id


def _connect(kafka: KafkaSettings, linger_ms: int) -> Any:
    clients: list[Any] = []

    def client(**config: Any) -> Any:
        clients.append(KafkaNetClient(**config))
        return clients[-1]

    try:
        return KafkaProducer(
            **kafka.kafka_python(),
            kafka_client=client,
            client_id="simpul-adaptor",
            enable_idempotence=True,
            acks="all",
            compression_type="lz4",
            linger_ms=linger_ms,
            batch_size=_BATCH_BYTES,
            max_block_ms=_ANSWER_WITHIN_MS,
            bootstrap_timeout_ms=_CONNECT_WITHIN_MS,
            delivery_timeout_ms=_CONFIRM_WITHIN_MS,
            allow_auto_create_topics=False,
        )
    except KafkaError as error:
        for opened in clients:  # the producer itself leaves its sockets to the collector
            opened.close()
        raise KafkaUnreachable(_away(error)) from error


def _away(error: KafkaError | None) -> str:
    kind = f" ({type(error).__name__})" if error is not None else ""
    return (
        f"Kafka tidak menjawab{kind}. Mohon periksa sambungan, alamat, nama pengguna, dan kata sandi, lalu jalankan "
        "lagi; yang sudah terkirim tidak dihitung dua kali."
    )

"""Settings of the processes on the bus; `cli/settings.py` puts them together."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from base.instance_tables import Marks
from schemas.names import TopicName
from schemas.sop_topics import FACTS, STATUS
from schemas.wire.kafka import KafkaSettings
from schemas.wire.registry_client import RegistrySettings


class LocalMarks(BaseModel):
    """How values of the region look, as the instance has it (`schemas.formats.local_marks`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kode_pos: str
    kode_bps: str
    setempat: Marks


class BreakerSettings(BaseModel):
    """From when on a flood stops a partition (`hub_db/breaker.py`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    storm_of: int = Field(default=200, ge=2)  # records in a row, of which more than half are returned for one reason
    flood_from: int = Field(default=200, ge=1)  # rows changed or deleted; fewer are no flood
    hour_s: float = Field(default=3600.0, gt=0)  # of the log's time, in which they are counted


class IntakeSettings(BaseModel):
    """One intake worker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kafka: KafkaSettings
    dsn: SecretStr
    registry: RegistrySettings
    worker: str  # its name in the ledger
    group: str = "hub-intake"
    time_zone: str  # the instance's: whose calendar says what "today" is in a rule
    local: LocalMarks  # what looks as if from elsewhere is told of the row
    connections: int = Field(default=3, ge=1, le=16)  # batches that are settled at once
    batch_records: int = Field(default=20_000, ge=1, le=20_000)  # most events in one transaction
    session_timeout_s: float = Field(default=20.0, ge=6.0)
    release_interval_s: float = Field(default=0.5, gt=0)  # how often parked events are looked at
    stuck_after_s: float = Field(default=60.0, gt=0)  # no progress with a backlog for so long: exit, be started again
    breaker: BreakerSettings | None = BreakerSettings()  # None: nothing stops a partition
    faults: str = ""  # fault points to arm, tests only


class PublicationSettings(BaseModel):
    """The publisher of rounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kafka: KafkaSettings
    dsn: SecretStr
    transactional_id: str = "hub-publisher"
    interval_s: float = Field(default=0.25, gt=0)  # least time between rounds
    faults: str = ""  # fault points to arm, tests only


class OutboxSettings(BaseModel):
    """A publisher of an outbox."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kafka: KafkaSettings
    dsn: SecretStr
    namespace: str  # the instance's: `ce_type` begins with it
    time_zone: str  # the instance's: whose date a message bears
    topic: TopicName
    transactional_id: str
    interval_s: float = Field(default=0.25, gt=0)
    at_once: int = Field(default=1_000, ge=1)  # most messages in one Kafka transaction


class FactsSettings(OutboxSettings):
    """The publisher of facts."""

    topic: TopicName = FACTS
    transactional_id: str = "hub-publisher-facts"


class StatusSettings(OutboxSettings):
    """The publisher of what happened to cases."""

    topic: TopicName = STATUS
    transactional_id: str = "hub-publisher-status"


class StagesSettings(BaseModel):
    """The readers of facts and of what happened to cases."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kafka: KafkaSettings
    dsn: SecretStr
    instance: str  # path of instansi.toml: calendar, time zone, Walidata
    topic: TopicName = FACTS
    status_topic: TopicName = STATUS
    group: str = "hub-stages"
    clock_every_s: float = Field(default=900.0, gt=0)  # how often the clock goes round the open cases
    session_timeout_s: float = Field(default=20.0, ge=6.0)
    faults: str = ""  # fault points to arm, tests only

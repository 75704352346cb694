"""Kafka Connect with Debezium's JDBC sink, as their documents advise for speed: upsert, a reduction buffer, batches as
large as a poll, statements rewritten to many rows. Values come through Apicurio's Avro converter and our registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from schemas.wire.kafka import KafkaSettings
from schemas.wire.registry_client import RegistrySettings

MAIN: Final = "org.apache.kafka.connect.cli.ConnectStandalone"
# Two cores and a whole compiler: what is measured is a sink that runs for long.
JVM: Final = (
    "-Xms1g",
    "-Xmx2g",
    "-XX:+UseParallelGC",
    "-Duser.timezone=UTC",
    "--sun-misc-unsafe-memory-access=allow",
)
LOGGING: Final[Mapping[str, object]] = {
    "rootLogger.level": "WARN",
    "rootLogger.appenderRef.all.ref": "all",
    "appender.all.type": "Console",
    "appender.all.name": "all",
    "appender.all.layout.type": "PatternLayout",
    "appender.all.layout.pattern": "%d{ISO8601} %p %c{1} %m%n",
}
FETCH_BYTES: Final = 4 << 20  # of one partition, so that a poll can be a whole batch


@dataclass(frozen=True, slots=True)
class Sink:
    """One run of the sink."""

    name: str  # new for each run: the consumer group follows from it
    kafka: KafkaSettings
    registry: RegistrySettings
    dsn: SecretStr
    topic: str
    table: str
    key: str
    batch: int
    tasks: int


def worker_options(sink: Sink, plugins: Path, folder: Path) -> dict[str, object]:
    """The properties of a standalone worker."""
    login = "org.apache.kafka.common.security.scram.ScramLoginModule"
    password = sink.kafka.password.get_secret_value()
    security = {
        "security.protocol": sink.kafka.security_protocol,
        "sasl.mechanism": sink.kafka.sasl_mechanism,
        "sasl.jaas.config": f'{login} required username="{sink.kafka.username}" password="{password}";',
    }
    return {
        "bootstrap.servers": sink.kafka.bootstrap,
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        # The default parses every header of every event.
        "header.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
        "plugin.path": plugins,
        "plugin.discovery": "only_scan",  # Apicurio's jars announce no services
        "offset.storage.file.filename": folder / "offsets",
        "listeners": "http://127.0.0.1:0",
        "consumer.auto.offset.reset": "earliest",
        "consumer.max.poll.records": sink.batch,
        "consumer.max.partition.fetch.bytes": FETCH_BYTES,
        **{f"{role}{name}": value for role in ("", "producer.", "consumer.") for name, value in security.items()},
    }


def sink_options(sink: Sink) -> dict[str, object]:
    """The properties of the connector."""
    told = conninfo_to_dict(sink.dsn.get_secret_value())
    place = f"{told['host']}:{told['port']}/{told['dbname']}"
    return {
        "name": sink.name,
        "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
        "tasks.max": sink.tasks,
        "topics": sink.topic,
        "connection.url": f"jdbc:postgresql://{place}?reWriteBatchedInserts=true",
        "connection.username": told["user"],
        "connection.password": told["password"],
        "insert.mode": "upsert",
        "primary.key.mode": "record_value",
        "primary.key.fields": sink.key,
        "collection.name.format": sink.table,
        "batch.size": sink.batch,
        "use.reduction.buffer": "true",
        "use.time.zone": "UTC",
        **_converter(sink.registry),
    }


def _converter(registry: RegistrySettings) -> dict[str, object]:
    told: dict[str, object] = {
        "apicurio.registry.url": f"{registry.url}/apis/registry/v2",
        "apicurio.registry.as-confluent": "true",
        "apicurio.registry.use-id": "contentId",
        "apicurio.registry.headers.enabled": "false",
        "apicurio.auth.username": registry.user,
        "apicurio.auth.password": registry.password.get_secret_value(),
    }
    return {
        "value.converter": "io.apicurio.registry.utils.converter.AvroConverter",
        **{f"value.converter.{name}": value for name, value in told.items()},
    }

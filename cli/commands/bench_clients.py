"""Starts the others: Kafka Connect, Quix Streams, a stock Faust agent, the floor, each in processes of its own."""

import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli import settings
from cli.stack import peers, processes
from cli.stack.layout import properties, write_private
from cli.stack.local import Stack
from cli.stack.processes import Program

if TYPE_CHECKING:
    from bench.peers.figures import Choice
    from schemas.contract import Contract

OTHERS: Final = "simpul_peers"  # their database
STOPS_WITHIN_S: Final = 1.0  # what they have done is measured already
PROGRAMS: Final = {"quix": "quix_sink.py", "faust": "faust_agent.py"}


@dataclass(frozen=True, slots=True)
class Clients:
    """The running processes of one entrant."""

    pids: Sequence[int]
    are_alive: Callable[[], bool]


@contextmanager
def start(stack: Stack, entrant: str, choice: "Choice", topic: str, contract: "Contract") -> Iterator[Clients]:
    """The entrant's processes, in a group of its own that begins at the topic's beginning; gone at the end."""
    if entrant == "floor":
        with _floor(stack, choice, topic, contract) as clients:
            yield clients
        return
    folder = stack.layout.run / entrant
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    group = f"bench-{entrant}-{secrets.token_hex(4)}"
    if entrant == "connect_debezium":
        commands = [_connect(stack, choice, topic, contract, folder, group)]
    else:
        commands = _python(stack, entrant, choice, topic, contract, folder, group)
    children = [
        stack.add(stack.hub, processes.Child(_program(stack, entrant, number, command, folder)))
        for number, command in enumerate(commands)
    ]
    try:
        yield Clients([child.record.pid for child in children], lambda: all(child.is_running() for child in children))
    finally:
        processes.stop_all(children, STOPS_WITHIN_S)


def _program(stack: Stack, entrant: str, number: int, command: Sequence[str], folder: Path) -> Program:
    environment = settings.environment(stack.layout.home, PYTHONPATH="")  # they import nothing of ours
    return Program(f"{entrant}-{number}", command, stack.layout.log_of(entrant), folder, environment=environment)


def _connect(stack: Stack, choice: "Choice", topic: str, contract: "Contract", folder: Path, group: str) -> list[str]:
    from bench.peers import connect

    sink = connect.Sink(
        group,
        stack.kafka(),
        settings.registry_settings(stack.layout.home),
        stack.dsn(database=OTHERS),
        topic,
        "connect_debezium",
        str(contract.key[0]),
        choice.batch,
        choice.tasks,
    )
    files: dict[str, Mapping[str, object]] = {
        "worker": connect.worker_options(sink, peers.plugins(stack.settings), folder),
        "sink": connect.sink_options(sink),
        "logging": connect.LOGGING,
    }
    for name, options in files.items():
        write_private(folder / f"{name}.properties", properties(options))
    worker, told, logging = (str(folder / f"{name}.properties") for name in files)
    return peers.java(stack.settings, connect.JVM, Path(logging), connect.MAIN, worker, told)


def _python(
    stack: Stack, entrant: str, choice: "Choice", topic: str, contract: "Contract", folder: Path, group: str
) -> list[list[str]]:
    from psycopg.conninfo import conninfo_to_dict

    from bench.peers import tables

    kafka = stack.kafka()
    told: dict[str, Any] = {
        "bootstrap": kafka.bootstrap,
        "security_protocol": kafka.security_protocol,
        "sasl_mechanism": kafka.sasl_mechanism,
        "username": kafka.username,
        "password": kafka.password.get_secret_value(),
        "group": group,
        "topic": topic,
        "schema": json.dumps(contract.schema),
        "database": conninfo_to_dict(stack.dsn(database=OTHERS).get_secret_value()),
        "table": entrant,
        "columns": list(tables.columns(contract)),
        "key": str(contract.key[0]),
        "batch": choice.batch,
        "folder": str(folder),
    }
    python, program = str(peers.python(stack.settings)), str(peers.PROGRAMS / PROGRAMS[entrant])
    commands = []
    for number in range(choice.tasks):
        options = folder / f"{number}.json"
        write_private(options, json.dumps({**told, "number": number}))
        commands.append([python, program, str(options)])
    return commands


@contextmanager
def _floor(stack: Stack, choice: "Choice", topic: str, contract: "Contract") -> Iterator[Clients]:
    from bench.peers import floor, tables

    job = floor.Job(
        stack.kafka(),
        stack.dsn(database=OTHERS),
        topic,
        contract,
        tables.columns(contract),
        (tables.SCHEMA, "floor"),
        choice.batch,
        choice.tasks,
    )
    process = floor.start(job)
    try:
        yield Clients([process.pid or 0], process.is_alive)
    finally:
        process.kill()
        process.join()

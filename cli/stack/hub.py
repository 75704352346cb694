"""Brings the hub up on running services: database, registry, topics, contracts, then the processes of the hub."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING

from cli import preparation
from cli.stack.errors import StackError, StackUnreachable
from cli.stack.processes import Child

if TYPE_CHECKING:
    from kafka.admin import KafkaAdminClient

    from cli.stack.local import Stack

ANSWER_WITHIN_S = 120.0
ASK_EVERY_S = 0.1  # asking takes CPU from what is being started


def start_on_database(stack: "Stack") -> None:
    """What needs PostgreSQL only: migrations, registry, contracts; page and jobs may still be on their way."""
    home = stack.layout.home
    stack.tell("Menyiapkan basis data")
    preparation.prepare_database(home)
    if stack.settings.registry_url is None:
        stack.start_process("registry", "serve", "registry")
    stack.start_process("web", "serve", "web")
    stack.start_process("jobs", "jobs-worker")
    documents = preparation.contracts(home)
    if stack.settings.registry_url is None:
        served(stack, "registry", lambda: stack.registry_url)
    stack.tell("Mendaftarkan kontrak")
    preparation.register_contracts(home, documents)


def start_on_kafka(stack: "Stack") -> None:
    """The rest, all of it answering in the end. Needs `start_on_database`."""
    stack.tell("Menyiapkan topik dan hak akses")
    prepare_kafka(stack)
    stack.tell("Menyalakan penerima dan penerbit")
    worker = stack.start_process("worker", "worker")
    publisher = stack.start_process("publisher", "publisher")
    stages = stack.start_process("stages", "stages")
    served(stack, "web", lambda: stack.web_url)
    joined(stack, worker, "hub-intake")
    for child in (publisher, stages, stack.hub["jobs"]):
        if not child.is_running():
            name, log = child.program.name, child.program.log
            raise StackUnreachable(f"Proses {name} berhenti saat dinyalakan; lihat {log}.")


def prepare_kafka(stack: "Stack") -> None:
    """Topics, users and rights. Raises StackError when the broker refuses them."""
    from registry.errors import ProvisioningFailed

    try:
        preparation.prepare_kafka(stack.layout.home, preparation.contracts(stack.layout.home))
    except ProvisioningFailed as error:
        raise StackError(
            f"Kafka di {stack.kafka().bootstrap} menolak perintah pengguna {stack.kafka().username}, yang perlu hak "
            f"penuh (super user): {error}"
        ) from error


def served(stack: "Stack", name: str, url: Callable[[], str]) -> None:
    """Until an HTTP service answers; it is started again on another port when its own was taken meanwhile."""

    def once() -> None:
        child = stack.hub[name]
        answered(stack, child if child.is_running() else stack.start_process(name, "serve", name), url())

    stack.with_free_ports((name,), once)


def answered(stack: "Stack", child: Child, url: str) -> None:
    """Until the process answers HTTP, whatever the status."""

    def asks() -> bool:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    wait_for(stack, child, asks)


def wait_for(stack: "Stack", child: Child, condition: Callable[[], bool]) -> None:
    """Until the condition holds. Raises StackUnreachable when the process ends or the time is over."""
    deadline = time.monotonic() + ANSWER_WITHIN_S
    while not condition():
        name, log = child.program.name, child.program.log
        if stack.stopping.is_set():
            raise StackError("Dihentikan saat sedang dinyalakan.")
        if not child.is_running():
            raise StackUnreachable(f"Proses {name} berhenti saat dinyalakan; lihat {log}.")
        if time.monotonic() > deadline:
            raise StackUnreachable(f"Proses {name} tidak siap dalam {ANSWER_WITHIN_S:.0f} detik; lihat {log}.")
        time.sleep(ASK_EVERY_S)


def joined(stack: "Stack", worker: Child, group: str) -> None:
    """Until somebody has joined the consumer group and it is not being rebalanced. Raises StackUnreachable."""
    from kafka.admin import KafkaAdminClient

    client = KafkaAdminClient(**stack.kafka().kafka_python(), client_id="simpul-stack")
    try:
        wait_for(stack, worker, lambda: is_stable(client, group))
    finally:
        client.close()


def is_stable(client: "KafkaAdminClient", group: str) -> bool:
    from kafka.errors import KafkaError

    try:
        found = client.describe_groups([group])
    except KafkaError:
        return False
    about = found.get(group) if isinstance(found, dict) else None
    return isinstance(about, dict) and about.get("group_state") == "Stable"

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
    from cli.stack.local import Stack

ANSWER_WITHIN_S = 120.0
ASK_EVERY_S = 0.2  # asking takes CPU from what is being started


def start(stack: "Stack") -> None:
    """All of it, answering."""
    home = stack.layout.home
    stack.tell("Menyiapkan basis data")
    preparation.prepare_database(home)
    registry = stack.start_process("registry", "serve", "registry")
    documents = preparation.contracts(home)
    stack.tell("Menyiapkan topik dan hak akses")
    preparation.prepare_kafka(home, documents)
    answered(stack, registry, stack.registry_url)
    stack.tell("Mendaftarkan kontrak")
    preparation.register_contracts(home, documents)
    stack.tell("Menyalakan penerima, penerbit, dan halaman web")
    worker = stack.start_process("worker", "worker")
    publisher = stack.start_process("publisher", "publisher")
    web = stack.start_process("web", "serve", "web")
    answered(stack, web, stack.web_url)
    wait_for(stack, worker, lambda: has_members(stack, "hub-intake"))
    if not publisher.is_running():
        raise StackUnreachable(f"Proses publisher berhenti saat dinyalakan; lihat {publisher.program.log}.")


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


def has_members(stack: "Stack", group: str) -> bool:
    """Whether somebody has joined the consumer group and it is not being rebalanced."""
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    try:
        client = KafkaAdminClient(**stack.kafka().kafka_python(), client_id="simpul-stack")
        try:
            found = client.describe_groups([group])
        finally:
            client.close()
    except KafkaError:
        return False
    return any(is_stable(each) for each in (found.values() if isinstance(found, dict) else found))


def is_stable(group: object) -> bool:
    state = group.get("group_state") if isinstance(group, dict) else getattr(group, "state", None)
    return state == "Stable"

"""Ports: chosen once, remembered, replaced when busy; one that was asked for must be free."""

import json
import socket
from pathlib import Path

import pytest

from cli.stack import ports
from cli.stack.errors import StackError


@pytest.fixture
def busy() -> "socket.socket":
    """A port on which somebody listens."""
    listening = socket.socket()
    listening.bind((ports.HOST, 0))
    listening.listen()
    return listening


def test_ports_are_chosen_once_and_then_remembered(tmp_path: Path) -> None:
    first = ports.choose(tmp_path / "ports.json", {})

    assert ports.choose(tmp_path / "ports.json", {}) == first == json.loads((tmp_path / "ports.json").read_text())
    assert set(first) == set(ports.NAMES)
    assert len(set(first.values())) == len(ports.NAMES)


def test_a_remembered_port_that_is_busy_is_replaced_and_the_others_stay(tmp_path: Path, busy: socket.socket) -> None:
    before = ports.choose(tmp_path / "ports.json", {})
    taken = busy.getsockname()[1]
    (tmp_path / "ports.json").write_text(json.dumps({**before, "kafka": taken}))

    with busy:
        after = ports.choose(tmp_path / "ports.json", {})

    assert after["kafka"] != taken
    assert {**after, "kafka": 0} == {**before, "kafka": 0}


def test_a_wanted_port_that_is_busy_is_named_with_its_setting(tmp_path: Path, busy: socket.socket) -> None:
    taken = busy.getsockname()[1]

    with busy, pytest.raises(StackError, match=rf"Port {taken} \(SIMPUL_WEB_PORT\)"):
        ports.choose(tmp_path / "ports.json", {"web": taken})

    assert not (tmp_path / "ports.json").exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"kafka": "1"}', '{"kafka": 70000}', '{"kafka": -1, "else": 5}', "\x00"]
)
def test_a_damaged_memory_is_forgotten(tmp_path: Path, text: str) -> None:
    (tmp_path / "ports.json").write_text(text)

    assert set(ports.choose(tmp_path / "ports.json", {})) == set(ports.NAMES)

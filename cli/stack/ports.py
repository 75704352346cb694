"""Free ports on the loopback address, chosen once and remembered in `ports.json`."""

import json
import random
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from cli.stack.errors import StackError
from cli.stack.layout import write_private

HOST = "127.0.0.1"
NAMES = ("kafka", "controller", "postgres", "registry", "web")
# Below the range from which systems take ports of outgoing connections (32768 on Linux),
# so that a chosen port is not taken by a client between two starts.
RANGE = range(20_000, 32_000)
ATTEMPTS = 1_000


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def remembered(path: Path) -> dict[str, int]:
    """The ports of the last start; empty when there was none, or when the file is damaged (ports are chosen anew)."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(stored, dict):
        return {}
    return {name: port for name, port in stored.items() if name in NAMES and isinstance(port, int) and 0 < port < 65536}


def choose(path: Path, wanted: Mapping[str, int | None]) -> dict[str, int]:
    """A port for each of NAMES: the wanted one, else the remembered one if free, else any free one; remembers them.

    Raises StackError when a wanted port is busy: who asked for it must know.
    """
    before, chosen = remembered(path), dict[str, int]()
    for name in NAMES:
        port = wanted.get(name)
        if port is not None:
            if port in chosen.values() or not is_free(port):
                raise StackError(
                    f"Port {port} (SIMPUL_{name.upper()}_PORT) sedang dipakai program lain. "
                    "Hentikan program itu, atau pilih port lain, atau hapus pengaturan itu agar port dipilih otomatis."
                )
        else:
            port = before.get(name)
            if port is None or port in (*chosen.values(), *wanted.values()) or not is_free(port):
                port = any_free((*chosen.values(), *wanted.values()))
        chosen[name] = port
    write_private(path, json.dumps(chosen, indent=2) + "\n")
    return chosen


def choose_again(
    path: Path, chosen: Mapping[str, int], wanted: Mapping[str, int | None], names: Iterable[str]
) -> dict[str, int]:
    """Other ports for those of `names` that another program took between our choice and our server's start.

    The same when none was taken, or when it was wanted: who asked for it must know.
    """
    taken = [name for name in names if wanted.get(name) is None and not is_free(chosen[name])]
    now = dict(chosen)
    for name in taken:
        now[name] = any_free((*now.values(), *wanted.values()))
    if taken:
        write_private(path, json.dumps(now, indent=2) + "\n")
    return now


def any_free(taken: tuple[int | None, ...]) -> int:
    """A free port of RANGE that is not among `taken`."""
    for _ in range(ATTEMPTS):
        port = random.choice(RANGE)  # noqa: S311 - no secret
        if port not in taken and is_free(port):
            return port
    raise StackError("Tidak ada port bebas antara 20000 dan 32000. Hentikan sebagian program, lalu coba lagi.")

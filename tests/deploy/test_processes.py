"""The commands of docker-compose.yml, each with its own secrets and variables, make a hub that works."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli import settings
from cli.settings import ROOT
from cli.stack.local import Stack
from cli.stack.passwords import password
from tests.deploy import compose
from tests.eventually import eventually

ROWS = """kode,nama,tingkat,induk,sumber_diubah
11,ACEH,PROVINSI,,2024-01-01T00:00:00Z
11.01,KABUPATEN ACEH SELATAN,KABUPATEN,11,2024-01-01T00:00:00Z
"""


class Containers:
    """Services of the compose file as processes of this machine, on a broker and a database of their own."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def environment(self, name: str) -> dict[str, str]:
        service = compose.services()[name]
        secrets = self.folder / name
        secrets.mkdir()
        for secret in service["secrets"]:
            shutil.copy(self.stack.layout.secrets / secret, secrets / secret)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("SIMPUL_")}
        volumes = {"SIMPUL_ANCHORS": str(self.folder / "anchors"), "SIMPUL_SECRETS": str(secrets)}
        return {**inherited, **service["environment"], **self.addresses(), **volumes}

    def addresses(self) -> dict[str, str]:
        """Where things are on this machine, instead of in the containers' network."""
        ports = self.stack.ports
        return {
            "PYTHONPATH": str(ROOT),
            "SIMPUL_HOME": str(self.folder / "nothing"),
            "SIMPUL_KAFKA_BOOTSTRAP": f"127.0.0.1:{ports['kafka']}",
            "SIMPUL_DATABASE_URL": f"postgresql://127.0.0.1:{ports['postgres']}/simpul",
            "SIMPUL_REGISTRY_URL": f"http://127.0.0.1:{ports['registry']}",
            "SIMPUL_REGISTRY_PORT": str(ports["registry"]),
            "SIMPUL_WEB_PORT": str(ports["web"]),
        }

    def start(self, name: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "cli", *compose.services()[name]["command"]]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment(name), stdout=log, stderr=subprocess.STDOUT
            )
        self.running[name] = process
        return process

    def is_healthy(self, name: str) -> bool:
        """What the engine would ask, at this machine's port."""
        service: dict[str, Any] = compose.services()[name]
        _, _, *arguments = service["healthcheck"]["test"]
        (port,) = {each.split(":")[2] for each in service["ports"]}
        here = [argument.replace(port, str(self.stack.ports[name])) for argument in arguments]
        return subprocess.run([sys.executable, *here], capture_output=True, check=False).returncode == 0

    def say(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def stop(self) -> None:
        for process in reversed(self.running.values()):
            process.terminate()
        for process in self.running.values():
            process.wait(30)


@pytest.fixture
def containers(tmp_path: Path) -> Iterator[Containers]:
    told = settings.load(tmp_path / "state")
    with Stack(told) as stack:
        stack.start_services()
        for secret in compose.file()["secrets"]:
            password(stack.layout.secrets, secret)
        started = Containers(stack, tmp_path)
        try:
            yield started
        finally:
            started.stop()
    stack.destroy()


@pytest.mark.full
def test_the_services_make_a_hub(containers: Containers) -> None:
    assert containers.start("prepare-database").wait(60) == 0, containers.say("prepare-database")
    containers.start("registry")
    eventually(lambda: containers.is_healthy("registry"), until=bool, within_s=60)
    assert containers.start("prepare-contracts").wait(60) == 0, containers.say("prepare-contracts")
    assert containers.start("prepare-kafka").wait(60) == 0, containers.say("prepare-kafka")
    for name in ("worker", "publisher", "stages", "web", "jobs"):
        containers.start(name)
    eventually(lambda: containers.is_healthy("web"), until=bool, within_s=60)
    file = containers.folder / "wilayah.csv"
    file.write_text(ROWS, encoding="utf-8")

    publish = subprocess.run(
        [sys.executable, "-m", "cli", "publish", "kominfo.wilayah", str(file)],
        env={**os.environ, **containers.addresses(), "SIMPUL_SECRETS": str(containers.stack.layout.secrets)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert publish.returncode == 0, publish.stderr
    with psycopg.connect(containers.stack.dsn().get_secret_value(), autocommit=True) as connection:
        rounds = "select records, letters from hub.round where published_at is not null"
        assert eventually(lambda: connection.execute(rounds).fetchall(), until=bool, within_s=60) == [(2, 0)]
    assert {name: process.poll() for name, process in containers.running.items()} == {
        "prepare-database": 0,
        "prepare-kafka": 0,
        "prepare-contracts": 0,
        "registry": None,
        "worker": None,
        "publisher": None,
        "stages": None,
        "web": None,
        "jobs": None,
    }

"""docker-compose.yml is valid, closed, and gives each process exactly what it needs."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from cli import preparation, provisioning, settings, stage_settings, watching
from cli.settings import ROOT, Settings
from cli.stack.passwords import password
from consumers import replay
from registry.provisioning import principals
from tests.deploy import compose

# The keys of the Compose Specification that this file uses.
TOP_LEVEL = {"name", "services", "volumes", "secrets"}
OF_A_SERVICE = {
    *("image", "build", "command", "user", "environment", "volumes", "tmpfs", "secrets", "ports", "depends_on"),
    *(
        "healthcheck",
        "restart",
        "working_dir",
        "read_only",
        "cap_drop",
        "security_opt",
        "shm_size",
        "stop_grace_period",
    ),
}
OF_A_HEALTHCHECK = {"test", "interval", "timeout", "retries", "start_period"}
CONDITIONS = {"service_healthy", "service_completed_successfully"}
DURATION = re.compile(r"[1-9][0-9]*s")
SERVICES = sorted(compose.services())


def service(name: str) -> dict[str, Any]:
    return compose.services()[name]


def test_the_file_has_only_keys_of_the_specification() -> None:
    unknown = {key for key in compose.file() if not key.startswith("x-")} - TOP_LEVEL
    unknown |= {f"{name}.{key}" for name in SERVICES for key in set(service(name)) - OF_A_SERVICE}
    unknown |= {
        f"{name}.healthcheck.{key}"
        for name in SERVICES
        for key in set(service(name).get("healthcheck", {})) - OF_A_HEALTHCHECK
    }

    assert unknown == set()


def test_an_installed_docker_compose_takes_the_file(tmp_path: Path) -> None:
    """Where there is no such program, the other tests of this module have said what can be said without it."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        assert compose.file()["name"] == "simpul"
        return

    answer = subprocess.run(
        [docker, "compose", "--file", str(compose.FILE), "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert (answer.returncode, answer.stderr) == (0, "")


def test_what_a_service_names_is_declared() -> None:
    secrets = {f"{name}:{secret}" for name in SERVICES for secret in service(name).get("secrets", [])}
    volumes = {each.split(":")[0] for name in SERVICES for each in service(name).get("volumes", [])}
    waited_for = {other for name in SERVICES for other in service(name).get("depends_on", {})}

    assert {each for each in secrets if each.split(":")[1] not in compose.file()["secrets"]} == set()
    assert {each for each in volumes if not each.startswith("./")} == set(compose.file()["volumes"])
    assert {each for each in volumes if each.startswith("./") and not (ROOT / each).is_file()} == set()
    assert waited_for <= set(SERVICES)


def test_every_secret_is_used_and_is_a_file_that_the_script_makes() -> None:
    used = {secret for name in SERVICES for secret in service(name).get("secrets", [])}
    declared = compose.file()["secrets"]

    assert used == set(declared)
    assert declared == {name: {"file": f"./deploy/secrets/{name}"} for name in declared}
    assert (ROOT / "deploy" / ".gitignore").read_text(encoding="utf-8").splitlines()[-1] == "secrets/"


def test_the_services_can_be_started_one_after_another() -> None:
    started: list[str] = []
    while len(started) < len(SERVICES):
        ready = [
            name for name in SERVICES if name not in started and set(service(name).get("depends_on", {})) <= {*started}
        ]
        assert ready, f"a circle among {set(SERVICES) - set(started)}"
        started += ready


def test_who_is_waited_for_as_healthy_has_a_health_check_and_who_ends_does_not_start_again() -> None:
    waits = [pair for name in SERVICES for pair in service(name).get("depends_on", {}).items()]

    assert {wait["condition"] for _, wait in waits} <= CONDITIONS
    assert {name for name, wait in waits if wait["condition"] == "service_healthy"} <= {
        name for name in SERVICES if "healthcheck" in service(name)
    }
    assert {name for name, wait in waits if wait["condition"] == "service_completed_successfully"} == {
        name for name in SERVICES if service(name)["restart"] == "no"
    }
    times = [
        check[key]
        for name in SERVICES
        if (check := service(name).get("healthcheck"))
        for key in ("interval", "timeout", "start_period")
    ]
    assert [each for each in times if not DURATION.fullmatch(each)] == []


def test_images_are_pinned() -> None:
    assert service("kafka")["image"] == "apache/kafka:4.3.1"
    assert service("postgres")["image"] == "postgres:18"
    assert {each["image"] for each in compose.of_the_hub().values()} == {f"simpul-hub:{version()}"}


def version() -> str:
    match = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert match
    return match[1]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    assert service(name)["read_only"] is True
    assert service(name)["cap_drop"] == ["ALL"]
    assert service(name)["security_opt"] == ["no-new-privileges:true"]
    assert [port for port in service(name).get("ports", []) if not port.startswith("127.0.0.1:")] == []


def test_no_password_stands_in_the_file() -> None:
    """A variable whose name speaks of a secret may only name a file or a folder of secrets."""
    spoken = re.compile("password|secret|token|key", re.IGNORECASE)
    values = {
        f"{name}.{variable}": str(value)
        for name in SERVICES
        for variable, value in service(name).get("environment", {}).items()
        if spoken.search(variable)
    }

    assert {place for place, value in values.items() if not value.startswith("/run/secrets")} == set()
    assert "${" not in compose.FILE.read_text(encoding="utf-8")  # nothing comes from the shell, so nothing defaults


@pytest.mark.parametrize("name", sorted(compose.of_the_hub()))
def test_a_variable_of_the_hub_is_a_setting(name: str) -> None:
    known = {f"SIMPUL_{field.upper()}" for field in Settings.model_fields}

    assert set(service(name)["environment"]) <= known


# What each process asks for when it starts, and the Kafka user and database role that it must end up with.
ASKS: dict[str, tuple[Callable[[None], object], set[str]]] = {
    "registry": (settings.registry_server_settings, {"simpul_registry"}),
    "worker": (settings.intake_settings, {"simpul_intake", "hub-intake"}),
    "publisher": (settings.publication_settings, {"simpul_publisher", "hub-publisher"}),
    "stages": (stage_settings.stages_settings, {"simpul_intake", "hub-intake"}),
    "web": (settings.dashboard_settings, {"simpul_web", "hub-web"}),
    "jobs": (
        lambda home: [
            settings.jobs_settings(home),
            settings.audit_anchors(home),
            settings.kafka_settings(home, watching.PRINCIPAL),
            watching.notice_settings(home),
            settings.dsn(home, preparation.OWNER),
            provisioning.keeper_settings(home),
            settings.kafka_settings(home, replay.PRINCIPAL),
        ],
        {"simpul_jobs", "simpul_owner", "anchors", "hub-jobs", "hub-keeper", "hub-replay"},
    ),
    "prepare-database": (lambda home: settings.dsn(home, preparation.OWNER), {"simpul_owner"}),
    "prepare-kafka": (lambda home: settings.kafka_settings(home, preparation.ADMIN), {"admin"}),
    "prepare-contracts": (
        lambda home: [settings.dsn(home, preparation.OWNER), settings.registry_settings(home)],
        {"simpul_owner", "admin"},
    ),
}


def test_every_process_of_the_hub_is_tried() -> None:
    assert set(ASKS) == set(compose.of_the_hub())


@pytest.mark.parametrize("name", sorted(ASKS))
def test_a_process_finds_what_it_needs_in_its_secrets_and_variables(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for secret in service(name)["secrets"]:
        password(tmp_path, secret)
    for variable, value in service(name)["environment"].items():
        monkeypatch.setenv(variable, value.replace("/run/secrets", str(tmp_path)))
    before = {path.name for path in tmp_path.iterdir()}

    ask, users = ASKS[name]
    found = plain(ask(None))

    assert {path.name for path in tmp_path.iterdir()} == before  # a secret that is not there would be made
    assert {user for user in users if user not in found} == set()
    assert "127.0.0.1" not in found.replace("'127.0.0.1', 'localhost'", "").replace("'localhost', '127.0.0.1'", "")


def plain(value: object) -> str:
    """All that a process was told, as one text."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, BaseModel):
        return "\n".join(plain(getattr(value, name)) for name in type(value).model_fields)
    return "\n".join(map(plain, value)) if isinstance(value, list) else repr(value)


def test_kafka_gets_the_secret_of_every_principal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIMPUL_CONTRACTS", raising=False)
    names = {preparation.ADMIN, *principals(preparation.contracts(None))}

    assert set(service("prepare-kafka")["secrets"]) == {f"kafka-{name}" for name in names} | {"postgres-simpul_owner"}

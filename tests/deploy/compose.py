"""docker-compose.yml as an engine would see it: anchors and merges resolved."""

from functools import cache
from typing import Any

import yaml

from cli.settings import ROOT

FILE = ROOT / "docker-compose.yml"


@cache
def file() -> dict[str, Any]:
    loaded = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = file()["services"]
    return found


def of_the_hub() -> dict[str, dict[str, Any]]:
    """The services that run our image."""
    return {name: service for name, service in services().items() if "build" in service}

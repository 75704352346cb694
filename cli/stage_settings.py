"""Settings of the processes that carry the procedure's events, put together from `cli/settings.py`."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli.settings import dsn, facts_settings, kafka_settings, load

if TYPE_CHECKING:
    from consumers.settings import StagesSettings, StatusSettings


def status_settings(home: Path | None) -> "StatusSettings":
    from consumers.settings import StatusSettings

    told = facts_settings(home)  # the same process, user and database role
    return StatusSettings(kafka=told.kafka, dsn=told.dsn, namespace=told.namespace, time_zone=told.time_zone)


def stages_settings(home: Path | None) -> "StagesSettings":
    from consumers.settings import StagesSettings

    settings = load(home)
    return StagesSettings(
        kafka=kafka_settings(home, "hub-intake"),
        dsn=dsn(home, "simpul_intake"),
        instance=str(settings.instance),
        faults=settings.faults,
    )

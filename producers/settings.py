"""What an OPD's adapter must be told."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from schemas.wire.kafka import KafkaSettings
from schemas.wire.registry_client import RegistrySettings


class AdapterSettings(BaseModel):
    """The ways to Kafka and to the registry, and what this system is called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kafka: KafkaSettings
    registry: RegistrySettings
    system: str = Field(default="adaptor", pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")  # in ce_source
    zone: str = "Asia/Jakarta"  # of times in files that name none

    @field_validator("zone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is no time zone of the IANA database") from error
        return zone

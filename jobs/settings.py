"""Settings of the process that works on jobs; `cli/settings.py` puts them together."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class JobsSettings(BaseModel):
    """One worker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dsn: SecretStr
    worker: str  # its name, shown beside the jobs it has
    time_zone: str = "Asia/Jakarta"  # of moments of the schedule
    threads: int = Field(default=4, ge=1, le=32)  # jobs that run at once in this process
    lease_s: float = Field(default=5.0, gt=0)  # a worker unheard of for so long has lost its jobs
    look_every_s: float = Field(default=1.0, gt=0)  # how often turns and the schedule are looked at
    faults: str = ""  # fault points to arm, tests only

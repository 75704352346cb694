"""From when on the watch calls a person."""

from pydantic import BaseModel, ConfigDict, Field

GIB = 2**30


class WatchSettings(BaseModel):
    """Thresholds; names end in their unit, shares are of 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reject_share: float = Field(default=0.05, gt=0, lt=1)
    reject_disturbance_share: float = Field(default=0.5, gt=0, le=1)
    reject_at_least: int = Field(default=200, ge=1)  # events in the window; of fewer a share says nothing
    reject_window_h: int = Field(default=24, ge=1)
    parked_days: float = Field(default=7, gt=0)
    unregistered_h: float = Field(default=24, ge=0)  # a first load may wait for the other one
    lag_s: float = Field(default=900, gt=0)  # behind, though it moves
    stuck_s: float = Field(default=120, gt=0)  # behind, and the position does not move
    disk_share: float = Field(default=0.10, gt=0, lt=1)  # free
    disk_free_gib: float = Field(default=5, ge=0)
    disk_disturbance_share: float = Field(default=0.05, gt=0, lt=1)
    disk_disturbance_gib: float = Field(default=2, ge=0)
    database_gib: float | None = Field(default=None, gt=0)  # what the database may grow to, if somebody decided it
    expiry_days: tuple[int, ...] = (30, 7, 1)
    expired_days: int = Field(default=7, ge=0)  # an end is told for so long after it
    outbox_s: float = Field(default=300, gt=0)
    unsealed_s: float = Field(default=60, gt=0)
    idle_transaction_s: float = Field(default=30, gt=0)
    looks_an_hour: int = Field(default=50, ge=1)
    refused_sign_ins: int = Field(default=100, ge=1)  # in ten minutes, those that had to wait among them
    job_stalled_s: float = Field(default=900, gt=0)
    message_overdue_s: float = Field(default=3600, gt=0)

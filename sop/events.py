"""What happens to a case, as past facts. A case is the fold of its events; `sop.status` carries them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


class Kind(StrEnum):
    """Kinds of events, as `ce_type` and the topic name them."""

    DRAFTED = "case.drafted"
    SUBMITTED = "case.submitted"
    STARTED = "stage.started"
    EVIDENCE = "stage.evidence"
    CONFIRMED = "stage.confirmed"
    RETURNED = "stage.returned"
    REWORK = "stage.rework"
    HELD = "stage.held"
    RESUMED = "stage.resumed"
    DUE_SOON = "stage.due-soon"
    OVERDUE = "stage.overdue"
    CORRECTED = "stage.corrected"
    ATTACHED = "document.attached"
    SIGNED = "document.signed"
    LIVE = "case.live"
    CLOSED = "case.closed"
    CANCELLED = "case.cancelled"
    STALE = "integration.stale"
    RECOVERED = "integration.recovered"
    RETIRED = "integration.retired"


class CaseState(StrEnum):
    """States of a case."""

    DRAFT = "draft"
    RUNNING = "running"
    HELD = "held"
    LIVE = "live"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class StageState(StrEnum):
    """States of one attempt at a stage."""

    WAITING = "waiting"
    ACTIVE = "active"
    HELD = "held"
    READY = "ready"
    DONE = "done"
    RETURNED = "returned"


OPEN = frozenset({StageState.ACTIVE, StageState.HELD, StageState.READY})

CASE_TITLES: Mapping[CaseState, str] = {
    CaseState.DRAFT: "rancangan",
    CaseState.RUNNING: "berjalan",
    CaseState.HELD: "ditahan",
    CaseState.LIVE: "Integrasi Aktif",
    CaseState.CLOSED: "selesai",
    CaseState.CANCELLED: "dibatalkan",
}
# What has happened, for people: "tahap ditegaskan oleh …".
KIND_TITLES: Mapping[Kind, str] = {
    Kind.DRAFTED: "permohonan dirancang",
    Kind.SUBMITTED: "permohonan diajukan",
    Kind.STARTED: "tahap dimulai",
    Kind.EVIDENCE: "bukti dukung berubah",
    Kind.CONFIRMED: "tahap ditegaskan",
    Kind.RETURNED: "tahap dikembalikan",
    Kind.REWORK: "catatan perbaikan ditulis",
    Kind.HELD: "tahap ditahan",
    Kind.RESUMED: "tahap dilanjutkan",
    Kind.DUE_SOON: "tenggat mendekat",
    Kind.OVERDUE: "tenggat terlewati",
    Kind.CORRECTED: "dikoreksi",
    Kind.ATTACHED: "berkas diunggah",
    Kind.SIGNED: "berkas bertanda tangan diunggah",
    Kind.LIVE: "integrasi aktif",
    Kind.CLOSED: "permohonan selesai",
    Kind.CANCELLED: "permohonan dibatalkan",
    Kind.STALE: "data tidak mutakhir",
    Kind.RECOVERED: "data mutakhir kembali",
    Kind.RETIRED: "integrasi berakhir",
}
STAGE_TITLES: Mapping[StageState, str] = {
    StageState.WAITING: "belum dimulai",
    StageState.ACTIVE: "berjalan",
    StageState.HELD: "ditahan",
    StageState.READY: "lengkap buktinya",
    StageState.DONE: "selesai",
    StageState.RETURNED: "dikembalikan",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a case. `version` counts the case's events from 1; `detail` holds what only some kinds tell.

    `state` is the state of the attempt after the event and `expected` the one before; `case_state` is the case's after.
    """

    kind: Kind
    case: str
    opd: str
    version: int
    case_state: CaseState
    at: datetime
    on: date  # in the office's zone
    actor: str
    role: str | None = None
    unit: str | None = None
    acting: str | None = None  # Plt., Plh.
    stage: int | None = None
    round: int | None = None
    expected: StageState | None = None
    state: StageState | None = None
    returned_to: int | None = None
    met: bool | None = None
    manual: bool = False
    reason: str | None = None
    documents: tuple[str, ...] = ()
    target: date | None = None
    due: date | None = None
    days_used: int | None = None
    days_left: int | None = None
    detail: Mapping[str, Json] = field(default_factory=dict)

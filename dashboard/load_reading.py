"""Loads and partitions at rest for the pages: words, figures, what is open to whoever looks. Pure."""

from collections.abc import Mapping
from typing import Final

from hub_db import announced
from hub_db.announced import Announced, State
from hub_db.loads import Load

STATES: Final[Mapping[State, tuple[str, str, str]]] = {  # look, shape, word
    State.PASSED: ("ok", "ok", "Dalam batas"),
    State.WAITING: ("wait", "clock", "Menunggu persetujuan"),
    State.APPROVED: ("ok", "ok", "Disetujui"),
    State.REFUSED: ("bad", "bad", "Ditolak"),
}
WITHDRAWN: Final = ("held", "held", "Ditarik")
UNANNOUNCED: Final = ("known", "info", "Tidak diumumkan")
OUTCOMES: Final[Mapping[str, str]] = {
    "back": "kembali ke kejadian sebelumnya",
    "gone": "tidak ada lagi",
    "returned": "berlaku lagi",
    "changed": "tidak diubah, sudah ada kejadian lain sejak itu",
}


def state(load: Load) -> tuple[str, str, str]:
    """Look, shape and word of how a load stands."""
    if load.withdrawn:
        return WITHDRAWN
    return UNANNOUNCED if load.announced is None else STATES[load.announced.state]


def waits(load: Load) -> bool:
    """Whether somebody may say yes or no."""
    return load.announced is not None and load.announced.state is State.WAITING


def may_be_approved(load: Load) -> bool:
    """Whether a yes is open: to what waits, and to what was refused."""
    return load.announced is not None and load.announced.state in (State.WAITING, State.REFUSED)


def why(load: Announced) -> str:
    """Why a load waits; a number and its sign stay on one line."""
    return " ".join(announced.why(load)).replace(" %", "\u00a0%")


def figures(load: Load) -> list[tuple[str, int | None, int | None]]:
    """What was announced and what arrived, line by line; None where nobody said so, or nothing came."""
    told, came = load.announced, load.arrived
    counts = None if told is None else told.counts
    return [
        (
            "Baris, atau kejadian",
            None if counts is None else counts.rows,
            None if came is None else came.came,
        ),
        ("Baru", None if counts is None else counts.created, None if came is None else came.created),
        ("Diubah", None if counts is None else counts.changed, None if came is None else came.changed),
        ("Dihapus", None if counts is None else counts.deleted, None if came is None else came.deleted),
    ]

"""Announces a load to the hub before its first event, and hears whether it may be sent.

The share of changes and deletes above which a person says yes stands in the contract (`massChange`). Who cannot reach
the hub sends nothing: what would stop a wrong file is on the other side.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from producers.errors import DocumentUnknown, LoadRefused, LoadWaits, NotAnnounced
from schemas.contract import Contract
from schemas.errors import RegistryRefused, RegistryUnreachable
from schemas.wire.registry_client import RegistryClient

ASK_EVERY_S: Final = 5.0  # while a load waits
_MAY_BE_SENT: Final = ("passed", "approved")
_WAITS: Final = "waiting"


class SampledRow(NamedTuple):
    """Key and version of a row that is going to be sent; the sequence is None where the document has none."""

    key: str
    sequence: int | None
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What the rows would do to those that are there, from somebody who compared."""

    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """A load before it is sent. `does`: counts, or, from somebody who has nothing to compare with, a sample: how many
    rows were drawn at random, and those of them that can be sent."""

    load: str
    system: str
    rows: int  # deletes among them
    does: Counts | tuple[int, Sequence[SampledRow]]
    deleted: int = 0
    sha256: str | None = None  # of the file

    def told(self) -> dict[str, Any]:
        """As the hub reads it."""
        about = {"load": self.load, "system": self.system, "rows": self.rows, "deleted": self.deleted}
        about["sha256"] = self.sha256
        if isinstance(self.does, Counts):
            does = self.does
            return about | {"created": does.created, "changed": does.changed, "unchanged": does.unchanged}
        drawn, sample = self.does
        return about | {"sampled": max(drawn, 1), "sample": [each._asdict() for each in sample]}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the hub says of a load."""

    load: str
    state: str
    why: Sequence[str]

    @property
    def may_be_sent(self) -> bool:
        return self.state in _MAY_BE_SENT


def announce(
    registry: RegistryClient,
    contract: Contract,
    announcement: Announcement,
    *,
    wait_s: float = 0.0,
    told: Callable[[Standing], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Standing:
    """Announce a load and wait, at most so long, for the yes that it needs; `told` hears once that it waits.

    Returns only when it may be sent. Raises NotAnnounced, LoadWaits, LoadRefused, DocumentUnknown.
    """
    found = _asked(contract, lambda: registry.announce_load(contract.name, announcement.told()))
    if found.state == _WAITS and wait_s > 0:
        told(found)
    waited = 0.0
    while found.state == _WAITS and waited < wait_s:
        pause = min(ASK_EVERY_S, wait_s - waited)
        sleep(pause)
        waited += pause
        found = _asked(contract, lambda: registry.load(contract.name, announcement.load))
    if found.state == _WAITS:
        raise LoadWaits(waits(found))
    if not found.may_be_sent:
        raise LoadRefused(
            f"Muatan {found.load} tidak boleh dikirim; belum ada yang dikirim. {' '.join(found.why)} "
            "Mohon perbaiki datanya, lalu kirim sebagai berkas baru."
        )
    return found


def finish(registry: RegistryClient, contract: Contract, load: str, *, sent: int, refused: int) -> bool:
    """Tell the hub what was sent; False when it could not be told, which harms nothing."""
    try:
        registry.end_load(contract.name, {"load": load, "sent": sent, "refused": refused})
    except (RegistryUnreachable, RegistryRefused):
        return False
    return True


def waits(found: Standing) -> str:
    """What is told of a load that waits."""
    return (
        f"Muatan {found.load} menunggu persetujuan; belum ada yang dikirim. {' '.join(found.why)} Mohon pastikan "
        "berkasnya benar. Admin OPD dan Pengelola Kualitas Data dapat menyetujui atau menolaknya di halaman Muatan. "
        "Sesudah disetujui, jalankan lagi perintah yang sama."
    )


def _asked(contract: Contract, ask: Callable[[], Mapping[str, Any] | None]) -> Standing:
    try:
        answer = ask()
    except RegistryUnreachable as error:
        raise NotAnnounced(
            f"Hub tidak dapat ditanya apakah muatan ini boleh dikirim ({error}); tidak ada lagi yang dikirim. Mohon "
            "periksa sambungan ke registri, lalu jalankan lagi."
        ) from error
    except RegistryRefused as error:
        raise NotAnnounced(
            f"Hub menolak pengumuman muatan ini ({error}); belum ada yang dikirim. Mohon periksa pengguna registri "
            f"(untuk {contract.name}: opd-{contract.opd}), atau hubungi Tim Teknis."
        ) from error
    if answer is None:
        raise DocumentUnknown(
            f"Dokumen {contract.name} belum diterima hub ini. Mohon hubungi Tim Teknis; belum ada yang dikirim."
        )
    why = answer.get("why")
    return Standing(str(answer["load"]), str(answer.get("state")), [str(each) for each in why or ()])

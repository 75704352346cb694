"""How the demo's papers are signed: as their signers would, by certificates of an issuer that the demo alone has."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from cli.hub_access import HubAccess, pages_url
from cli.settings import Settings
from cli.stack.layout import PRIVATE_FOLDER, Layout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cli.demo.issuer import Signer
    from identity.principals import Principal
    from sop.commands import Letter

ISSUER: Final = "Penerbit Sertifikat Peragaan"
NAMES: Final = ("Ratri Peragaan, S.T., M.T.", "Bayu Peragaan, S.Kom.", "Endang Peragaan, M.Si.")  # one for each office


@dataclass(frozen=True, slots=True)
class Pen:
    """Those who sign the demo's papers."""

    told: Settings
    signers: "Mapping[str, tuple[str, Signer]]"  # name and certificate, by the office that signs

    @classmethod
    def new(cls, told: Settings, now: datetime) -> Self:
        """A new issuer, trusted by this folder's hub from now on; its key stays in this process's memory."""
        from base import instance
        from cli.demo.issuer import Issuer
        from sop.papers import KINDS

        place, here = Layout(told.home).issuers, instance.load(told.instance)
        made = Issuer.new(ISSUER, now=now)
        place.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        (place / "peragaan.pem").write_bytes(made.pem)
        since = now - timedelta(hours=1)
        offices = dict.fromkeys(office for kind in KINDS.values() for office in kind.signers)
        named = zip(offices, NAMES, strict=False)
        return cls(told, {each: (name, made.issue(name, each, here.nama, since=since)) for each, name in named})

    def freeze(self, hub: HubAccess, who: "Principal", number: str, slot: str, letter: "Letter") -> bytes:
        """The paper of a slot, made ready and signed by as many as sign it."""
        from dashboard import case_signing
        from sop.attachments import open_file
        from sop.papers import KINDS
        from sop.papers.typed import NATURES, RECEIVERS, REQUESTS, Instruction, Typed
        from sop.renditions import of_case

        offices = KINDS[slot].signers
        said = Instruction(NATURES[0], RECEIVERS[:1], REQUESTS[1:2], "Peragaan: mohon ditindaklanjuti sesuai SOP.")
        typed = Typed(letter, tuple(self.signers[each][0] for each in offices), said)
        pages = pages_url(self.told)
        case_signing.freeze(hub.conn, who, number, slot, typed, pages=pages, instance=hub.instance, **_now(hub))
        newest = [each for each in of_case(hub.conn, number) if each.slot == slot][-1]
        return self.sign(open_file(hub.conn, number, newest.sha256, by=who.name, now=hub.now).data, offices)

    def sign(self, data: bytes, offices: "Sequence[str]") -> bytes:
        """The PDF, signed by these offices one after the other."""
        for each in offices:
            data = self.signers[each][1].sign(data)
        return data

    def hand_in(self, hub: HubAccess, who: "Principal", number: str, slot: str, data: bytes) -> None:
        """The signed file, judged as any other; in this process, as nobody else has made it."""
        from dashboard import case_signing
        from sop.renditions import of_case
        from sop.signatures.examining import examine

        holds = case_signing.examine(
            of_case(hub.conn, number), slot, data,
            by=examine, anchors=Layout(self.told.home).issuers, now=_now(hub)["now"],
        )  # fmt: skip
        case_signing.accept(hub.conn, who, number, slot, data, f"{slot}-bertanda-tangan.pdf", holds, **_now(hub))


def _now(hub: HubAccess) -> dict[str, Any]:
    """What every act needs besides."""
    from sop.moments import Moment
    from sop.setting import setting_of

    now = datetime.now(hub.now.tzinfo)
    return {
        "command_id": f"peragaan-{now.timestamp()}",
        "now": Moment.of(now, hub.zone),
        "setting": setting_of(hub.conn, hub.instance),
    }

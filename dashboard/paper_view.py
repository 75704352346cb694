"""What everybody may read of a paper that was made ready for signing: never a person's whole name. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dashboard.wording import Badge
from sop.renditions import Accepted, Rendition


@dataclass(frozen=True, slots=True)
class Signer:
    """A signature as strangers read it: the name by its initials, as those who hold the paper can compare it."""

    name: str
    unit: str
    issuer: str
    at: datetime | None
    stamped: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The page of a paper."""

    title: str
    agency: str
    letter: str
    dated: date
    version: int
    newest: int
    parties: int
    sha256: str
    signed_sha256: str
    accepted_at: datetime | None
    signers: tuple[Signer, ...]
    badge: Badge

    @property
    def is_signed(self) -> bool:
        return bool(self.signers)

    @property
    def is_superseded(self) -> bool:
        return self.version < self.newest


def told(found: Rendition, agency: str, signatures: Sequence[Accepted]) -> Told:
    """The page; `signatures` are those of the accepted file."""
    return Told(
        title=found.title,
        agency=agency,
        letter=found.letter,
        dated=found.dated,
        version=found.version,
        newest=found.newest,
        parties=found.parties,
        sha256=found.sha256,
        signed_sha256=found.signed or "",
        accepted_at=signatures[0].at if signatures else None,
        signers=tuple(
            Signer(initials(each.signer), each.unit, each.issuer, each.signed_at, each.stamped) for each in signatures
        ),
        badge=badge(found),
    )


def badge(found: Rendition) -> Badge:
    """The state of a frozen paper: shape and word, then colour."""
    if found.signed:
        return Badge("ok", "ok", "Ditandatangani")
    if found.is_superseded:
        return Badge("", "back", "Digantikan")
    return Badge("wait", "clock", "Belum ditandatangani")


def initials(name: str) -> str:
    """ "S*** A*****": as names of people are covered everywhere (DOMAIN 5)."""
    return " ".join(f"{word[0]}{'*' * (len(word) - 1)}" for word in name.split())

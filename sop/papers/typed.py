"""What a person types into a paper that is made ready for signing: the hub invents no number, date or name."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sop.commands import Letter

NATURES: Final = ("biasa", "segera", "sangat segera", "rahasia")
RECEIVERS: Final = ("Tim Teknis Data Center", "Pejabat Pengawas/Pranata Komputer Ahli Muda")
REQUESTS: Final = ("tanggapan", "proses lebih lanjut", "koordinasi")


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a superior decides in a disposition; the texts are of the lists above."""

    nature: str
    receivers: tuple[str, ...]
    requests: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """Number and date of the letter, the names of those who sign in the order in which they stand, and what a
    disposition says."""

    letter: Letter
    signers: tuple[str, ...]
    instruction: Instruction | None = None

    @property
    def dated(self) -> date:
        """The letter's date."""
        return self.letter.dated

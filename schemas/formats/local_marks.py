"""How values of one region look: warnings whose limits stand in the instance (`[setempat]`, `kode_pos`, `kode_bps`).

A value from elsewhere is no mistake: a resident may live in another city. So these are told and counted, and stop
nothing.
"""

from collections.abc import Mapping
from typing import Protocol

from base.instance_tables import Marks
from schemas.formats.format import Check


class Here(Protocol):
    """What of the instance says how values look here."""

    @property
    def kode_pos(self) -> str: ...
    @property
    def kode_bps(self) -> str: ...
    @property
    def setempat(self) -> Marks: ...


def local_warnings(instance: Here) -> Mapping[str, tuple[Check, ...]]:
    """The warnings by the name of their format, to be told beside the format's own."""
    marks = instance.setempat
    return {
        "kode-pos": (_begins("kode-pos.daerah", instance.kode_pos, "kode pos"),),
        "nop": (_begins("nop.daerah", instance.kode_bps, "NOP"),),
        "plat-nomor": (_plate(marks.plat, marks.plat_seri),),
        "lintang": (_between("lintang.daerah", *marks.lintang),),
        "bujur": (_between("bujur.daerah", *marks.bujur),),
    }


def _begins(code: str, prefix: str, what: str) -> Check:
    return Check(
        code,
        lambda text: text.startswith(prefix),
        f"{what} yang diawali {prefix}",
        column=lambda text: text.str.starts_with(prefix),
    )


def _plate(letters: str, series: str) -> Check:
    def passes(plate: str) -> bool:
        area, _, *rest = plate.split(" ")
        return area == letters and (not series or not rest or rest[0][0] in series)

    expected = f"plat {letters}" + (f" dengan seri {', '.join(series)}" if series else "")
    return Check("plat-nomor.daerah", passes, expected)


def _between(code: str, lowest: float, highest: float) -> Check:
    return Check(
        code,
        lambda degrees: lowest <= degrees <= highest,
        f"{lowest} sampai {highest} derajat",
        column=lambda degrees: degrees.is_between(lowest, highest),
    )

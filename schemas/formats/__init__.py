"""The field formats that contracts may name, one module each."""

from collections.abc import Mapping
from typing import Final

from schemas.formats import kode_bps, kode_pos, kode_wilayah, koordinat, nama_orang, nik, no_kk, rt_rw
from schemas.formats.format import Check, Format

FORMATS: Final[Mapping[str, Format]] = {
    known.name: known
    for known in (
        nik.FORMAT,
        no_kk.FORMAT,
        kode_wilayah.FORMAT,
        kode_bps.FORMAT,
        kode_pos.FORMAT,
        nama_orang.FORMAT,
        rt_rw.RT,
        rt_rw.RW,
        koordinat.LINTANG,
        koordinat.BUJUR,
    )
}

__all__ = ["FORMATS", "Check", "Format"]

"""The field formats that contracts may name, one module each."""

from collections.abc import Mapping
from typing import Final

from schemas.formats import (
    business_numbers,
    kode_bps,
    kode_faskes,
    kode_opd,
    kode_pos,
    kode_wilayah,
    koordinat,
    nama_orang,
    nik,
    nip,
    no_kk,
    plat_nomor,
    rt_rw,
    school_numbers,
    tax_numbers,
    telepon,
)
from schemas.formats.format import Check, Format

FORMATS: Final[Mapping[str, Format]] = {
    known.name: known
    for known in (
        nik.FORMAT,
        no_kk.FORMAT,
        nip.FORMAT,
        school_numbers.NUPTK,
        school_numbers.NISN,
        school_numbers.NPSN,
        tax_numbers.NPWP16,
        tax_numbers.NITKU,
        tax_numbers.NOP,
        business_numbers.NIB,
        business_numbers.KBLI,
        kode_wilayah.FORMAT,
        kode_bps.FORMAT,
        kode_opd.KODE_OPD,
        kode_opd.KODE_SKPD,
        kode_faskes.FORMAT,
        kode_pos.FORMAT,
        plat_nomor.FORMAT,
        telepon.FORMAT,
        nama_orang.FORMAT,
        rt_rw.RT,
        rt_rw.RW,
        koordinat.LINTANG,
        koordinat.BUJUR,
    )
}

__all__ = ["FORMATS", "Check", "Format"]

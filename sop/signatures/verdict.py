"""What a check of a signed file says: the signatures that hold, or one reason for which they do not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

LONGEST_NAME: Final = 120  # characters of a name in a certificate that are shown


class Fault(StrEnum):
    """Why a signed file is refused, the first that is found."""

    UNREADABLE = "unreadable"  # broken, locked, or no PDF that a reader of ours opens
    TOO_MUCH = "too-much"  # more time or memory than a check may have
    BUSY = "busy"  # too many checks at once
    UNSIGNED = "unsigned"
    OTHER_PAPER = "other-paper"  # signed, but another file
    SUPERSEDED = "superseded"  # signed, but an earlier version of the paper
    REWRITTEN = "rewritten"  # the paper, but an application has written its file anew
    CHANGED_BEFORE = "changed-before"  # something was added to the frozen bytes before the signature
    CHANGED_AFTER = "changed-after"
    COVERS = "covers"  # the visible mark of the signature is large enough to hide what the paper says
    BROKEN = "broken"  # the signature does not fit the bytes
    NOT_PADES = "not-pades"
    WEAK = "weak"  # an algorithm that nobody should trust any more
    UNKNOWN_ISSUER = "unknown-issuer"
    EXPIRED = "expired"
    NOT_YET = "not-yet"  # a certificate that is not in force yet
    REVOKED = "revoked"
    UNSUITABLE = "unsuitable"  # a certificate that is not for signing documents
    TOO_FEW = "too-few"  # not all who sign have


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that holds, as its certificate names who signed."""

    signer: str
    unit: str  # office and organisation, "" where the certificate tells none
    issuer: str
    certificate: str  # SHA-256 of the certificate
    signed_at: datetime | None
    stamped: bool  # whether a time-stamping authority says when


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the file is not accepted. `about` and `at` say more; `about` may be words of the file."""

    fault: Fault
    about: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holds:
    """All signatures of the file hold. `version`: of the frozen paper whose bytes they are over; None for another."""

    signatures: tuple[Signature, ...]
    version: int | None = None


Verdict = Holds | Refused

_ANEW: Final = (
    "Mohon tanda tangani berkas yang diunduh dari Simpul dengan aplikasi tanda tangan elektronik, lalu unggah."
)
# Why, and what to do. {} is what is known of it.
SENTENCES: Final[Mapping[Fault, str]] = MappingProxyType(
    {
        Fault.UNREADABLE: "Berkas PDF ini rusak atau terkunci, sehingga tanda tangannya tidak dapat diperiksa. "
        "Mohon unduh lagi hasilnya dari aplikasi tanda tangan, lalu unggah.",
        Fault.TOO_MUCH: "Berkas ini terlalu rumit untuk diperiksa dalam batas waktu dan memori. " + _ANEW,
        Fault.BUSY: "Tanda tangan lain sedang diperiksa. Berkas Anda belum disimpan; mohon coba lagi sebentar lagi.",
        Fault.UNSIGNED: "Berkas ini tidak memuat tanda tangan elektronik. Pindaian bertanda tangan basah tidak dapat "
        "diperiksa. " + _ANEW,
        Fault.OTHER_PAPER: "Berkas ini bertanda tangan, tetapi bukan naskah yang disiapkan di sini. Mohon unduh naskah "
        "siap tanda tangan dari halaman permohonan, tanda tangani berkas itu, lalu unggah.",
        Fault.SUPERSEDED: "Yang ditandatangani adalah naskah versi {}, yang sudah digantikan. Mohon unduh versi "
        "terbaru dari halaman permohonan, tanda tangani, lalu unggah.",
        Fault.REWRITTEN: "Berkas ditulis ulang oleh aplikasi e-office{}, sehingga bukan lagi naskah yang disiapkan di "
        "sini. Mohon tanda tangani berkas aslinya tanpa menambah kop, cap, QR, atau halaman, dan tanpa "
        "mencetak ulang ke PDF; pilih tanda tangan tak tampak bila tersedia.",
        Fault.CHANGED_BEFORE: "Isi naskah ditambah atau diubah sebelum ditandatangani. Mohon unduh lagi naskahnya dari "
        "halaman permohonan dan tanda tangani tanpa menambah apa pun.",
        Fault.CHANGED_AFTER: "Berkas diubah setelah ditandatangani. Mohon unggah hasil aplikasi tanda tangan apa "
        "adanya, tanpa anotasi, cap, atau penggabungan.",
        Fault.COVERS: "Tampilan tanda tangan menutupi sebagian besar halaman, sehingga isi naskah tidak dapat "
        "dipastikan terlihat. Mohon tanda tangani lagi dengan tampilan yang lebih kecil atau tak tampak.",
        Fault.BROKEN: "Tanda tangan tidak cocok dengan isi berkas: berkas rusak atau diganti sebagian. Mohon unduh "
        "lagi hasilnya dari aplikasi tanda tangan, lalu unggah.",
        Fault.NOT_PADES: "Bentuk tanda tangan pada berkas ini bukan PAdES. Mohon tanda tangani dengan aplikasi tanda "
        "tangan elektronik yang menghasilkan PAdES.",
        Fault.WEAK: "Tanda tangan memakai algoritma yang sudah tidak aman. Mohon tanda tangani lagi dengan aplikasi "
        "tanda tangan yang mutakhir.",
        Fault.UNKNOWN_ISSUER: "Sertifikat penanda tangan diterbitkan {}, yang bukan penerbit tepercaya di sini. Mohon "
        "tanda tangani dengan sertifikat elektronik dari BSrE, atau hubungi administrator.",
        Fault.EXPIRED: "Sertifikat penanda tangan berakhir {}. Mohon perbarui sertifikatnya, tanda tangani lagi, "
        "lalu unggah.",
        Fault.NOT_YET: "Sertifikat penanda tangan baru berlaku mulai {}. Mohon tanda tangani dengan sertifikat "
        "yang berlaku.",
        Fault.REVOKED: "Sertifikat penanda tangan sudah dicabut penerbitnya. Mohon tanda tangani dengan sertifikat "
        "yang berlaku.",
        Fault.UNSUITABLE: "Sertifikat ini bukan sertifikat untuk menandatangani dokumen. Mohon pakai sertifikat tanda "
        "tangan elektronik.",
        Fault.TOO_FEW: "Naskah ini baru memuat {} penanda tangan. Mohon teruskan berkas yang sudah bertanda tangan "
        "kepada pihak berikutnya, lalu unggah setelah semuanya menandatangani.",
    }
)
NO_ANCHORS: Final = (
    "Instansi ini belum menetapkan penerbit sertifikat yang dipercaya, sehingga tanda tangan belum dapat diperiksa. "
    "Mohon hubungi administrator."
)


def sentence(fault: Fault, known: str) -> str:
    """The reason for the person who has uploaded the file; `known` is fit to be shown."""
    return SENTENCES[fault].replace("{}", known)

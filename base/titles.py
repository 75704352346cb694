"""Names of documents, entities, fields and closed words as people read them. Pure."""

from typing import Final

# What is said letter by letter, or known by its letters alone.
_ABBREVIATIONS: Final = (
    "asn atensi blt bpjs bps cv dtsen gtk hpht jk jpt kbli kek kia kip kk lila nib nik nip nisn njop nop npsn npwp"
    " npwpd nuptk opd paud pbg pbi pkbm pkh pns pppk pt rs rsud rt rw sd shdk skb skpd smp tk tmt tni tt umkm upt wna"
    " wni"
)
ABBREVIATIONS: Final = frozenset(_ABBREVIATIONS.split())


def human(name: str) -> str:
    """As a title: "peserta-didik" → "Peserta didik", "gtk" → "GTK", "sasaran_kia" → "Sasaran KIA"."""
    text = in_sentence(name)
    return text[:1].upper() + text[1:]


def in_sentence(name: str) -> str:
    """Within a sentence: "peserta_didik" → "peserta didik", "umkm-binaan" → "UMKM binaan"."""
    words = name.lower().replace("-", " ").replace("_", " ").split()
    return " ".join(word.upper() if word in ABBREVIATIONS else word for word in words)

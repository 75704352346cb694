"""The papers of the procedure: of which stage, for which slot, and what stands in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sop.papers import application, disposition, final_report, formulation, structure, unit_tests, validation
from sop.papers.dossier import Dossier
from sop.papers.parts import Paper, Section


@dataclass(frozen=True, slots=True)
class Kind:
    """A paper; its code is that of the slot it goes into."""

    code: str
    title: str
    stage: int
    sections: Callable[[Dossier], tuple[Section, ...]]


_ALL = (
    Kind("disposisi", "Disposisi Integrasi Aplikasi", 1, disposition.sections),
    Kind("dokumen-integrasi", "Dokumen Integrasi Aplikasi", 2, application.sections),
    Kind("struktur-database", "Struktur Database", 2, structure.sections),
    Kind("dokumen-rumusan", "Dokumen Rumusan Integrasi Data", 4, formulation.sections),
    Kind("unit-tes", "Unit Tes Integrasi Aplikasi", 6, unit_tests.sections),
    Kind("laporan-validasi", "Laporan Hasil Validasi", 9, validation.sections),
    Kind("laporan-integrasi", "Laporan Hasil Integrasi Aplikasi", 12, final_report.sections),
)
KINDS: Mapping[str, Kind] = MappingProxyType({each.code: each for each in _ALL})


def paper(kind: Kind, dossier: Dossier, *, verified_at: str | None = None) -> Paper:
    """The paper about a case. Pure: the same dossier is the same paper."""
    number, _ = dossier.letter_of(kind.code)
    return Paper(
        code=kind.code,
        title=kind.title,
        subtitle=dossier.opd,
        number=number,
        case=dossier.case.number,
        on=dossier.on,
        letterhead=dossier.letterhead,
        sections=kind.sections(dossier),
        verified_at=verified_at,
    )

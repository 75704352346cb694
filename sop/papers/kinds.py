"""The papers of the procedure: of which stage, for which slot, and what stands in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sop.papers import application, disposition, final_report, formulation, structure, unit_tests, validation
from sop.papers.dossier import Dossier
from sop.papers.parts import Paper, Section, Signatures
from sop.papers.words import GUARDIAN, TEAM


@dataclass(frozen=True, slots=True)
class Kind:
    """A paper; its code is that of the slot it goes into. `signers`: the offices that sign it, from left to right."""

    code: str
    title: str
    stage: int
    sections: Callable[[Dossier], tuple[Section, ...]]
    signers: tuple[str, ...]


AGENCY = "Kepala OPD pemohon"
_ALL = (
    Kind("disposisi", "Disposisi Integrasi Aplikasi", 1, disposition.sections, (GUARDIAN,)),
    Kind("dokumen-integrasi", "Dokumen Integrasi Aplikasi", 2, application.sections, (AGENCY, TEAM)),
    Kind("struktur-database", "Struktur Database", 2, structure.sections, ()),
    Kind("dokumen-rumusan", "Dokumen Rumusan Integrasi Data", 4, formulation.sections, (AGENCY, TEAM)),
    Kind("unit-tes", "Unit Tes Integrasi Aplikasi", 6, unit_tests.sections, ("Pejabat OPD yang menangani", TEAM)),
    Kind("laporan-validasi", "Laporan Hasil Validasi", 9, validation.sections, (AGENCY, TEAM)),
    Kind("laporan-integrasi", "Laporan Hasil Integrasi Aplikasi", 12, final_report.sections, (GUARDIAN,)),
)
KINDS: Mapping[str, Kind] = MappingProxyType({each.code: each for each in _ALL})


def paper(kind: Kind, dossier: Dossier, *, verified_at: str | None = None) -> Paper:
    """The paper about a case. Pure: the same dossier is the same paper."""
    typed = dossier.typed
    number = typed.letter.number if typed else dossier.letter_of(kind.code)[0]
    sections = kind.sections(dossier)
    return Paper(
        code=kind.code,
        title=kind.title,
        subtitle=dossier.opd,
        number=number,
        case=dossier.case.number,
        on=dossier.on,
        letterhead=dossier.letterhead,
        sections=tuple(_signed_by(each, typed.signers) for each in sections) if typed else sections,
        verified_at=verified_at,
    )


def parties(sections: tuple[Section, ...]) -> int:
    """How many sign."""
    return sum(len(block.parties) for each in sections for block in each.blocks if isinstance(block, Signatures))


def _signed_by(section: Section, names: tuple[str, ...]) -> Section:
    """The section with the names under the room for the signatures; no paper has such a room twice."""
    blocks = []
    for block in section.blocks:
        if isinstance(block, Signatures):
            named = (replace(party, name=name) for party, name in zip(block.parties, names, strict=True))
            block = Signatures(tuple(named))
        blocks.append(block)
    return replace(section, blocks=tuple(blocks))

"""*Disposisi Integrasi Aplikasi*: the superior's instruction upon the letter of request, which opens stage 2."""

from base.titles import in_sentence
from sop.events import Kind
from sop.papers.dossier import Dossier
from sop.papers.parts import GAP, Box, Form, Section, Signatures
from sop.papers.typed import NATURES, RECEIVERS, REQUESTS, Instruction
from sop.papers.words import GUARDIAN, NONE, day_of, listed, of_office

_NOTE_LINES = 5
_BLANK = Instruction("", (), ())


def sections(dossier: Dossier) -> tuple[Section, ...]:
    """The form."""
    request, case = dossier.last(Kind.SUBMITTED), dossier.case
    first = next((each for each in dossier.attempts if each.stage == 1), None)
    dated = request.detail.get("dated") if request else None
    typed = dossier.typed
    said = (typed.instruction if typed else None) or _BLANK
    by_hand = () if typed else ((False, GAP),)
    names = listed(in_sentence(name.partition(".")[2]) for name in case.documents)
    rows = (
        (Box("Surat dari", dossier.opd), Box("Diterima tanggal", day_of(case.submitted_on))),
        (
            Box("Nomor surat", str(request.detail["letter"]) if request else GAP),
            Box("Nomor agenda", case.number),
        ),
        (
            Box("Tanggal surat", day_of(str(dated) if dated else None)),
            Box("Sifat", choices=tuple((each == said.nature, each) for each in NATURES)),
        ),
        (Box("Perihal", f"Permohonan integrasi dan pertukaran data: {names}"),),
        (
            Box(
                "Diteruskan kepada Sdr.",
                choices=(*((each in said.receivers, each) for each in RECEIVERS), *by_hand),
            ),
            Box("Dengan hormat harap", choices=tuple((each in said.requests, each) for each in REQUESTS)),
        ),
        (Box("Catatan", said.note or NONE) if typed else Box("Catatan", lines=_NOTE_LINES),),
        (Box("Tenggat tahap 1", day_of(first.due if first else None)),),
    )
    return (Section("", (Form(rows), Signatures((of_office(dossier, GUARDIAN),)))),)

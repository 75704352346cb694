"""Acts upon a case as addresses and forms name them, and what was typed with one."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dashboard.forms import Form
from dashboard.personal_hint import personal_in
from sop.asking import Answers, Ask, Field, Verb
from sop.commands import Expected, Letter
from sop.events import StageState
from sop.papers import KINDS
from sop.papers.typed import NATURES, RECEIVERS, REQUESTS, Instruction, Typed
from sop.permission import SHORTEST_REASON
from sop.permitted import Offer

LONGEST_REASON: Final = 2_000
LONGEST_LETTER: Final = 100
LONGEST_NAME: Final = 100
LONGEST_NOTE: Final = 600
SLUGS: Final[Mapping[Verb, str]] = MappingProxyType(
    {
        Verb.SUBMIT: "ajukan",
        Verb.ATTACH: "unggah",
        Verb.FREEZE: "siapkan",
        Verb.SIGN: "unggah-bertanda-tangan",
        Verb.REUSE: "pakai-lagi",
        Verb.STATE: "nyatakan",
        Verb.UNSTATE: "tarik-pernyataan",
        Verb.CONFIRM: "tegaskan",
        Verb.STAND_IN: "tegaskan-dengan-berkas",
        Verb.RETURN: "kembalikan",
        Verb.REWORK: "perbaikan",
        Verb.HOLD: "tahan",
        Verb.RESUME: "lanjutkan",
        Verb.CORRECT: "koreksi",
        Verb.CANCEL: "batalkan",
    }
)
DISPOSITION: Final = "disposisi"
_VERBS = {slug: verb for verb, slug in SLUGS.items()}
_MAIN = frozenset({Verb.SUBMIT, Verb.CONFIRM, Verb.RETURN})
_FILES = frozenset({Verb.FREEZE, Verb.ATTACH, Verb.SIGN, Verb.REUSE})
_WORDS = frozenset({Verb.STATE, Verb.UNSTATE})


@dataclass(frozen=True, slots=True)
class Groups:
    """A person's acts as they stand on the page: what decides, words to give, files to bring, and the rest."""

    deciding: tuple[Offer, ...]
    words: tuple[Offer, ...]
    files: tuple[Offer, ...]
    others: tuple[Offer, ...]

    @property
    def any(self) -> bool:
        return bool(self.deciding or self.words or self.files or self.others)


def groups(offers: list[Offer]) -> Groups:
    deciding = tuple(each for each in offers if each.ask.verb in _MAIN or each.ask.verb is Verb.STAND_IN)
    words = tuple(each for each in offers if each.ask.verb in _WORDS)
    files = tuple(each for each in offers if each.ask.verb in _FILES)
    taken = {each.ask.key for each in (*deciding, *words, *files)}
    return Groups(deciding, words, files, tuple(each for each in offers if each.ask.key not in taken))


def slug(ask: Ask) -> str:
    """ "kembalikan:3"."""
    return f"{SLUGS[ask.verb]}:{ask.about}" if ask.about else SLUGS[ask.verb]


def ask_of(text: str) -> Ask | None:
    """The act that an address names; None for no act."""
    word, _, about = text.partition(":")
    return Ask(_VERBS[word], about) if word in _VERBS else None


def fresh(offer: Offer) -> Form:
    """A form that knows the open attempt as this page shows it, and its own command."""
    seen = offer.seen
    return Form.of(
        perintah=secrets.token_urlsafe(16),
        tahap=str(seen.stage) if seen else "",
        putaran=str(seen.round) if seen else "",
        keadaan=seen.state.value if seen else "",
    )


def seen_in(form: Form) -> Expected | None:
    """The attempt as the form's page showed it; None where it showed none, or tells nonsense."""
    stage, again, state = form["tahap"], form["putaran"], form["keadaan"]
    if not all(each.isascii() and each.isdigit() and len(each) < 6 for each in (stage, again)):
        return None
    return Expected(int(stage), int(again), StageState(state)) if state in list(StageState) else None


def answers_in(form: Form, fields: tuple[Field, ...]) -> Answers:
    """What was typed; what is wrong with it stands in the form's faults."""
    wanted = frozenset(fields)
    documents = form.choices("dokumen", "Dokumen", frozenset(form.all("dokumen"))) if Field.DOCUMENTS in wanted else []
    return Answers(
        reason=_reason(form) if Field.REASON in wanted else "",
        letter=_letter(form) if Field.LETTER in wanted else None,
        documents=tuple(documents),
        until=form.date("sampai", "Hari terakhir") if Field.UNTIL in wanted else None,
    )


def _reason(form: Form) -> str:
    reason = form.text("alasan", "Alasan", least=SHORTEST_REASON, longest=LONGEST_REASON)
    hint = personal_in(reason)
    if hint:
        form.refuse("alasan", hint)  # the topic keeps it for ever
    return reason


def signers_of(slot: str) -> list[tuple[str, str]]:
    """The fields for the names of those who sign the paper of a slot, each with the office."""
    kind = KINDS.get(slot)
    return [(f"nama{at}", office) for at, office in enumerate(kind.signers if kind else (), 1)]


def sign_hint(slot: str, version: int | None) -> str:
    """What the signed file of a slot has to be."""
    if slot in KINDS and version is not None:
        return f"PDF hasil tanda tangan elektronik atas naskah versi {version}, tanpa perubahan lain"
    return "Satu PDF bertanda tangan elektronik"


def typed_in(form: Form, slot: str, letter: Letter | None) -> Typed | None:
    """What goes into a paper that is made ready for signing; what is wrong with it stands in the form's faults."""
    names = [
        form.text(name, f"Nama {office}", longest=LONGEST_NAME).replace("\n", " ") for name, office in signers_of(slot)
    ]
    instruction = _instruction(form) if slot == DISPOSITION else None
    return Typed(letter, tuple(names), instruction) if letter and form.good else None


def _instruction(form: Form) -> Instruction:
    note = form.text("catatan", "Catatan", least=0, longest=LONGEST_NOTE)
    return Instruction(
        nature=form.choice("sifat", "Sifat", NATURES),
        receivers=tuple(form.choices("diteruskan", "Penerima disposisi", RECEIVERS)),
        requests=tuple(form.choices("harap", "Yang diharapkan", REQUESTS)),
        note=note,
    )


def _letter(form: Form) -> Letter | None:
    number = form.text("surat", "Nomor surat", longest=LONGEST_LETTER)
    dated = form.date("tanggal", "Tanggal surat")
    return Letter(number, dated) if dated and number else None

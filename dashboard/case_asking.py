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
from sop.permission import SHORTEST_REASON
from sop.permitted import Offer

LONGEST_REASON: Final = 2_000
LONGEST_LETTER: Final = 100
SLUGS: Final[Mapping[Verb, str]] = MappingProxyType(
    {
        Verb.SUBMIT: "ajukan",
        Verb.ATTACH: "unggah",
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
_VERBS = {slug: verb for verb, slug in SLUGS.items()}
_MAIN = frozenset({Verb.SUBMIT, Verb.CONFIRM, Verb.RETURN})
_FILES = frozenset({Verb.ATTACH, Verb.SIGN, Verb.REUSE})
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


def answers_in(form: Form, fields: tuple[Field, ...], *, letter_needed: bool) -> Answers:
    """What was typed; what is wrong with it stands in the form's faults."""
    wanted = frozenset(fields)
    documents = form.choices("dokumen", "Dokumen", frozenset(form.all("dokumen"))) if Field.DOCUMENTS in wanted else []
    return Answers(
        reason=_reason(form) if Field.REASON in wanted else "",
        letter=_letter(form, needed=letter_needed) if Field.LETTER in wanted else None,
        documents=tuple(documents),
        until=form.date("sampai", "Hari terakhir") if Field.UNTIL in wanted else None,
    )


def _reason(form: Form) -> str:
    reason = form.text("alasan", "Alasan", least=SHORTEST_REASON, longest=LONGEST_REASON)
    hint = personal_in(reason)
    if hint:
        form.refuse("alasan", hint)  # the topic keeps it for ever
    return reason


def _letter(form: Form, *, needed: bool) -> Letter | None:
    if not needed and not form["surat"].strip() and not form["tanggal"].strip():
        return None
    number = form.text("surat", "Nomor surat", longest=LONGEST_LETTER)
    dated = form.date("tanggal", "Tanggal surat")
    return Letter(number, dated) if dated and number else None

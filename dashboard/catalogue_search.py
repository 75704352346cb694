"""Looking for words in the catalogue: names, what documents and fields are, rules and codes. Pure.

Case, accents and the signs between words make no difference: "kartu keluarga" finds `kartu-keluarga`.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from base.titles import human
from dashboard.catalogue import Catalogue, Entry
from schemas import code_lists
from schemas.field_lists import lists_of

LONGEST = 100  # letters of what is looked for
MOST_HITS = 8  # shown of one document


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where the words stand. `kind` "" is the document or the list itself."""

    kind: str  # "Isian", "Aturan", "Kode", or ""
    name: str  # as code; "" where the text says all
    text: str
    way: str


@dataclass(frozen=True, slots=True)
class Found:
    """A document with the places in it; the document itself is among them when its own words fit."""

    entry: Entry
    hits: tuple[Hit, ...]
    more: int  # hits that are not shown
    is_itself: bool


def folded(text: str) -> str:
    """A text as it is compared: small letters and digits without accents, one blank between words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))
    return " ".join(kept.split())


def documents(catalogue: Catalogue, entries: Iterable[Entry], wanted: str) -> list[Found]:
    """The documents in which all words stand in one place, those whose own name or meaning fits first."""
    words = folded(wanted).split()
    found = []
    for entry in entries if words else ():
        own, *places = _places(catalogue, entry)
        title = folded(f"{entry.contract.name} {entry.title}")
        hits = [hit for hit, text in places if _stand(words, text, title)]
        is_itself = all(word in own[1] for word in words)
        if hits or is_itself:
            found.append(Found(entry, tuple(hits[:MOST_HITS]), max(0, len(hits) - MOST_HITS), is_itself))
    return sorted(found, key=lambda each: (not each.is_itself, -len(each.hits) - each.more, each.entry.contract.name))


def _stand(words: Sequence[str], text: str, title: str) -> bool:
    """Whether all words stand in a text; some, but not all, may begin a word of its title: "alamat penduduk"."""
    return any(word in text for word in words) and all(word in text or f" {word}" in f" {title}" for word in words)


def lists(names: Iterable[str], wanted: str) -> list[Hit]:
    """The code lists, and single codes of them, in which all words stand."""
    words = folded(wanted).split()
    hits = []
    for name in sorted(names) if words else ():
        each, way = code_lists.load(name), f"/katalog/kode/{name}"
        title = folded(f"kode {name} {each.title} {each.source}")
        if all(word in title for word in words):
            hits.append(Hit("", name, each.title, way))
        hits += [
            Hit("Kode", code, f"{meaning}, daftar {each.title}", way)
            for code, meaning in each.codes.items()
            if _stand(words, folded(f"{code} {meaning}"), title)
        ]
    return hits


def _places(catalogue: Catalogue, entry: Entry) -> Iterator[tuple[Hit, str]]:
    """Each place of a document with the text that is searched."""
    contract = entry.contract
    own = (contract.name, contract.entity, entry.title, contract.doc, catalogue.agency(contract.opd), contract.owner)
    yield Hit("", "", contract.doc, entry.way), folded(" ".join(own))
    for field in contract.fields:
        code = "".join(f" kode {each.title}" for each in lists_of(field))
        text = f"{field.name} {human(field.name)} {field.doc} {field.format or ''}{code} {' '.join(field.enum or ())}"
        yield Hit("Isian", field.name, field.doc, f"{entry.way}#isian-{field.name}"), folded(text)
    for rule in (*contract.rules, *contract.checks):
        yield (
            Hit("Aturan", "", rule.message, f"{entry.way}#aturan-{rule.name}"),
            folded(f"{rule.name} {rule.message}"),
        )

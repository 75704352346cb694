"""What changes from one version of a contract to the next, in sentences for people. Pure; works on the schemas' JSON.

A sentence says what a reader of the contract would want to know, in the order in which he would ask: the document, its
fields, its rules. `effect` says whether the hub takes less than before, more, or the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from registry.governance import field_differences
from registry.governance.rule_differences import rule_differences
from registry.governance.wording import joined, quoted, typed

# keyword of `contract` → how a sentence calls it
_DOCUMENT: Final = {
    "owner": "Pemilik",
    "deputy": "Pengganti pemilik",
    "contact": "Narahubung",
    "legalBasis": "Dasar hukum",
    "sensitivity": "Sensitivitas dokumen",
    "freshness": "Janji kemutakhiran",
    "priority": "Prioritas sumber",
    "mayCreate": "Hak memunculkan baris baru",
    "parkFor": "Lama menunggu rujukan",
    "retention": "Masa simpan",
    "massChange": "Batas perubahan massal",
    "feeds": "Isian yang dipasok ke entitas lain",
}
_IDENTITY: Final = {
    "opd": "OPD",
    "document": "Nama dokumen",
    "entity": "Entitas",
    "key": "Kunci",
    "sequence": "Nomor urut",
}


class Effect(StrEnum):
    """What a change means for what is sent."""

    NARROWER = "sempit"
    WIDER = "longgar"
    SAME = "tetap"


@dataclass(frozen=True, slots=True)
class Difference:
    """One change."""

    sentence: str  # Indonesian
    effect: Effect = Effect.SAME
    field: str | None = None  # the field that it is about
    rule: str | None = None


def differences(old: Any, new: Any) -> list[Difference]:
    """Every change from `old` (None where there is no version yet) to `new`."""
    if not isinstance(new, dict) or not isinstance(new.get("fields"), list):
        return [Difference("Skema ini bukan rekaman; perbedaannya hanya dapat dilihat pada teksnya.")]
    if not isinstance(old, dict) or not isinstance(old.get("fields"), list):
        return list(_whole(new))
    return [*_of_document(old, new), *_of_fields(old, new), *_of_rules(old, new)]


def _whole(new: Mapping[str, Any]) -> Iterator[Difference]:
    contract = _contract(new)
    names = [str(field.get("name")) for field in new["fields"] if isinstance(field, dict)]
    keys = contract.get("key") if isinstance(contract.get("key"), list) else []
    told = f", kuncinya {joined(map(str, keys))}" if keys else ""
    yield Difference(f"Dokumen baru dengan {len(names)} isian{told}.")
    if contract.get("owner"):
        yield Difference(
            f"Pemiliknya {contract['owner']}; sensitivitas {contract.get('sensitivity', 'belum disebut')}."
        )
    yield Difference(f"Isiannya: {joined(names)}.")
    rules = [rule.get("name") for rule in contract.get("rules") or () if isinstance(rule, dict)]
    if rules:
        yield Difference(f"Aturannya: {joined(map(str, rules))}.")


def _of_document(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    before, after = _contract(old), _contract(new)
    for word, title in _IDENTITY.items():
        if before.get(word) != after.get(word):
            yield Difference(
                f"{title} berubah dari {quoted(before.get(word))} menjadi {quoted(after.get(word))}: "
                "itu dokumen lain, bukan versi berikutnya.",
                Effect.NARROWER,
            )
    if old.get("doc") != new.get("doc"):
        yield Difference(f"Keterangan dokumen kini berbunyi {quoted(new.get('doc'))}.")
    for word, title in _DOCUMENT.items():
        was, now = before.get(word), after.get(word)
        if was == now:
            continue
        if was is None:
            yield Difference(f"{title} kini disebut: {quoted(now)}.")
        elif now is None:
            yield Difference(f"{title} tidak lagi disebut (tadinya {quoted(was)}).")
        else:
            yield Difference(f"{title} berubah dari {quoted(was)} menjadi {quoted(now)}.")


def _of_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    before, after = _by_name(old["fields"]), _by_name(new["fields"])
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    renamed = dict(_renamed(before, after, gone, come))
    for name, successor in renamed.items():
        yield Difference(
            f"Isian {name} tampaknya berganti nama menjadi {successor}; nilai lama tetap tersimpan pada {name}.",
            Effect.SAME,
            successor,
        )
    for name in come:
        if name not in renamed.values():
            yield _added(after[name])
    for name in gone:
        if name not in renamed:
            yield Difference(f"Isian {name} dihapus; nilai yang sudah ada tetap tersimpan.", Effect.WIDER, name)
    for name, field in after.items():
        if name in before:
            for sentence, effect in field_differences.of_field(name, before[name], field):
                yield Difference(sentence, Effect(effect), name)


def _added(field: Mapping[str, Any]) -> Difference:
    kind, optional = typed(field.get("type"))
    told = "boleh kosong" if optional else "wajib diisi"
    limits = field_differences.limits(field)
    more = f"; {joined(limits)}" if limits else ""
    name = str(field.get("name"))
    sentence = f"Isian {name} ditambahkan: {kind}, {told}, {field.get('sensitivity', 'tanpa sensitivitas')}{more}."
    return Difference(sentence, Effect.SAME if optional else Effect.NARROWER, name)


def _renamed(
    before: Mapping[str, Any], after: Mapping[str, Any], gone: Sequence[str], come: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """A field that went and one that came with the same definition, where there is only one such pair."""
    for name in gone:
        same = [each for each in come if _nameless(after[each]) == _nameless(before[name])]
        others = [each for each in gone if _nameless(before[each]) == _nameless(before[name])]
        if len(same) == 1 and len(others) == 1:
            yield name, same[0]


def _nameless(field: Mapping[str, Any]) -> dict[str, Any]:
    return {word: value for word, value in field.items() if word != "name"}


def _of_rules(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for kind, title in (("rules", "Aturan"), ("checks", "Pemeriksaan")):
        for sentence, effect, name in rule_differences(title, _contract(old).get(kind), _contract(new).get(kind)):
            yield Difference(sentence, Effect(effect), rule=name)


def _contract(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    contract = schema.get("contract")
    return contract if isinstance(contract, dict) else {}


def _by_name(fields: Sequence[Any]) -> dict[str, Mapping[str, Any]]:
    return {str(field.get("name")): field for field in fields if isinstance(field, dict)}

"""What changes in one field, in sentences; with each whether less is taken than before, more, or the same. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from registry.governance.wording import dated, joined, quoted, typed

NARROWER, WIDER, SAME = "sempit", "longgar", "tetap"
Change = tuple[str, str]

# A limit that is raised, and one that is lowered, takes less.
_LOWEST: Final = {"minLength": "Panjang terpendek", "minimum": "Nilai terkecil"}
_HIGHEST: Final = {"maxLength": "Panjang terbesar", "maximum": "Nilai terbesar"}
# What only a person can compare: one that comes is narrower, one that goes wider, another one is either.
_SHAPES: Final = {"format": "Bentuk", "pattern": "Pola", "codes": "Daftar kode", "references": "Rujukan"}
_PLAIN: Final = {
    "doc": "Keterangan",
    "example": "Contoh",
    "sensitivity": "Sensitivitas",
    "survivorship": "Cara memilih nilai antarsumber",
    "order": "Urutan",
}
_PROMOTIONS: Final = {("bilangan bulat", "bilangan bulat panjang"), ("bilangan bulat", "bilangan pecahan")}


def of_field(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Every change of a field that is in both versions."""
    yield from _type(name, old, new)
    for words, narrower in ((_LOWEST, 1), (_HIGHEST, -1)):
        for word, title in words.items():
            yield from _limit(f"{title} isian {name}", old.get(word), new.get(word), narrower)
    for word, title in _SHAPES.items():
        yield from _shape(f"{title} isian {name}", old.get(word), new.get(word))
    yield from _choices(name, old.get("enum"), new.get("enum"))
    yield from _flags(name, old, new)
    for word, title in _PLAIN.items():
        was, now = old.get(word), new.get(word)
        if was != now:
            yield f"{title} isian {name} berubah dari {quoted(was)} menjadi {quoted(now)}.", SAME
    yield from _deprecation(name, old.get("deprecated"), new.get("deprecated"))


def limits(field: Mapping[str, Any]) -> list[str]:
    """What a new field is held to."""
    words = {**_SHAPES, **_LOWEST, **_HIGHEST, "enum": "Pilihan"}
    return [f"{title.lower()} {quoted(field[word])}" for word, title in words.items() if field.get(word) is not None]


def _type(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    (was, could), (now, can) = typed(old.get("type")), typed(new.get("type"))
    if was != now:
        effect = WIDER if (was, now) in _PROMOTIONS else NARROWER
        yield f"Jenis isian {name} berubah dari {was} menjadi {now}.", effect
    if could != can:
        told = "kini boleh kosong" if can else "kini wajib diisi"
        yield f"Isian {name} {told}.", WIDER if can else NARROWER


def _limit(what: str, was: Any, now: Any, narrower: int) -> Iterator[Change]:
    if was == now:
        return
    if was is None:
        yield f"{what} kini dibatasi: {_plain(now)}.", NARROWER
    elif now is None:
        yield f"{what} tidak lagi dibatasi (tadinya {_plain(was)}).", WIDER
    else:
        grows = _order(now) > _order(was)
        effect = NARROWER if grows == (narrower > 0) else WIDER
        yield f"{what} berubah dari {_plain(was)} menjadi {_plain(now)}: lebih {effect}.", effect


def _shape(what: str, was: Any, now: Any) -> Iterator[Change]:
    if was == now:
        return
    if was is None:
        yield f"{what} kini ditentukan: {quoted(now)}; lebih sempit.", NARROWER
    elif now is None:
        yield f"{what} tidak lagi ditentukan (tadinya {quoted(was)}); lebih longgar.", WIDER
    else:
        yield (
            f"{what} berubah dari {quoted(was)} menjadi {quoted(now)}; dapat menolak nilai yang tadinya sah.",
            NARROWER,
        )


def _choices(name: str, was: Any, now: Any) -> Iterator[Change]:
    if was == now:
        return
    if not isinstance(was, list) or not isinstance(now, list):
        yield from _shape(f"Pilihan isian {name}", was, now)
        return
    gone, come = [each for each in was if each not in now], [each for each in now if each not in was]
    if come:
        yield f"Pilihan isian {name} bertambah: {joined(map(str, come))}.", WIDER
    if gone:
        yield f"Pilihan isian {name} berkurang: {joined(map(str, gone))} tidak lagi diterima.", NARROWER
    if not gone and not come:
        yield f"Urutan pilihan isian {name} berubah.", SAME


def _flags(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    if old.get("onMissing") != new.get("onMissing"):
        parks = new.get("onMissing") == "park"
        told = "menunggu sampai rujukannya ada" if parks else "diterima dengan catatan"
        yield f"Baris yang rujukan {name}-nya belum ada kini {told}.", NARROWER if parks else WIDER
    if bool(old.get("specific")) != bool(new.get("specific")):
        told = "kini data spesifik menurut UU PDP" if new.get("specific") else "bukan lagi data spesifik menurut UU PDP"
        yield f"Isian {name} {told}.", SAME
    if bool(old.get("isReplacedBy")) != bool(new.get("isReplacedBy")):
        told = "kini" if new.get("isReplacedBy") else "tidak lagi"
        yield f"Isian {name} {told} menunjuk baris penggantinya.", SAME
    if bool(old.get("agree")) != bool(new.get("agree")):
        told = "kini harus sama di semua sumber" if new.get("agree") else "tidak lagi harus sama di semua sumber"
        yield f"Isian {name} {told}.", SAME
    was, now = set(old.get("warnOnly") or ()), set(new.get("warnOnly") or ())
    if now - was:
        yield f"Pemeriksaan {joined(sorted(now - was))} pada isian {name} kini hanya peringatan.", WIDER
    if was - now:
        yield f"Pemeriksaan {joined(sorted(was - now))} pada isian {name} kini menolak.", NARROWER


def _deprecation(name: str, was: Any, now: Any) -> Iterator[Change]:
    if was == now:
        return
    if not isinstance(now, dict):
        yield f"Isian {name} tidak lagi akan dihapus.", SAME
        return
    until = f", dipakai sampai {dated(now['until'])}" if now.get("until") else ""
    use = f"; sebagai gantinya {now['use']}" if now.get("use") else ""
    yield f"Isian {name} akan dihapus (sejak {dated(now.get('since'))}{until}{use}).", SAME


def _plain(value: Any) -> str:
    return "hari penerimaan" if value == "today" else str(value)


def _order(limit: Any) -> tuple[int, float | str]:
    """Numbers and dates in their order; `today` lies behind every date, as it moves on."""
    try:
        return 0, float(limit)
    except (TypeError, ValueError):
        return 1, "9999-99-99" if limit == "today" else str(limit)

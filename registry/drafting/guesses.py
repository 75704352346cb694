"""What a column of data seems to be. Every guess says so in its `doc`; no value of the data goes into the contract but
words that repeat in columns that tell of nobody."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from base.indonesian import number
from base.titles import human
from registry.artefacts.lint_fields import Subject, needed_sensitivity
from registry.artefacts.lint_words import GUESSED, in_full
from registry.drafting.answers import optional
from registry.drafting.types import avro_of, example_of
from schemas.contract import Kind
from schemas.formats import FORMATS

_SHARE: Final = 0.95  # of the values that have the form; data has faults
_MOST_WORDS: Final = 12  # of an enum
_REPEATED: Final = 5  # times that each word stands there: fewer could be about somebody
_LENGTHS: Final = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)
_LEAST_ROWS: Final = 20  # from which an enum can be told from chance
# Forms that so many values have by chance that the column's name must say so too.
_STRONG: Final = ("nik", "nip", "telepon", "kode-wilayah")
_HINTS: Final = {
    "nik": "nik", "no_kk": "no-kk", "kk": "no-kk", "nip": "nip", "nuptk": "nuptk", "nisn": "nisn", "npsn": "npsn",
    "npwp": "npwp16", "nop": "nop", "nib": "nib", "kbli": "kbli", "kode_pos": "kode-pos", "kodepos": "kode-pos",
    "nopol": "plat-nomor", "plat": "plat-nomor", "telepon": "telepon", "telp": "telepon", "hp": "telepon",
    "wa": "telepon", "nama": "nama-orang", "rt": "rt", "rw": "rw", "desa": "kode-wilayah", "wilayah": "kode-wilayah",
    "lintang": "lintang", "latitude": "lintang", "bujur": "bujur", "longitude": "bujur", "bps": "kode-bps",
}  # fmt: skip
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FRACTION: Final = re.compile(r"-?[0-9]{1,13}[.,][0-9]{1,2}")
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})")
_TRUTH: Final = frozenset({"ya", "tidak", "true", "false", "y", "t", "n"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of data: its name there, its values as text (None and blank: nothing)."""

    name: str
    values: Sequence[str | None]


def guess(columns: Sequence[Column]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The fields as a contract has them, and the field that looks like the key (none: ())."""
    names = _names([column.name for column in columns])
    found = [_field(name, column) for name, column in zip(names, columns, strict=True)]
    subject = Subject.of(found)
    for field, column in zip(found, columns, strict=True):
        _words_of(field, column, subject)
    return found, _key(found, columns)


def _field(name: str, column: Column) -> dict[str, Any]:
    values = [value.strip() for value in column.values if value is not None and value.strip()]
    missing = len(column.values) - len(values)
    word, share = _word(name, values)
    avro, form = avro_of(word)
    why = f"{number(len(values))} nilai, {share:.0%} berbentuk {FORMATS[form].label if form else word}"
    if missing:
        why += f", {number(missing)} kosong"
    found: dict[str, Any] = {"name": name, "doc": f"{human(name)} {GUESSED}: {why})"}
    found |= optional(avro) if missing or not values else {"type": avro}
    if form is not None:
        found["format"] = form
    elif avro == "string":
        longest = max(map(len, values), default=0)
        found["maxLength"] = next((length for length in _LENGTHS if longest <= length), longest)
    example = example_of(word)
    if example is not None and len(example) <= found.get("maxLength", len(example)):
        found["example"] = example
    elif example is not None:
        found["example"] = "X"
    return found


def _word(name: str, values: Sequence[str]) -> tuple[str, float]:
    """What most of the values are, and the share of them that is."""
    if not values:
        return "teks", 1.0
    hinted = [_HINTS[hint] for hint in _HINTS if re.search(rf"(?:^|_){hint}(?:$|_)", name)]
    for form in dict.fromkeys([*hinted, *_STRONG]):
        if form == "kode-wilayah" and form not in hinted and not all("." in value for value in values[:_LEAST_ROWS]):
            continue
        share = sum(_has_form(form, value) for value in values) / len(values)
        if share >= _SHARE:
            return form, share
    for word, fits in _PLAIN:
        share = sum(map(fits, values)) / len(values)
        if share >= (_SHARE if word in {"tanggal", "waktu"} else 1):
            return word, share
    return "teks", 1.0


def _has_form(name: str, value: str) -> bool:
    form = FORMATS[name]
    if form.kind is Kind.DOUBLE:
        try:
            return all(check.passes(float(value)) for check in form.checks)
        except ValueError:
            return False
    normal = form.normalise(value)
    if form.pattern is None or not re.fullmatch(form.pattern, normal):
        return False
    return all(check.passes(normal) for check in form.checks)


def _is_day(value: str) -> bool:
    match = _DAY_FIRST.fullmatch(value)
    try:
        date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(value)
    except ValueError:
        return False
    return "-" in value or "/" in value


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return ":" in value


_PLAIN: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("ya-tidak", lambda value: value.lower() in _TRUTH),
    ("bilangan", lambda value: _WHOLE.fullmatch(value) is not None),
    ("pecahan", lambda value: _FRACTION.fullmatch(value) is not None or _WHOLE.fullmatch(value) is not None),
    ("tanggal", _is_day),
    ("waktu", _is_moment),
)


def _words_of(field: dict[str, Any], column: Column, subject: Subject) -> None:
    """Few words that repeat are an enum, in a column that tells of nobody."""
    if field.get("maxLength") is None or needed_sensitivity(field["name"], None, subject) != "umum":
        return
    counted = Counter(value.strip() for value in column.values if value is not None and value.strip())
    if len(counted) > _MOST_WORDS or sum(counted.values()) < _LEAST_ROWS or min(counted.values()) < _REPEATED:
        return
    del field["maxLength"]
    field["enum"] = sorted(counted)
    field["example"] = field["enum"][0]


def _key(fields: Sequence[dict[str, Any]], columns: Sequence[Column]) -> tuple[str, ...]:
    """The first required text whose values are all different; one with a form before one without."""
    able = [
        field
        for field, column in zip(fields, columns, strict=True)
        if field["type"] == "string" and len(set(column.values)) == len(column.values) > 1
        if field.get("format") != "nama-orang" and not field["name"].startswith("nama")
    ]
    formed = [field for field in able if "format" in field]
    return tuple(field["name"] for field in (formed or able)[:1])


def _names(titles: Sequence[str]) -> list[str]:
    """Names as fields have them, each once."""
    taken: Counter[str] = Counter()
    names = []
    for title in titles:
        name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40] or "isian"
        name = in_full(name) if name[0].isalpha() else f"isian_{name}"
        taken[name] += 1
        names.append(name if taken[name] == 1 else f"{name}_{taken[name]}")
    return names

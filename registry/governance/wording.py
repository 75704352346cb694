"""Values of a contract as a sentence quotes them."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from base import indonesian

LONGEST: Final = 160  # characters of a quoted value
MOST: Final = 40  # names of a list
_KINDS: Final = {
    "string": "teks",
    "int": "bilangan bulat",
    "long": "bilangan bulat panjang",
    "float": "bilangan pecahan",
    "double": "bilangan pecahan",
    "boolean": "ya atau tidak",
    "bytes": "bita",
    "date": "tanggal",
    "timestamp-millis": "waktu",
    "null": "kosong",
}


def typed(kind: Any) -> tuple[str, bool]:
    """What an Avro type is called, and whether the value may be absent."""
    if isinstance(kind, list):
        others = [each for each in kind if each != "null"]
        names = [typed(each)[0] for each in others]
        return (" atau ".join(names) or "kosong"), "null" in kind
    if isinstance(kind, dict):
        if kind.get("logicalType") == "decimal":
            return f"bilangan desimal ({kind.get('precision')} angka, {kind.get('scale', 0)} di belakang koma)", False
        said = kind.get("logicalType") or kind.get("type")
        return _KINDS.get(str(said), str(said)), False
    return _KINDS.get(str(kind), str(kind)), False


def quoted(value: Any) -> str:
    """A value in quotation marks, cut when it is long."""
    if value is None:
        return "(tidak ada)"
    if value is True or value is False:
        return "ya" if value else "tidak"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return joined(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = " ".join(text.split())
    return f"“{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}”"


def dated(value: Any) -> str:
    """A day as people write it; whatever else stands there, as it is."""
    try:
        return indonesian.day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def joined(words: Iterable[str]) -> str:
    """ "a, b, dan c"."""
    every = list(words)
    if len(every) > MOST:
        every = [*every[:MOST], f"{len(every) - MOST} lainnya"]
    if len(every) < 3:
        return " dan ".join(every)
    return f"{', '.join(every[:-1])}, dan {every[-1]}"

"""The shape of a value in Indonesian words: what may be said about it where the value itself may not be shown."""

import math
from datetime import date, datetime
from decimal import Decimal


def shape(value: object) -> str:
    """What `value` looks like: "15 digit", "12 karakter (huruf, spasi)", "tanggal"."""
    match value:
        case None:
            return "kosong"
        case str():
            return text_shape(value)
        case bool():
            return "nilai ya/tidak"
        case float() | Decimal() if not is_finite(value):
            return "bukan bilangan (NaN atau tak hingga)"
        case int() | float() | Decimal():
            return "bilangan"
        case datetime():
            return "waktu"
        case date():
            return "tanggal"
        case bytes():
            return f"{len(value)} bita"
        case _:
            return "nilai berjenis lain"


def is_finite(value: float | Decimal) -> bool:
    """Neither NaN (of any sort) nor infinite; for whole numbers of any size too."""
    match value:
        case Decimal():
            return value.is_finite()
        case int():
            return True
        case _:
            return math.isfinite(value)


def text_shape(text: str) -> str:
    """The length of a text and the classes of its characters."""
    if not text:
        return "teks kosong"
    size = len(text)
    if text.isascii() and text.isdigit():
        return f"{size} digit"
    classes = [name for name, present in _classes(text).items() if present]
    if classes == ["huruf"]:
        return f"{size} huruf"
    return f"{size} karakter ({', '.join(classes)})"


def _classes(text: str) -> dict[str, bool]:
    digits = any("0" <= char <= "9" for char in text)
    letters = any(char.isalpha() for char in text)
    spaces = any(char.isspace() for char in text)
    others = any(not (char.isalpha() or char.isspace() or "0" <= char <= "9") for char in text)
    return {"digit": digits, "huruf": letters, "spasi": spaces, "tanda lain": others}

"""Words why a value does not fit its field. Called only for values that were already refused.

The checks go from the outside in: there at all, of the right type, free of characters that no text may hold, of
the right form, of the right length, in the list. The first that fails is the reason.
"""

import re
from datetime import date, datetime
from decimal import Decimal

from base.indonesian import number as grouped
from schemas import code_lists
from schemas.contract import Field, Kind
from schemas.field_types import BITS, unscaled
from schemas.formats import FORMATS
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.shapes import is_finite, shape, text_shape
from schemas.texts import MAX_TEXT_LENGTH, fits_key, refused_character

_EXPECTED = {
    Kind.STRING: "teks",
    Kind.INT: "bilangan bulat",
    Kind.LONG: "bilangan bulat",
    Kind.DOUBLE: "bilangan",
    Kind.BOOLEAN: "ya atau tidak",
    Kind.DATE: "tanggal",
    Kind.TIMESTAMP: "waktu",
    Kind.DECIMAL: "bilangan desimal",
}
_CHARACTERS = {
    "text-nul": "teks dengan karakter NUL",
    "text-control": "teks dengan karakter kendali",
    "text-bidi": "teks dengan pengubah arah tulisan",
    "text-surrogate": "teks dengan separuh karakter",
}


def word(field: Field, value: object, *, in_key: bool) -> Rejection:
    """The reason why `value` is no value of `field`."""
    if value is None:
        return reject("required", field.name, "kosong", "diisi")
    match field.kind:
        case Kind.STRING if isinstance(value, str):
            return _text(field, value, in_key=in_key)
        case Kind.DATE | Kind.TIMESTAMP:
            return _moment(field, value)
        case Kind.INT | Kind.LONG | Kind.DOUBLE | Kind.DECIMAL:
            return _number(field, value)
        case _:
            return reject("type", field.name, shape(value), _EXPECTED[field.kind])


def _text(field: Field, text: str, *, in_key: bool) -> Rejection:
    character = refused_character(text)
    if character is not None:
        return reject(character, field.name, _CHARACTERS[character], "teks biasa")
    form = FORMATS[field.format] if field.format else None
    if form is not None and form.pattern is not None and not re.fullmatch(form.pattern, text):
        return reject(form.form_code, field.name, text_shape(text), form.expected)
    longest = field.max_length or MAX_TEXT_LENGTH
    if field.min_length is not None and len(text) < field.min_length:
        expected = f"paling sedikit {grouped(field.min_length)} karakter"
        return reject("minLength", field.name, f"{grouped(len(text))} karakter", expected)
    if field.enum is not None:
        return reject("enum", field.name, text_shape(text), f"salah satu dari {', '.join(field.enum)}")
    if field.codes is not None:
        return reject("codes", field.name, text_shape(text), code_lists.load(field.codes).describe())
    if (form is None and len(text) > longest) or (field.max_length is not None and len(text) > longest):
        expected = f"paling banyak {grouped(longest)} karakter"
        return reject("maxLength", field.name, f"{grouped(len(text))} karakter", expected)
    if in_key and form is None and not fits_key(text):
        return reject("text-key", field.name, text_shape(text), "tanpa tanda | dan karakter tak tampak")
    return reject("pattern", field.name, text_shape(text), "bentuk menurut kontrak")


def _moment(field: Field, value: object) -> Rejection:
    known = isinstance(value, date) and isinstance(value, datetime) is (field.kind is Kind.TIMESTAMP)
    if field.kind is Kind.TIMESTAMP and isinstance(value, datetime) and value.tzinfo is None:
        return reject("type", field.name, "waktu tanpa zona", "waktu dengan zona")
    if (isinstance(value, int) and not isinstance(value, bool)) or known:
        name = "tanggal" if field.kind is Kind.DATE else "waktu"
        return reject("date-range", field.name, f"{name} di luar jangkauan", "tahun 1850 sampai 2200")
    return reject("type", field.name, shape(value), _EXPECTED[field.kind])


def _number(field: Field, value: object) -> Rejection:
    if field.kind is Kind.DECIMAL:
        value = unscaled(value, field.scale or 0)
        if isinstance(value, bytes):
            return reject("number", field.name, shape(value), _digits(field))
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return reject("type", field.name, shape(value), _EXPECTED[field.kind])
    if not is_finite(value):
        return reject("number", field.name, shape(value), "bilangan")
    if field.kind in BITS:
        if not isinstance(value, int):
            return reject("type", field.name, "bilangan pecahan", _EXPECTED[field.kind])
        lowest, highest = BITS[field.kind]
        if not lowest <= value <= highest:
            return reject("number", field.name, "bilangan terlalu besar", f"{lowest} sampai {highest}")
    return _beyond(field, value) or reject("number", field.name, shape(value), _digits(field))


def _beyond(field: Field, value: float | Decimal) -> Rejection | None:
    if isinstance(field.minimum, Decimal) and value < field.minimum:
        return reject("minimum", field.name, "bilangan di bawah batas", f"paling kecil {field.minimum}")
    if isinstance(field.maximum, Decimal) and value > field.maximum:
        return reject("maximum", field.name, "bilangan di atas batas", f"paling besar {field.maximum}")
    return None


def _digits(field: Field) -> str:
    if field.kind is not Kind.DECIMAL:
        return _EXPECTED[field.kind]
    whole = (field.precision or 0) - (field.scale or 0)
    return f"paling banyak {whole} digit di depan dan {field.scale} digit di belakang koma"

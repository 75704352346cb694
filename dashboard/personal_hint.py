"""What in a free text looks like a person's number or address: such a text is asked for again. Pure.

A hint, no proof: a name is not recognised. What is found is told by its shape, never by its value.
"""

import re
from typing import Final

_NUMBER: Final = re.compile(r"(?<!\w)(?:[0-9]{10,}|[0-9]{4}(?:[ .-][0-9]{4}){3})(?!\w)")
_PHONE: Final = re.compile(r"(?<![\w/])(?:\+62|62|0)[ .-]?8[0-9](?:[ .-]?[0-9]){6,11}(?![\w/])")
_MAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def personal_in(text: str) -> str | None:
    """A sentence that asks to leave it out; None where nothing looks personal."""
    number = _NUMBER.search(text)
    if number:
        digits = sum(sign.isdigit() for sign in number[0])
        what = f"deretan {digits} angka yang tampak seperti NIK, nomor KK, atau nomor telepon"
    elif _PHONE.search(text):
        what = "angka yang tampak seperti nomor telepon"
    elif _MAIL.search(text):
        what = "yang tampak seperti alamat surel"
    else:
        return None
    return f"Teks ini memuat {what}. Mohon hapus; sebut dokumen, jumlah, atau jabatannya saja."

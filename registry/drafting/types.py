"""What a field may be called by people who write contracts, and what that is in the file; with invented examples."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.contract import Kind
from schemas.formats import FORMATS

DATE: Final = {"type": "int", "logicalType": "date"}
MOMENT: Final = {"type": "long", "logicalType": "timestamp-millis"}
MONEY: Final = {"type": "bytes", "logicalType": "decimal", "precision": 15, "scale": 2}
# word → Avro type
PLAIN: Final[Mapping[str, Any]] = {
    "teks": "string",
    "bilangan": "long",
    "pecahan": MONEY,
    "ya-tidak": "boolean",
    "tanggal": DATE,
    "waktu": MOMENT,
}
# Values that nobody has: serials of persons begin with 9, telephone numbers and codes are all noughts.
_OF_FORMAT: Final[Mapping[str, str]] = {
    "nik": "3201131708909001",
    "no-kk": "3201131203129001",
    "nip": "198703122010012903",
    "nuptk": "9999999999999999",
    "nisn": "9990000001",
    "npsn": "20538901",
    "npwp16": "3201131708909001",
    "nitku": "3201131708909001000000",
    "nib": "9120000000001",
    "kbli": "47111",
    "kode-wilayah": "00.00.00.2000",
    "kode-bps": "3518010001",
    "kode-opd": "contoh",
    "kode-skpd": "0.00.0.00.0.00.01.0000",
    "kode-faskes": "P3518010001",
    "kode-pos": "00000",
    "plat-nomor": "AB 1234 CD",
    "telepon": "+6280000000000",
    "nama-orang": "SITI AMINAH",
    "rt": "001",
    "rw": "002",
    "lintang": "-7.5",
    "bujur": "112.0",
}
_OF_TYPE: Final[Mapping[str, str]] = {
    "teks": "CONTOH",
    "bilangan": "1",
    "pecahan": "1.00",
    "ya-tidak": "true",
    "tanggal": "2026-01-05",
    "waktu": "2026-01-05T07:05:00Z",
}


def words() -> tuple[str, ...]:
    """Every word that `avro_of` knows: plain types, then formats."""
    return (*PLAIN, *FORMATS)


def avro_of(word: str) -> tuple[Any, str | None]:
    """The Avro type and the format of a word. KeyError for one that is not in `words()`."""
    if word in PLAIN:
        return PLAIN[word], None
    return ("double" if FORMATS[word].kind is Kind.DOUBLE else "string"), word


def example_of(word: str) -> str | None:
    """An invented value, None where nothing can be invented without a look at the instance."""
    return _OF_TYPE.get(word) or _OF_FORMAT.get(word)

"""What a file is, by its content; the name that came with it says nothing. Pure.

Known: PDF, PNG, ODT, ODS, DOCX, XLSX, CSV, SQL. A container that holds macros, is locked, or only looks like one of
these is refused with a sentence for the person.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from typing import Final

from sop.errors import Forbidden, Rule
from sop.slots import CSV, DOCX, LARGEST, ODS, ODT, PDF, PNG, SQL, XLSX

_ENDS: Final = {PDF: "pdf", PNG: "png", ODT: "odt", ODS: "ods", DOCX: "docx", XLSX: "xlsx", CSV: "csv", SQL: "sql"}
_OPEN_DOCUMENTS: Final = {ODT.encode(): ODT, ODS.encode(): ODS}
# The main part of a document of Office Open XML, as [Content_Types].xml names it (ECMA-376 part 2); one with macros
# has another name.
_MAIN_PARTS: Final = {f"{media}.main+xml".encode(): media for media in (DOCX, XLSX)}
_MACRO_FOLDERS: Final = ("basic/", "scripts/")
_MACRO_PART: Final = "vbaproject.bin"
_MOST_PARTS: Final = 10_000  # of a container
_MOST_READ: Final = 1 << 20  # bytes of a part that is read: those that are needed are a few kB
_LOOKED_AT: Final = 1 << 16  # characters of a text
_LINES: Final = 20
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_STATEMENT: Final = re.compile(
    r"^\s*(create|alter|insert|drop|comment|set|use|begin|start|grant|pragma|update|delete|select|copy)\b[^;]*;",
    re.IGNORECASE | re.MULTILINE,
)
_UNFIT: Final = re.compile(r"[^\w .()+,=@-]|\.{2,}")
_LONGEST_NAME: Final = 100  # characters


def media_of(data: bytes) -> str:
    """The media type. Raises Forbidden (FILE_REFUSED) for anything else, for nothing, and for what is too large."""
    if not 0 < len(data) <= LARGEST:
        raise _refused("Berkas paling besar 20 MB dan tidak kosong.")
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]:
        return PDF
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return PNG
    if data.startswith(b"PK\x03\x04"):
        return _in_container(data)
    return _in_text(data)


def safe_name(name: str, media: str) -> str:
    """A name for whoever saves the file: without folders and signs that mislead, and with the end of what it is."""
    last = re.split(r"[/\\]", name)[-1]
    stem = _UNFIT.sub("_", last.rpartition(".")[0] or last).strip(" ._-")[:_LONGEST_NAME]
    return f"{stem or 'berkas'}.{_ENDS[media]}"


def _in_container(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            parts = container.infolist()
            if len(parts) > _MOST_PARTS or any(part.flag_bits & 1 for part in parts):
                raise _refused("Berkas ini terkunci atau terlalu banyak isinya.")
            if any(map(_is_macro, parts)):
                raise _refused("Berkas ini memuat makro; mohon simpan tanpa makro.")
            return _open_document(container, parts) or _office_open(container, parts)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError, RuntimeError, zlib.error) as error:
        raise _refused("Berkas ini rusak atau bukan dokumen perkantoran.") from error


def _is_macro(part: zipfile.ZipInfo) -> bool:
    """Where OpenDocument and Office Open XML keep programs."""
    name = part.filename.lower()
    return name.startswith(_MACRO_FOLDERS) or name.endswith(_MACRO_PART)


def _open_document(container: zipfile.ZipFile, parts: Sequence[zipfile.ZipInfo]) -> str | None:
    """OpenDocument: its first part says what it is (OASIS ODF 1.3, part 2, 3.3)."""
    if not parts or parts[0].filename != "mimetype" or parts[0].file_size > 100:
        return None
    return _OPEN_DOCUMENTS.get(container.read(parts[0]))


def _office_open(container: zipfile.ZipFile, parts: Sequence[zipfile.ZipInfo]) -> str:
    for part in parts:
        if part.filename == "[Content_Types].xml":
            with container.open(part) as opened:
                told = opened.read(_MOST_READ)
            found = [media for main, media in _MAIN_PARTS.items() if main in told]
            if len(found) == 1:
                return found[0]
    raise _unknown()


def _in_text(data: bytes) -> str:
    try:
        text = data[:_LOOKED_AT].decode("utf-8-sig", errors="strict" if len(data) <= _LOOKED_AT else "ignore")
    except UnicodeDecodeError:
        text = data[:_LOOKED_AT].decode("cp1252", errors="replace")  # what spreadsheets here write
    if _CONTROL.search(text) or text.lstrip()[:1] in ("<", ""):
        raise _unknown()
    if _STATEMENT.search(re.sub(r"--[^\n]*", "", text)):
        return SQL
    if any(_is_table(text, delimiter) for delimiter in ";,\t"):
        return CSV
    raise _unknown()


def _is_table(text: str, delimiter: str) -> bool:
    """Whether the first lines have as many cells as one another, and more than one."""
    lines = text.splitlines(keepends=True)[: _LINES + 1]
    whole = lines[:-1] if len(lines) > _LINES else lines  # the last one may have been cut
    try:
        counts = {len(row) for row in csv.reader(whole, delimiter=delimiter) if row}
    except csv.Error:
        return False
    return len(counts) == 1 and counts.pop() > 1


def _unknown() -> Forbidden:
    return _refused("Berkas yang diterima: PDF, ODT, DOCX, ODS, XLSX, CSV, SQL, PNG.")


def _refused(sentence: str) -> Forbidden:
    return Forbidden(Rule.FILE_REFUSED, sentence)

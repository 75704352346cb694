"""Posted fields, and what is wrong with them: checked here, drawn again by `_form.html` with what was typed."""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime, tzinfo
from urllib.parse import parse_qs

MAX_FIELDS = 200
# A date as people write it; the forms of DOMAIN §4. A native date box would follow the browser's language.
MONTHS = (
    "januari", "februari", "maret", "april", "mei", "juni",
    "juli", "agustus", "september", "oktober", "november", "desember",
)  # fmt: skip


class NotAForm(ValueError):
    """The body is not what a browser makes of our forms."""


class Form:
    """Fields by name. A fault of a field is a sentence that says what to do."""

    def __init__(self, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        self._fields = dict(fields or {})
        self.faults: dict[str, str] = {}

    @classmethod
    def of(cls, **values: str) -> "Form":
        """A form with the values that stand now."""
        return cls({name: [value] for name, value in values.items()})

    def over(self, standing: "Form") -> "Form":
        """What was typed, and for what was not asked the values that stand."""
        both = Form({**standing._fields, **self._fields})
        both.faults = self.faults
        return both

    def __getitem__(self, name: str) -> str:
        """The field as it was typed; "" when it is absent."""
        values = self._fields.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        return list(self._fields.get(name, ()))

    def refuse(self, name: str, fault: str) -> None:
        self.faults.setdefault(name, fault)

    @property
    def good(self) -> bool:
        return not self.faults

    def text(self, name: str, label: str, *, least: int = 1, longest: int = 200) -> str:
        """A line or more of text without control characters; shorter or longer is a fault."""
        value = self[name].replace("\r\n", "\n").strip()
        if len(value) < least:
            wanted = "belum diisi" if least == 1 else f"baru {len(value)} huruf, paling sedikit {least}"
            self.refuse(name, f"{label} {wanted}. Mohon lengkapi.")
        elif len(value) > longest:
            self.refuse(name, f"{label} berisi {len(value)} huruf, paling banyak {longest}. Mohon ringkas.")
        elif any((ord(sign) < 32 and sign != "\n") or ord(sign) == 127 for sign in value):
            self.refuse(name, f"{label} berisi tanda yang tidak tampak. Mohon ketik ulang.")
        return value

    def choice(self, name: str, label: str, options: Container[str]) -> str:
        value = self[name]
        if value not in options:
            self.refuse(name, f"{label} belum dipilih dari daftar. Mohon pilih satu.")
        return value

    def choices(self, name: str, label: str, options: Container[str], *, least: int = 1) -> list[str]:
        values = [value for value in self.all(name) if value in options]
        if len(values) < max(least, len(self.all(name))):
            self.refuse(name, f"{label} belum dipilih. Mohon pilih dari daftar.")
        return values

    def date(self, name: str, label: str, *, needed: bool = True) -> date | None:
        """A day as "17 Agustus 2026", 17-08-2026, 17/08/2026 or 2026-08-17."""
        text = self[name].strip()
        if not text and not needed:
            return None
        found = read_date(text)
        if found is None:
            wrong = "bukan tanggal yang ada" if text else "belum diisi"
            self.refuse(name, f"{label} {wrong}. Mohon tulis misalnya 17 Agustus 2026.")
        return found

    def moment(self, name: str, label: str, zone: tzinfo) -> datetime | None:
        """A day and an hour of that zone: "17 Agustus 2026 14.05"; the hour may be left out (midnight)."""
        day, _, hour = self[name].strip().rpartition(" ")
        parts = hour.replace(":", ".").split(".")
        if day and len(parts) == 2 and all(part.isascii() and part.isdigit() for part in parts):
            found, (hours, minutes) = read_date(day), map(int, parts)
        else:
            found, hours, minutes = read_date(self[name].strip()), 0, 0
        if found is None or hours > 23 or minutes > 59:
            self.refuse(name, f"{label} bukan waktu yang ada. Mohon tulis misalnya 17 Agustus 2026 14.05.")
            return None
        return datetime(found.year, found.month, found.day, hours, minutes, tzinfo=zone)


def read(body: bytes) -> Form:
    """The fields of an `application/x-www-form-urlencoded` body. Raises NotAForm."""
    try:
        fields = parse_qs(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, encoding="utf-8", errors="strict"
        )
    except ValueError as error:  # of UnicodeDecodeError too
        raise NotAForm("the body is no form") from error
    if any("\0" in part for values in fields.values() for part in values):
        raise NotAForm("the form holds a NUL")
    return Form(fields)


def read_date(text: str) -> date | None:
    """A day in one of the forms that people write, None when it is none."""
    parts = text.lower().replace("/", "-").replace(" ", "-").split("-")
    if len(parts) != 3:
        return None
    if parts[1] in MONTHS:
        parts[1] = str(MONTHS.index(parts[1]) + 1)
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    year, month, day = parts if len(parts[0]) == 4 else reversed(parts)
    try:
        return date(int(year), int(month), int(day)) if len(year) == 4 else None
    except ValueError:
        return None

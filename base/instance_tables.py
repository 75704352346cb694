"""The tables of `instansi.toml`, one model each; `base/instance.py` puts them together.

Names are Indonesian, as the file is written by people of the office. Descriptions end in docs/reference/instance.md.
"""

import re
from datetime import date, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

_LOGO_KINDS = (".svg", ".png")
_BLANKS = re.compile(r"\{([^{}]*)\}")

Text = Annotated[str, Field(min_length=1, max_length=200)]
Short = Annotated[str, Field(min_length=1, max_length=60)]
# A code of our own, which stands in topic names (the format `kode-opd`).
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{2,23}$")]

DocumentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{2,23}\.[a-z][a-z0-9-]{1,47}$")]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no time zone of the IANA database") from error
    return name


class Table(BaseModel):
    """One table of the file: unknown keys are errors, nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Region(Table):
    """The table `[daerah]`: contracts may name these keys as `${daerah.<key>}`."""

    kode: Annotated[str, Field(pattern=r"^[0-9]{2}(\.[0-9]{2})?$")] = Field(
        description="Region code of the ministry (Kemendagri), of a province or a regency"
    )
    kode_bps: Annotated[str, Field(pattern=r"^[0-9]{2}([0-9]{2})?$")] = Field(
        description="Region code of the statistics office (BPS); land tax numbers (NOP) begin with it"
    )
    nama: Annotated[str, Field(min_length=1, max_length=100)] = Field(description="Name")
    nama_pendek: Short = Field(description="Name where there is little room")
    ibu_kota: Short = Field(description="Place in the date line of letters")
    namespace: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$")] = Field(
        description="Beginning of Avro namespaces and of the types of events"
    )
    kode_pos: Annotated[str, Field(pattern=r"^[0-9]{1,5}$")] = Field(description="Beginning of postal codes here")
    zona_waktu: Annotated[str, AfterValidator(_known_zone)] = Field(description="Time zone, IANA name")
    zona_waktu_singkat: Annotated[str, Field(min_length=1, max_length=10)] = Field(description="WIB, WITA or WIT")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zona_waktu)


class Letterhead(Table):
    """The table `[kop]`: the head of letters and printed pages (Permendagri 1/2023)."""

    baris: tuple[Text, ...] = Field(min_length=1, max_length=4, description="Lines, from the largest unit down")
    alamat: Text = Field(description="Address")
    telepon: Short = Field(description="Telephone")
    surel: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=100)] = Field(description="E-mail")
    logo: Path | None = Field(None, description="Arms, an .svg or .png file, looked for beside the instance file")

    @field_validator("logo")
    @classmethod
    def _is_there(cls, logo: Path | None, info: ValidationInfo) -> Path | None:
        if logo is None:
            return None
        found = Path((info.context or {}).get("folder", ".")) / logo
        if found.suffix not in _LOGO_KINDS or not found.is_file():
            raise ValueError(f"{found} is no file that ends in {' or '.join(_LOGO_KINDS)}")
        return found


class Kind(StrEnum):
    """Kinds of agencies."""

    DINAS = "DINAS"
    BADAN = "BADAN"
    INSPEKTORAT = "INSPEKTORAT"
    SEKRETARIAT = "SEKRETARIAT"
    KECAMATAN = "KECAMATAN"
    KELURAHAN = "KELURAHAN"
    RSUD = "RSUD"
    PUSKESMAS = "PUSKESMAS"
    UPT = "UPT"


class Agency(Table):
    """A table `[[opd]]`: an agency."""

    kode: Slug = Field(description="Our code, which stands in topic names; never changed")
    nama: Text = Field(description="Full name")
    singkatan: Short = Field(description="Abbreviation")
    jenis: Kind = Field(description="Kind: " + ", ".join(Kind))


class Procedure(Table):
    """The table `[sop]`: the procedure that the hub carries out."""

    nomor: Short = Field(description="Number of the decree")
    tanggal: date = Field(description="In force since")
    judul: Text = Field(description="Title")
    walidata: Slug = Field(description="The agency that is the data guardian, one of the `[[opd]]`")


def _blanks(template: str, *wanted: str) -> str:
    found = _BLANKS.findall(template)
    if sorted(found) != sorted(wanted):
        raise ValueError("needs " + ", ".join(f"{{{name}}}" for name in wanted) + ", each once, and no other")
    return template


class Numbers(Table):
    """The table `[nomor]`: how letters and cases are numbered."""

    surat: Short = Field("{klasifikasi}/{urut}/{unit}/{tahun}", description="Number of a letter")
    unit: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")] = Field(description="Unit code in letters")
    permohonan: Short = Field("PI-{tahun}-{urut}", description="Number of a case")

    @field_validator("surat")
    @classmethod
    def _of_letters(cls, template: str) -> str:
        return _blanks(template, "klasifikasi", "urut", "unit", "tahun")

    @field_validator("permohonan")
    @classmethod
    def _of_cases(cls, template: str) -> str:
        return _blanks(template, "tahun", "urut")

    def letter_form(self) -> re.Pattern[str]:
        """What the number of a letter of this office looks like; people type it, the hub invents none."""
        codes = r"[0-9]+(?:\.[0-9]+)*"
        parts = {
            "klasifikasi": f"(?P<klasifikasi>{codes})",
            "urut": "(?P<urut>[0-9]+)",
            "unit": re.escape(self.unit),
            "tahun": "(?P<tahun>[0-9]{4})",
        }
        pieces = _BLANKS.split(self.surat)  # text and names in turn
        return re.compile("".join(parts[p] if i % 2 else re.escape(p) for i, p in enumerate(pieces)))

    def case_number(self, year: int, serial: int) -> str:
        """ "PI-2026-0007"."""
        return self.permohonan.format(tahun=f"{year:04}", urut=f"{serial:04}")


class Marks(Table):
    """The table `[setempat]`: how values of this region look. Others are told as warnings, never refused."""

    lintang: tuple[float, float] = Field(description="Latitudes, lowest and highest, decimal degrees")
    bujur: tuple[float, float] = Field(description="Longitudes, lowest and highest")
    plat: Annotated[str, Field(pattern=r"^[A-Z]{1,2}$")] = Field(description="Letters that vehicle plates begin with")
    plat_seri: Annotated[str, Field(pattern=r"^[A-Z]*$")] = Field(
        "", description="First letters of a plate's series; empty for any"
    )

    @field_validator("lintang", "bujur")
    @classmethod
    def _lowest_first(cls, box: tuple[float, float]) -> tuple[float, float]:
        if not -180 <= box[0] < box[1] <= 180:
            raise ValueError("is not lowest and highest, in decimal degrees")
        return box


class Span(Table):
    """A stretch of the day; one that ends before it starts goes over midnight."""

    mulai: time
    selesai: time

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.mulai == self.selesai:
            raise ValueError("begins when it ends")
        return self

    def holds(self, clock: time) -> bool:
        """Whether a local time is in it; the end is not."""
        if self.mulai < self.selesai:
            return self.mulai <= clock < self.selesai
        return clock >= self.mulai or clock < self.selesai


class Hours(Table):
    """The table `[jam]`: the hours of the day, local time."""

    kerja: Span = Field(Span(mulai=time(7), selesai=time(15, 30)), description="Office hours, Monday to Thursday")
    jumat: Span = Field(Span(mulai=time(7), selesai=time(14, 30)), description="Office hours on Friday")
    tenang: Span = Field(Span(mulai=time(20), selesai=time(6)), description="Quiet hours: no notice disturbs people")


class Derived(Table):
    """A table `[[dokumen.turunan]]`: a document of this place alone, with the fields and rules of another agency's."""

    nama: DocumentName = Field(description="The document, `<opd>.<document>`; a file of its own would win")
    dari: DocumentName = Field(description="The document whose contract it takes")
    prioritas: Annotated[int, Field(ge=1, le=1000)] = Field(description="Who wins a field; not that of another source")
    pemilik: Text = Field(description="The office that owns it")
    wakil: Text | None = Field(None, description="The office that stands in")
    kontak: Text = Field(description="Where to ask")


class Documents(Table):
    """The table `[dokumen]`: which interchange documents are open here, and which are of this place alone."""

    aktif: tuple[DocumentName, ...] = Field(
        ("kominfo.wilayah", "disdukcapil.penduduk"),
        description="Documents that are opened when the hub starts, `<opd>.<document>`; the other contracts wait",
    )
    turunan: tuple[Derived, ...] = Field((), description="Documents of this place alone, see below")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for what, names in (("aktif", list(self.aktif)), ("turunan.nama", [each.nama for each in self.turunan])):
            doubled = [name for name in names if names.count(name) > 1]
            if doubled:
                raise ValueError(f"{what}: {doubled[0]} stands twice")
        chained = {each.nama for each in self.turunan} & {each.dari for each in self.turunan}
        if chained:
            raise ValueError(f"turunan.dari: {min(chained)} is derived itself")
        return self


class Closure(Table):
    """A table `[[libur]]`: a day on which the offices here are closed, besides the national ones."""

    tanggal: date = Field(description="The day")
    keterangan: Text = Field(description="Why")
    dasar: Text = Field(description="The decree")

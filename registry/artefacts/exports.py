"""The artefacts by name: what `simpul contract export` and the catalogue offer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry.artefacts.asyncapi import asyncapi_file
from registry.artefacts.bps import bps_workbook
from registry.artefacts.dcat import dcat_file
from registry.artefacts.dictionary import dictionary
from registry.artefacts.edition import Edition
from registry.artefacts.events import example_events_file
from registry.artefacts.odcs import odcs_file
from registry.artefacts.openapi import openapi_file
from registry.artefacts.row_schema import row_schema_file
from registry.artefacts.samples import sample_csv, sample_workbook

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of file made from an edition of a contract."""

    suffix: str  # of the file's name, after the document's
    media_type: str
    title: str  # Indonesian
    make: Callable[[Edition], bytes]

    def file_name(self, edition: Edition) -> str:
        """ "disdik.peserta-didik.openapi.json"."""
        return f"{edition.contract.name}{self.suffix}"


EXPORTS: Final[Mapping[str, Export]] = {
    "json-schema": Export(
        ".schema.json", "application/schema+json", "Skema JSON satu baris (2020-12)", row_schema_file
    ),
    "asyncapi": Export(
        ".asyncapi.json", "application/vnd.aai.asyncapi+json", "Topik, header, dan muatan (AsyncAPI 3.0)", asyncapi_file
    ),
    "odcs": Export(".odcs.yaml", "application/yaml", "Kontrak data (ODCS v3.1)", odcs_file),
    "dictionary": Export(".kamus.html", "text/html", "Kamus data", dictionary),
    "events": Export(".events.json", "application/json", "Contoh kejadian, baik dan buruk", example_events_file),
    "csv": Export(".contoh.csv", "text/csv", "Contoh berkas CSV", sample_csv),
    "xlsx": Export(".contoh.xlsx", XLSX, "Contoh berkas lembar kerja, dengan daftar kode", sample_workbook),
    "openapi": Export(".openapi.json", "application/vnd.oai.openapi+json", "API rujukan (OpenAPI 3.1)", openapi_file),
}


@dataclass(frozen=True, slots=True)
class CatalogueExport:
    """One kind of file made from all documents, or from some."""

    file_name: str
    media_type: str
    title: str  # Indonesian
    make: Callable[[Sequence[Edition]], bytes]


CATALOGUE_EXPORTS: Final[Mapping[str, CatalogueExport]] = {
    "dcat": CatalogueExport("katalog.jsonld", "application/ld+json", "Katalog untuk CKAN (DCAT 2, JSON-LD)", dcat_file),
    "bps": CatalogueExport("metadata-bps.xlsx", XLSX, "Metadata statistik (MS-Kegiatan, MS-Variabel)", bps_workbook),
}

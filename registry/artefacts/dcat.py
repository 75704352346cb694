"""The catalogue as DCAT 2 in JSON-LD, as CKAN (ckanext-dcat) harvests it.

The catalogue tells of documents, never of rows: it holds no personal value.
"""

from collections.abc import Sequence
from typing import Any, Final

from base.titles import human
from registry.artefacts.edition import Edition, duration, json_bytes
from schemas.contract import Contract, Sensitivity

_EU: Final = "http://publications.europa.eu/resource/authority"
_CONTEXT: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_RIGHTS: Final = {
    Sensitivity.UMUM: "PUBLIC",
    Sensitivity.TERBATAS: "RESTRICTED",
    Sensitivity.PRIBADI: "NON_PUBLIC",
}
# days at most → the frequency of the EU's list, which CKAN knows
_FREQUENCIES: Final = ((1, "DAILY"), (7, "WEEKLY"), (31, "MONTHLY"), (100, "QUARTERLY"), (366, "ANNUAL"))
_DAYS: Final = {"tahun": 365, "bulan": 30, "pekan": 7, "hari": 1, "jam": 0, "menit": 0}


def dcat(editions: Sequence[Edition]) -> dict[str, Any]:
    """The catalogue of these documents; at least one."""
    hub = editions[0].hub
    return {
        "@context": _CONTEXT,
        "@id": f"{hub.url}/katalog",
        "@type": "dcat:Catalog",
        "dct:title": _text(f"Katalog data {hub.instance.nama}"),
        "dct:description": _text("Dokumen Pertukaran dan Data Rujukan yang dikelola hub Simpul."),
        "dct:publisher": _office(f"{hub.url}/opd/{hub.instance.sop.walidata}", editions[0].guardian),
        "dct:language": {"@id": f"{_EU}/language/IND"},
        "dcat:dataset": [_dataset(edition) for edition in editions],
    }


def dcat_file(editions: Sequence[Edition]) -> bytes:
    """The catalogue as a file."""
    return json_bytes(dcat(editions))


def _dataset(edition: Edition) -> dict[str, Any]:
    contract, hub = edition.contract, edition.hub
    here = f"{hub.url}/katalog/{contract.opd}/{contract.document}"
    dataset: dict[str, Any] = {
        "@id": here,
        "@type": "dcat:Dataset",
        "dct:identifier": contract.name,
        "dct:title": _text(edition.title),
        "dct:description": _text(contract.doc),
        "dcat:version": str(edition.version),
        "dcat:keyword": [_text(word) for word in (human(contract.entity), contract.opd, "data induk")],
        "dct:publisher": _office(f"{hub.url}/opd/{contract.opd}", edition.agency),
        "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/{_frequency(contract)}"},
        "dct:accessRights": {"@id": f"{_EU}/access-right/{_RIGHTS[contract.sensitivity]}"},
        "dct:language": {"@id": f"{_EU}/language/IND"},
        "dct:spatial": _text(hub.instance.nama),
        "dcat:contactPoint": {
            "@type": "vcard:Organization",
            "vcard:fn": contract.owner,
            "vcard:hasEmail": {"@id": f"mailto:{contract.contact}"},
        },
        "dcat:landingPage": {"@id": here},
        "dcat:distribution": [
            _distribution(edition, "openapi", "API rujukan (OpenAPI 3.1)", "application/json"),
            _distribution(edition, "json-schema", "Skema JSON satu baris", "application/schema+json"),
            _distribution(edition, "csv", "Contoh berkas CSV (data buatan)", "text/csv"),
            _distribution(edition, "dictionary", "Kamus data", "text/html"),
        ],
    }
    if contract.legal_basis:
        dataset["dct:provenance"] = {"@type": "dct:ProvenanceStatement", "dct:description": _text(contract.legal_basis)}
    return dataset


def _distribution(edition: Edition, name: str, title: str, media: str) -> dict[str, Any]:
    address = f"{edition.hub.url}/katalog/{edition.contract.opd}/{edition.contract.document}/berkas/{name}"
    return {
        "@id": f"{address}#distribusi",
        "@type": "dcat:Distribution",
        "dct:title": _text(title),
        "dcat:accessURL": {"@id": address},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media}"},
    }


def _office(address: str, name: str) -> dict[str, Any]:
    return {"@id": address, "@type": "foaf:Organization", "foaf:name": name}


def _frequency(contract: Contract) -> str:
    count, unit = duration(contract.freshness)
    days = count * _DAYS[unit]
    return next((name for most, name in _FREQUENCIES if days <= most), "IRREG")


def _text(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "id"}

"""What tells people and catalogues of documents: the dictionary, DCAT, the metadata for BPS."""

import io
import json
from dataclasses import replace
from html.parser import HTMLParser

import openpyxl
import pytest
from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef

from registry.artefacts import CATALOGUE_EXPORTS, EXPORTS, Edition
from schemas.contract import Contract
from tests.registry.test_artefacts import CONTRACTS, HUB, of_each_contract

EDITIONS = [Edition(contract, HUB) for contract in CONTRACTS]


class Page(HTMLParser):
    """The elements, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(contract: Contract) -> Page:
    return Page(EXPORTS["dictionary"].make(Edition(contract, HUB)).decode())


@of_each_contract
def test_the_dictionary_tells_of_every_field_and_rule_and_holds_no_script(contract: Contract) -> None:
    found = page(contract)

    assert {"script", "style", "iframe"} & set(found.elements) == set()
    assert [name for name, _ in found.attributes if name.startswith(("on", "style", "hx-"))] == []
    assert {field.name for field in contract.fields} <= set(found.texts)
    assert {rule.message for rule in (*contract.rules, *contract.checks)} <= set(found.texts)
    assert ("lang", "id") in found.attributes


def test_a_hostile_text_of_a_contract_stays_text() -> None:
    contract = CONTRACTS[0]
    hostile = replace(contract, doc="<script>alert(1)</script>", owner='"><img src=x onerror=alert(1)>')

    found = page(hostile)

    assert {"script", "img"} & set(found.elements) == set()


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own reader
def test_the_catalogue_is_the_graph_that_ckan_reads() -> None:
    graph = Graph().parse(data=CATALOGUE_EXPORTS["dcat"].make(EDITIONS), format="json-ld")

    datasets = set(graph.subjects(RDF.type, DCAT.Dataset))
    named = {str(name) for dataset in datasets for name in graph.objects(dataset, DCTERMS.identifier)}
    catalogue = URIRef(f"{HUB.url}/katalog")
    assert named == {contract.name for contract in CONTRACTS}
    assert set(graph.objects(catalogue, DCAT.dataset)) == datasets
    for dataset in datasets:
        for needed in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.contactPoint, DCAT.distribution):
            assert (dataset, needed, None) in graph
        assert all((each, DCAT.accessURL, None) in graph for each in graph.objects(dataset, DCAT.distribution))


def test_a_document_with_personal_data_is_not_public_in_the_catalogue() -> None:
    found = json.loads(CATALOGUE_EXPORTS["dcat"].make(EDITIONS))
    rights = {
        each["dct:identifier"]: each["dct:accessRights"]["@id"].rpartition("/")[2] for each in found["dcat:dataset"]
    }

    assert rights == {
        contract.name: {"umum": "PUBLIC", "terbatas": "RESTRICTED", "pribadi": "NON_PUBLIC"}[contract.sensitivity]
        for contract in CONTRACTS
    }


def test_the_metadata_for_bps_have_a_row_for_every_document_and_variable() -> None:
    book = openpyxl.load_workbook(io.BytesIO(CATALOGUE_EXPORTS["bps"].make(EDITIONS)))
    activities = list(book["MS-Kegiatan"].iter_rows(min_row=2, values_only=True))
    variables = list(book["MS-Variabel"].iter_rows(min_row=2, values_only=True))

    assert [row[0] for row in activities] == [contract.name for contract in CONTRACTS]
    assert [(row[0], row[2]) for row in variables] == [
        (contract.name, field.name) for contract in CONTRACTS for field in contract.fields
    ]
    public = {(row[0], row[2]) for row in variables if row[14] == "Ya"}
    assert ("disdukcapil.penduduk", "nik") not in public
    assert ("kominfo.wilayah", "nama") in public
    assert "belum dicocokkan" in str(list(book["Catatan"].iter_rows(values_only=True)))


@pytest.mark.parametrize("name", CATALOGUE_EXPORTS)
def test_the_same_documents_give_the_same_bytes(name: str) -> None:
    make = CATALOGUE_EXPORTS[name].make

    assert make(EDITIONS) == make([Edition(contract, HUB) for contract in CONTRACTS])
